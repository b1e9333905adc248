//! A professional account or a person publishes a post, reel, story or live broadcast, and ends the latter.

use super::comment::mentioned_accounts;
use super::create_app::refuse;
use super::{SetupRefusal, notify};
use crate::domain::commenting::mention_written;
use crate::domain::identifiers;
use crate::domain::keys::MediaKey;
use crate::domain::media::MediaAd;
use crate::domain::notification::Notification;
use crate::store::media::NewMedia;
use crate::store::{Durability, Failure, StoreError, Tx, accounts, media};
use crate::world::World;

/// Product types of the contract (webhooks §4.7), plus live broadcasts.
const PRODUCT_TYPES: [&str; 5] = ["FEED", "REELS", "STORY", "AD", "LIVE"];

/// Something to publish.
#[derive(Debug, Clone, Default)]
pub struct PublishMedia {
    /// Username of the owner, with or without `@`.
    pub account: String,
    /// Text under it.
    pub caption: Option<String>,
    /// `FEED` unless given.
    pub media_product_type: Option<String>,
    /// A broadcast that runs until it is ended.
    pub live: bool,
    /// Where its picture or video lies.
    pub media_url: Option<String>,
    /// The ad that it is shown as; makes it an `AD` unless another type is given.
    pub ad: Option<MediaAd>,
}

impl World {
    /// Publishes media.
    pub async fn publish_media(&self, publish: PublishMedia) -> Result<MediaKey, Failure<SetupRefusal>> {
        let (world, now_ms) = (self.clone(), self.clock.now_ms());
        let key = self
            .store
            .write(Durability::Durable, move |tx| {
                world.publish_media_in(tx, publish, now_ms)
            })
            .await?;
        self.deliveries.ring();
        Ok(key)
    }

    /// [`World::publish_media`] inside a transaction of the caller's.
    pub fn publish_media_in(
        &self,
        tx: &Tx<'_>,
        publish: PublishMedia,
        now_ms: i64,
    ) -> Result<MediaKey, Failure<SetupRefusal>> {
        let Some(owner) = accounts::by_username(tx, &publish.account)? else {
            return Err(Failure::Refused(SetupRefusal::UnknownAccount {
                field: "account",
                reference: publish.account,
            }));
        };
        let asked = publish.media_product_type.map_or_else(
            || {
                match (publish.live, &publish.ad) {
                    (true, _) => "LIVE",
                    (false, Some(_)) => "AD",
                    (false, None) => "FEED",
                }
                .to_owned()
            },
            |product| product.to_ascii_uppercase(),
        );
        if !PRODUCT_TYPES.contains(&asked.as_str()) {
            return refuse(
                "media_product_type",
                asked,
                &format!("one of {}", PRODUCT_TYPES.join(", ")),
            );
        }
        let is_live = publish.live || asked == "LIVE";
        let media_type = if is_live || asked == "REELS" { "VIDEO" } else { "IMAGE" };
        let new = NewMedia {
            media_id: identifiers::media_id(&self.random),
            owner: owner.key,
            // A broadcast is told as FEED in its comment webhooks' media object, as everything that is no story or reel.
            media_product_type: if asked == "LIVE" { "FEED".to_owned() } else { asked },
            media_type: media_type.to_owned(),
            caption: publish.caption,
            shortcode: identifiers::shortcode(&self.random),
            media_url: publish.media_url,
            children: Vec::new(),
            ad: publish.ad,
            is_live,
            parent: None,
        };
        let key = media::insert(tx, &new, now_ms)?;
        self.tell_mentions(tx, key, now_ms)?;
        Ok(key)
    }

    /// Tells the accounts that a caption names.
    pub(super) fn tell_mentions(&self, tx: &Tx<'_>, key: MediaKey, now_ms: i64) -> Result<(), StoreError> {
        let Some(published) = media::by_key(tx, key)? else {
            return Ok(());
        };
        let caption = published.caption.clone().unwrap_or_default();
        let at = jiff::Timestamp::from_millisecond(now_ms).unwrap_or_default();
        let told: Vec<Notification> = mentioned_accounts(tx, &caption, &[published.owner])?
            .iter()
            .map(|account| mention_written(account, &published, None, at))
            .collect();
        notify(tx, &self.switches.current(), &told, now_ms)?;
        Ok(())
    }

    /// Ends a live broadcast.
    pub async fn end_live(&self, id: String) -> Result<(), Failure<SetupRefusal>> {
        let now_ms = self.clock.now_ms();
        self.store
            .write(Durability::Durable, move |tx| {
                let Some(found) = media::by_id(tx, &id)? else {
                    return Err(Failure::Refused(SetupRefusal::UnknownMedia { media: id }));
                };
                if media::end_live(tx, found.key, now_ms)? {
                    Ok(())
                } else {
                    Err(Failure::Refused(SetupRefusal::NotLive { media: id }))
                }
            })
            .await
    }
}
