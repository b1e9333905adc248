//! A person writes a message on the phone.

use selfsame_runtime::random::Random;
use serde_json::{Map, Value, json};

use super::gesture::refuse_blocked;
use super::scene::{Scene, account};
use super::{Gesture, GestureRefusal, PhoneFiles};
use crate::chaos::{Target, answer_rule, commands};
use crate::domain::keys::MessageKey;
use crate::domain::media::Media;
use crate::domain::message::{Content, Origin};
use crate::domain::messaging::{Act, UNSUPPORTED, message_said};
use crate::domain::thread::Side;
use crate::hub::StreamEvent;
use crate::store::{Durability, Failure, StoreError, Tx, assets, chaos, media, messages, threads};
use crate::switches::Switches;
use crate::world::World;

/// Longest text that a phone sends, in bytes. The API's own limit is shorter.
const PHONE_TEXT_BYTES_MAX: usize = 20_000;
/// An attachment of this kind becomes what the shared media is.
const GENERIC_SHARE: &str = "share";
/// How many messages back a tapped quick reply is looked for.
const QUICK_REPLY_LOOKBACK: i64 = 50;

/// A message typed on the phone. References are usernames, with or without `@`.
#[derive(Debug, Clone, Default)]
pub struct Dm {
    /// Who writes.
    pub sender: String,
    /// To whom; the sender herself for a self message.
    pub recipient: String,
    /// Text.
    pub text: Option<String>,
    /// One attachment.
    pub attachment: Option<DmAttachment>,
    /// Files of the person's own machine.
    pub files: PhoneFiles,
    /// The heart sticker.
    pub like_heart: bool,
    /// Mid of the message it answers inline.
    pub reply_to: Option<String>,
    /// Payload of the quick reply that was tapped.
    pub quick_reply: Option<String>,
    /// Media id of the story that it answers.
    pub story: Option<String>,
    /// `referral` as in webhooks: the ad, shop or link that the person came from.
    pub referral: Option<Value>,
}

/// An attachment that a person sends, by URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DmAttachment {
    /// `image`, `video`, `audio`, `file`, `share`, `story_mention`, `ephemeral`, …
    pub kind: String,
    /// Where it lies.
    pub url: Option<String>,
    /// Media id of the post, reel or story that it shares.
    pub media: Option<String>,
}

impl World {
    /// Writes a message as a person and notifies the apps of every professional account in the thread.
    pub async fn dm(&self, dm: Dm) -> Result<Gesture, Failure<GestureRefusal>> {
        let (random, switches, now) = (self.random.clone(), self.switches.current(), self.clock.now());
        let asks_for_faults =
            switches.chaos_magic_text && dm.text.as_deref().is_some_and(|text| !commands(text).is_empty());
        let gesture = self
            .store
            .write(Durability::Durable, move |tx| write(tx, &random, &switches, &dm, now))
            .await?;
        if asks_for_faults {
            self.chaos.arm(Target::Graph);
        }
        self.deliveries.ring();
        Ok(gesture)
    }
}

fn write(
    tx: &Tx<'_>,
    random: &Random,
    switches: &Switches,
    dm: &Dm,
    now: jiff::Timestamp,
) -> Result<Gesture, Failure<GestureRefusal>> {
    let now_ms = now.as_millisecond();
    let sender = account(tx, &dm.sender, "as")?;
    let recipient = account(tx, &dm.recipient, "to")?;
    let is_self = sender.key == recipient.key;
    if !is_self && !sender.kind.is_professional() && !recipient.kind.is_professional() {
        return Err(Failure::Refused(GestureRefusal::NoProfessional {
            a: sender.username,
            b: recipient.username,
        }));
    }
    if !is_self {
        refuse_blocked(tx, &sender, &recipient)?;
    }
    let actor = sender.key;
    let written_to = recipient.username.clone();
    let mut scene = Scene::open(tx, random, sender, recipient, now_ms)?;
    let files = dm.files.ready(random, actor, now_ms).map_err(Failure::Refused)?;
    let shown = files.iter().map(|(_, shown)| shown.clone()).collect();
    let content = content(tx, &scene, dm, shown, now_ms)?;
    let mid = scene.mint_mid(tx, random)?;
    let side = if is_self || scene.thread.b == actor {
        Side::Person
    } else {
        Side::Business
    };
    scene.gesture(actor, now_ms);
    let key: MessageKey = messages::insert(
        tx,
        &messages::NewMessage {
            mid: mid.clone(),
            thread: scene.thread.key,
            sender: actor,
            side,
            origin: Origin::Phone,
            app: None,
            content: content.clone(),
            comment: None,
            created_at_ms: now_ms,
        },
    )?;
    for (file, _) in &files {
        assets::insert(tx, file, now_ms)?;
        assets::attach(tx, &file.asset_id, key)?;
    }
    threads::update(tx, &scene.thread)?;
    tx.tell(StreamEvent::Message, key.0)?;
    let act = Act {
        actor,
        origin: Origin::Phone,
        mid: &mid,
        at: now,
    };
    let told = message_said(&scene.parties, act, &content, None, switches);
    let notifications = scene.tell(tx, switches, told, now_ms)?;
    if switches.chaos_magic_text
        && let Some(text) = &content.text
    {
        ask_for_faults(tx, &written_to, text)?;
    }
    Ok(Gesture {
        mid,
        thread: scene.thread.key,
        notifications,
    })
}

