//! An app prepares media in a container and publishes it (contract: other-apis §6.7).

use selfsame_wire::ids::MediaId;

use crate::domain::caller::Caller;
use crate::domain::container::{CHILDREN_MAX, ContainerKind, QUOTA, QUOTA_MS};
use crate::domain::identifiers;
use crate::store::containers::NewContainer;
use crate::store::media::NewMedia;
use crate::store::{Durability, Failure, Tx, containers, media};
use crate::world::World;

/// Media to prepare.
#[derive(Debug, Clone)]
pub struct PrepareMedia {
    /// Who calls.
    pub caller: Caller,
    /// What it becomes.
    pub kind: ContainerKind,
    /// Whether its file is a film.
    pub is_video: bool,
    /// Made for an album.
    pub is_item: bool,
    /// Where the file lies.
    pub media_url: Option<String>,
    /// Text under the post.
    pub caption: Option<String>,
    /// Container ids of an album.
    pub children: Vec<String>,
}

/// Why media is not prepared or published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishRefusal {
    /// No container of this id, or none of this account.
    Unknown {
        /// As given.
        id: String,
    },
    /// Published before, expired, or made for an album.
    NotReady {
        /// As given.
        id: String,
        /// `PUBLISHED`, `EXPIRED` or `an item of an album`.
        state: &'static str,
    },
    /// An album of no children, or of too many.
    ChildCount {
        /// How many there were.
        count: usize,
    },
    /// The account has published as much as it may.
    Quota,
}

impl World {
    /// Prepares media and answers the id of its container.
    pub async fn prepare_media(&self, prepare: PrepareMedia) -> Result<String, Failure<PublishRefusal>> {
        let (random, now_ms) = (self.random.clone(), self.clock.now_ms());
        self.store
            .write(Durability::Durable, move |tx| {
                let account = prepare.caller.account.key;
                if prepare.kind == ContainerKind::Carousel {
                    let count = prepare.children.len();
                    if count == 0 || count > CHILDREN_MAX {
                        return Err(Failure::Refused(PublishRefusal::ChildCount { count }));
                    }
                    for id in &prepare.children {
                        let child =
                            containers::by_id(tx, id)?.filter(|child| child.account == account && child.is_item);
                        if child.is_none() {
                            return Err(Failure::Refused(PublishRefusal::Unknown { id: id.clone() }));
                        }
                    }
                }
                let container_id = identifiers::media_id(&random).into_string();
                let new = NewContainer {
                    container_id: container_id.clone(),
                    account,
                    kind: prepare.kind,
                    is_video: prepare.is_video,
                    is_item: prepare.is_item,
                    media_url: prepare.media_url,
                    caption: prepare.caption,
                    children: prepare.children,
                };
                containers::insert(tx, &new, now_ms)?;
                Ok(container_id)
            })
            .await
    }

    /// Publishes a container and answers the id of the media.
    pub async fn publish_container(&self, caller: Caller, id: String) -> Result<MediaId, Failure<PublishRefusal>> {
        let (world, now_ms) = (self.clone(), self.clock.now_ms());
        let media_id = self
            .store
            .write(Durability::Durable, move |tx| {
                world.publish_container_in(tx, &caller, id, now_ms)
            })
            .await?;
        self.deliveries.ring();
        Ok(media_id)
    }

    fn publish_container_in(
        &self,
        tx: &Tx<'_>,
        caller: &Caller,
        id: String,
        now_ms: i64,
    ) -> Result<MediaId, Failure<PublishRefusal>> {
        let account = caller.account.key;
        let found = containers::by_id(tx, &id)?.filter(|container| container.account == account);
        let Some(container) = found else {
            return Err(Failure::Refused(PublishRefusal::Unknown { id }));
        };
        let state = match container.status_code(now_ms) {
            "FINISHED" if container.is_item => Some("an item of an album"),
            "FINISHED" => None,
            other => Some(other),
        };
        if let Some(state) = state {
            return Err(Failure::Refused(PublishRefusal::NotReady { id, state }));
        }
        if containers::published_since(tx, account, now_ms.saturating_sub(QUOTA_MS))? >= QUOTA {
            return Err(Failure::Refused(PublishRefusal::Quota));
        }
        containers::published(tx, container.key, now_ms)?;
        let (product, media_type) = container.kind.media_types(container.is_video);
        let first_file = match container.children.first() {
            Some(first) => containers::by_id(tx, first)?.and_then(|child| child.media_url),
            None => None,
        };
        let media_id = identifiers::media_id(&self.random);
        let new = NewMedia {
            media_id: media_id.clone(),
            owner: account,
            media_product_type: product.to_owned(),
            media_type: media_type.to_owned(),
            caption: container.caption,
            shortcode: identifiers::shortcode(&self.random),
            media_url: container.media_url.or(first_file),
            children: container.children.into_iter().map(MediaId::new).collect(),
            ad: None,
            is_live: false,
        };
        let key = media::insert(tx, &new, now_ms)?;
        self.tell_mentions(tx, key, now_ms)?;
        Ok(media_id)
    }

    /// Deletes media of the caller's; its comments go with it.
    pub async fn delete_media(&self, media: crate::domain::keys::MediaKey) -> Result<bool, Failure<PublishRefusal>> {
        let now_ms = self.clock.now_ms();
        self.store
            .write(Durability::Durable, move |tx| Ok(media::delete(tx, media, now_ms)?))
            .await
    }
}
