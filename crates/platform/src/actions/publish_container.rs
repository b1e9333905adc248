//! An app prepares media in a container and publishes it (contract: other-apis §6.7).

use selfsame_wire::ids::MediaId;

use crate::domain::caller::Caller;
use crate::domain::container::{
    CHILDREN_MAX, CHILDREN_MIN, Container, ContainerKind, QUOTA, QUOTA_MS, Status, is_caption_allowed,
};
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
    /// Whether its file is still to be fetched.
    pub is_fetching: bool,
}

/// Why media is not prepared or published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishRefusal {
    /// No container of this id, or none of this account.
    Unknown {
        /// As given.
        id: String,
    },
    /// A child of an album that is no container made for one.
    UnknownChild {
        /// As given.
        id: String,
    },
    /// Its file is still being fetched or cannot be published, or it was published before.
    NotReady {
        /// As given.
        id: String,
        /// How far it is.
        status: Status,
    },
    /// Made for an album, so not published alone.
    IsItem {
        /// As given.
        id: String,
    },
    /// The caption is too long, or has too many tags.
    Caption,
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
                if !is_caption_allowed(prepare.caption.as_deref().unwrap_or_default()) {
                    return Err(Failure::Refused(PublishRefusal::Caption));
                }
                if prepare.kind == ContainerKind::Carousel {
                    let count = prepare.children.len();
                    if !(CHILDREN_MIN..=CHILDREN_MAX).contains(&count) {
                        return Err(Failure::Refused(PublishRefusal::ChildCount { count }));
                    }
                    for id in &prepare.children {
                        let child =
                            containers::by_id(tx, id)?.filter(|child| child.account == account && child.is_item);
                        if child.is_none() {
                            return Err(Failure::Refused(PublishRefusal::UnknownChild { id: id.clone() }));
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
                    is_fetching: prepare.is_fetching,
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
        let children = containers::by_ids(tx, &container.children)?;
        let status = container.status(&children, now_ms);
        if status != Status::Finished {
            return Err(Failure::Refused(PublishRefusal::NotReady { id, status }));
        }
        if container.is_item {
            return Err(Failure::Refused(PublishRefusal::IsItem { id }));
        }
        if containers::published_since(tx, account, now_ms.saturating_sub(QUOTA_MS))? >= QUOTA {
            return Err(Failure::Refused(PublishRefusal::Quota));
        }
        containers::published(tx, container.key, now_ms)?;
        let mut album = self.media_of(&container);
        album.media_url = album.media_url.or_else(|| children.first()?.media_url.clone());
        let mut items: Vec<NewMedia> = children.iter().map(|child| self.media_of(child)).collect();
        album.children = items.iter().map(|item| item.media_id.clone()).collect();
        let key = media::insert(tx, &album, now_ms)?;
        for item in &mut items {
            item.parent = Some(key);
            media::insert(tx, item, now_ms)?;
        }
        self.tell_mentions(tx, key, now_ms)?;
        Ok(album.media_id)
    }

    /// What a container becomes.
    fn media_of(&self, container: &Container) -> NewMedia {
        let (product, media_type) = container.media_types();
        NewMedia {
            media_id: identifiers::media_id(&self.random),
            owner: container.account,
            media_product_type: product.to_owned(),
            media_type: media_type.to_owned(),
            caption: container.caption.clone(),
            shortcode: identifiers::shortcode(&self.random),
            media_url: container.media_url.clone(),
            children: Vec::new(),
            ad: None,
            is_live: false,
            parent: None,
        }
    }

    /// Deletes media of the caller's; its comments go with it.
    pub async fn delete_media(&self, media: crate::domain::keys::MediaKey) -> Result<bool, Failure<PublishRefusal>> {
        let now_ms = self.clock.now_ms();
        self.store
            .write(Durability::Durable, move |tx| Ok(media::delete(tx, media, now_ms)?))
            .await
    }
}