/// Faults that the text asks for in the answers of the account that was written to.
fn ask_for_faults(tx: &Tx<'_>, written_to: &str, text: &str) -> Result<(), StoreError> {
    for magic in commands(text) {
        if let Some(rule) = answer_rule(&magic, written_to) {
            chaos::append_magic(tx, &rule)?;
        }
    }
    Ok(())
}

/// What the message carries, checked; `files` as it shows them.
fn content(
    tx: &Tx<'_>,
    scene: &Scene,
    dm: &Dm,
    files: Vec<Value>,
    now_ms: i64,
) -> Result<Content, Failure<GestureRefusal>> {
    let mut content = Content {
        text: dm.text.clone().filter(|text| !text.is_empty()),
        attachments: files,
        ..Content::default()
    };
    if let Some(payload) = &dm.quick_reply {
        content.quick_reply = Some(payload.clone());
        if content.text.is_none() {
            content.text = quick_reply_title(tx, scene, payload)?;
        }
    }
    if let Some(text) = &content.text
        && text.len() > PHONE_TEXT_BYTES_MAX
    {
        return Err(Failure::Refused(GestureRefusal::TooLong {
            bytes: text.len(),
            max: PHONE_TEXT_BYTES_MAX,
        }));
    }
    if let Some(attachment) = &dm.attachment {
        content.attachments.push(attachment_value(tx, attachment, now_ms)?);
    }
    if dm.like_heart {
        content.attachments.push(json!({"type": "like_heart"}));
    }
    if content.text.is_none() && content.attachments.is_empty() {
        return Err(Failure::Refused(GestureRefusal::Empty));
    }
    if let Some(mid) = &dm.reply_to {
        let answered = messages::by_mid(tx, mid)?.filter(|message| message.thread == scene.thread.key);
        match answered {
            None => return Err(Failure::Refused(GestureRefusal::UnknownMessage { mid: mid.clone() })),
            Some(answered) if answered.deleted_at_ms.is_some() => {
                return Err(Failure::Refused(GestureRefusal::Unsent));
            }
            Some(_) => {}
        }
        content.reply_to = Some(json!({"mid": mid}));
    }
    if let Some(id) = &dm.story {
        let story = living_media(tx, id, now_ms)?;
        if !story.is_story() {
            return Err(Failure::Refused(GestureRefusal::NoStory { media: id.clone() }));
        }
        content.reply_to = Some(json!({"story": {"url": story.url(), "id": story.media_id.as_str()}}));
    }
    content.referral.clone_from(&dm.referral);
    Ok(content)
}

fn living_media(tx: &Tx<'_>, id: &str, now_ms: i64) -> Result<Media, Failure<GestureRefusal>> {
    let unknown = || Failure::Refused(GestureRefusal::UnknownMedia { media: id.to_owned() });
    let found = media::by_id(tx, id)?.ok_or_else(unknown)?;
    if found.has_expired(now_ms) {
        return Err(Failure::Refused(GestureRefusal::StoryExpired { media: id.to_owned() }));
    }
    Ok(found)
}

/// What webhooks show of shared media: a post by its id, a reel by its video's, a story by its picture (contract: webhooks §4.5).
fn shared(kind: &str, media: &Media) -> Value {
    let kind = match (kind, media.media_product_type.as_str()) {
        (GENERIC_SHARE, "REELS") => "ig_reel",
        (GENERIC_SHARE, "STORY") => "ig_story",
        (GENERIC_SHARE, _) => "ig_post",
        (named, _) => named,
    };
    let mut payload = Map::new();
    payload.insert("url".to_owned(), media.url().into());
    let is_story = matches!(kind, "story_mention" | "ig_story" | "story");
    if let Some(caption) = media.caption.as_ref().filter(|_| !is_story) {
        payload.insert("title".to_owned(), caption.as_str().into());
    }
    let id_name = match kind {
        "ig_post" => Some("ig_post_media_id"),
        "ig_reel" | "reel" => Some("reel_video_id"),
        _ => None,
    };
    if let Some(name) = id_name {
        payload.insert(name.to_owned(), media.media_id.as_str().into());
    }
    json!({"type": kind, "payload": payload})
}

fn attachment_value(tx: &Tx<'_>, attachment: &DmAttachment, now_ms: i64) -> Result<Value, Failure<GestureRefusal>> {
    if let Some(id) = &attachment.media {
        return Ok(shared(&attachment.kind, &living_media(tx, id, now_ms)?));
    }
    let kind = match attachment.kind.as_str() {
        "unsupported" => UNSUPPORTED,
        other => other,
    };
    let mut value = Map::new();
    value.insert("type".to_owned(), kind.into());
    if let Some(url) = &attachment.url {
        value.insert("payload".to_owned(), json!({"url": url}));
    }
    Ok(Value::Object(value))
}

/// The title of the chip with this payload, in the newest messages of the thread.
fn quick_reply_title(tx: &Tx<'_>, scene: &Scene, payload: &str) -> Result<Option<String>, Failure<GestureRefusal>> {
    let recent = messages::newest(tx, scene.thread.key, QUICK_REPLY_LOOKBACK)?;
    let chip = recent
        .iter()
        .flat_map(|message| &message.content.quick_replies)
        .find(|chip| chip.payload == payload);
    Ok(chip.map(|chip| chip.title.clone()))
}
