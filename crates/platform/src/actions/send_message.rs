//! An app sends a message: to a person, to the account itself, or as the private reply to a comment.

use jiff::Timestamp;
use selfsame_runtime::random::Random;
use selfsame_wire::flow::Feature;
use selfsame_wire::ids::{IgScopedId, MessageId};
use selfsame_wire::send::{MessageContent, QuickReply, Recipient};
use serde_json::{Value, json};

use super::reach::check_reach;
use super::resolve_recipient::resolve_recipient;
use super::scene::{Scene, sees};
use crate::domain::account::Account;
use crate::domain::caller::Caller;
use crate::domain::content;
use crate::domain::keys::{CommentKey, DeliveryKey};
use crate::domain::limits::Class;
use crate::domain::message::{Content, Origin};
use crate::domain::messaging::{Act, message_said};
use crate::domain::private_reply;
use crate::domain::sending::{Ask, SendRuleBroken, check_person, check_self};
use crate::domain::thread::Side;
use crate::hub::StreamEvent;
use crate::rates::RateBoard;
use crate::store::{
    Durability, Failure, Tx, accounts, apps, assets, comments, media, messages, thread_owners, threads,
};
use crate::switches::Switches;
use crate::world::World;

/// How the recipient was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendForm {
    /// `POST /{IGSID}/messages`, the documented self form; a recipient in the body must be the same.
    Path {
        /// The id in the path.
        igsid: String,
        /// `recipient.id` of the body, if there was one.
        body_recipient: Option<String>,
    },
    /// `POST /{account}/messages` with `recipient`.
    Standard(Recipient),
}

/// A message that an app sends. The token's permissions are checked by the caller.
#[derive(Debug, Clone)]
pub struct ApiMessage {
    /// Who calls.
    pub caller: Caller,
    /// To whom.
    pub form: SendForm,
    /// What.
    pub content: MessageContent,
    /// Attachments of media content, already fetched or looked up, as they appear in webhooks.
    pub media: Vec<Value>,
    /// Files among them that belong to this message alone.
    pub assets: Vec<String>,
    /// Chips.
    pub quick_replies: Vec<QuickReply>,
    /// Message answered inline.
    pub reply_to: Option<MessageId>,
    /// `tag`, upper case.
    pub tag: Option<String>,
}

/// A message that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its id.
    pub mid: MessageId,
    /// The person, as the account sees her.
    pub recipient: IgScopedId,
    /// Deliveries, suppressed ones included.
    pub notifications: Vec<DeliveryKey>,
}

/// Whom a send reaches.
struct Target {
    person: Account,
    igsid: IgScopedId,
    comment: Option<CommentKey>,
}

impl World {
    /// Sends. A refusal changes nothing.
    pub async fn send_message(&self, message: ApiMessage) -> Result<Sent, Failure<SendRuleBroken>> {
        let (random, switches, now) = (self.random.clone(), self.switches.current(), self.clock.now());
        let rates = self.rates.clone();
        let sent = self
            .store
            .write(Durability::Durable, move |tx| {
                write(tx, &random, &switches, &rates, &message, now)
            })
            .await?;
        self.deliveries.ring();
        Ok(sent)
    }
}

fn write(
    tx: &Tx<'_>,
    random: &Random,
    switches: &Switches,
    rates: &RateBoard,
    message: &ApiMessage,
    now: Timestamp,
) -> Result<Sent, Failure<SendRuleBroken>> {
    let now_ms = now.as_millisecond();
    let account = &message.caller.account;
    if !account.message_access {
        return Err(Failure::Refused(SendRuleBroken::MessageAccessDisabled));
    }
    let target = target(tx, random, switches, rates, message, now_ms)?;
    let thread = threads::between(tx, account.key, target.person.key)?;
    let is_self = target.person.key == account.key;
    let drop_quick_replies = check(tx, switches, message, &target, thread.as_ref(), now_ms)?;
    let content = build_content(tx, message, drop_quick_replies)?;

    let mut scene = Scene::open_in(tx, random, thread, account.clone(), target.person, now_ms)?;
    let mut stored = content;
    stored.reply_to = reply_to(tx, &scene, message)?;
    let mid = scene.mint_mid(tx, random)?;
    scene.api_send(account.key, now_ms);
    let key = messages::insert(
        tx,
        &messages::NewMessage {
            mid: mid.clone(),
            thread: scene.thread.key,
            sender: account.key,
            side: if is_self || scene.thread.a == account.key {
                Side::Business
            } else {
                Side::Person
            },
            origin: Origin::Api,
            app: Some(message.caller.app),
            content: stored.clone(),
            comment: target.comment,
            created_at_ms: now_ms,
        },
    )?;
    for asset in &message.assets {
        assets::attach(tx, asset, key)?;
    }
    if let Some(comment) = target.comment
        && !comments::record_private_reply(tx, comment, key, Some(message.caller.app), now_ms)?
    {
        return Err(Failure::Refused(SendRuleBroken::PrivateReplyTwice));
    }
    threads::update(tx, &scene.thread)?;
    tx.tell(StreamEvent::Message, key.0)?;
    let other_mid = if is_self && !switches.self_api_echo_same_mid {
        Some(scene.mint_tap_mid(tx, random)?)
    } else {
        None
    };
    let act = Act {
        actor: account.key,
        origin: Origin::Api,
        mid: &mid,
        at: now,
    };
    let told = message_said(&scene.parties, act, &stored, other_mid.as_ref(), switches);
    let notifications = scene.tell(tx, switches, told, now_ms)?;
    Ok(Sent {
        mid,
        recipient: target.igsid,
        notifications,
    })
}

fn target(
    tx: &Tx<'_>,
    random: &Random,
    switches: &Switches,
    rates: &RateBoard,
    message: &ApiMessage,
    now_ms: i64,
) -> Result<Target, Failure<SendRuleBroken>> {
    let account = &message.caller.account;
    match &message.form {
        SendForm::Path { igsid, body_recipient } => {
            if body_recipient.as_ref().is_some_and(|given| given != igsid) {
                return Err(Failure::Refused(SendRuleBroken::PathAndBodyDiffer));
            }
            let (person, igsid) = resolve_recipient(tx, &message.caller, igsid)?;
            if person.key != account.key {
                return Err(Failure::Refused(SendRuleBroken::PathFormForOtherPerson));
            }
            Ok(Target {
                person,
                igsid,
                comment: None,
            })
        }
        SendForm::Standard(Recipient::Id(id)) => {
            let (person, igsid) = resolve_recipient(tx, &message.caller, id.as_str())?;
            if person.key == account.key && !switches.self_standard_form {
                return Err(Failure::Refused(SendRuleBroken::StandardFormToSelf));
            }
            Ok(Target {
                person,
                igsid,
                comment: None,
            })
        }
        SendForm::Standard(Recipient::Comment(id)) => {
            let unknown = || {
                Failure::Refused(SendRuleBroken::CommentUnknown {
                    id: id.as_str().to_owned(),
                })
            };
            let comment = comments::by_id(tx, id.as_str())?.ok_or_else(unknown)?;
            let media = media::by_key(tx, comment.media)?.ok_or_else(unknown)?;
            private_reply::check(account.key, &media, &comment, now_ms, switches).map_err(Failure::Refused)?;
            let class = if media.is_live {
                Class::LivePrivateReplies
            } else {
                Class::PrivateReplies
            };
            let counted = (message.caller.app, Some(account.key));
            rates
                .take(counted, class, message.caller.flow(), switches, now_ms)
                .map_err(|exceeded| Failure::Refused(SendRuleBroken::TooManyCalls(exceeded)))?;
            let person = accounts::by_key(tx, comment.author)?.ok_or_else(unknown)?;
            let igsid = sees(tx, random, account, person.key)?.ok_or_else(unknown)?;
            Ok(Target {
                person,
                igsid,
                comment: Some(comment.key),
            })
        }
    }
}

/// The rules of the thread; `true` when the chips are to be dropped.
fn check(
    tx: &Tx<'_>,
    switches: &Switches,
    message: &ApiMessage,
    target: &Target,
    thread: Option<&crate::domain::thread::Thread>,
    now_ms: i64,
) -> Result<bool, Failure<SendRuleBroken>> {
    let caller = &message.caller;
    let ask = Ask {
        has_quick_replies: !message.quick_replies.is_empty(),
        tag: message.tag.as_deref(),
        human_agent_granted: message.tag.is_none() || apps::has_feature(tx, caller.app, apps::HUMAN_AGENT_FEATURE)?,
    };
    if let Some(thread) = thread
        && let Some(owner) =
            thread_owners::of(tx, thread.key, caller.account.key, switches.thread_active_since(now_ms))?
        && !thread_owners::is_app(tx, &owner, caller.app)?
    {
        return Err(Failure::Refused(SendRuleBroken::NotThreadOwner {
            app: thread_owners::name_of(tx, &owner)?,
        }));
    }
    if target.person.key == caller.account.key {
        return check_self(&caller.account, thread, ask, switches).map_err(Failure::Refused);
    }
    let feature = if target.comment.is_some() {
        Feature::Comments
    } else {
        Feature::Messaging
    };
    check_reach(tx, caller, &target.person, feature, switches)?;
    // The one private reply needs no open window: the comment opened it.
    if target.comment.is_none() {
        check_person(&caller.account, thread, ask, now_ms).map_err(Failure::Refused)?;
    }
    Ok(false)
}

fn build_content(
    tx: &Tx<'_>,
    message: &ApiMessage,
    drop_quick_replies: bool,
) -> Result<Content, Failure<SendRuleBroken>> {
    let quick_replies = if drop_quick_replies {
        &[]
    } else {
        message.quick_replies.as_slice()
    };
    let mut attachments = message.media.clone();
    if let MessageContent::MediaShare(id) = &message.content {
        let not_yours = || {
            Failure::Refused(SendRuleBroken::MediaNotYours {
                id: id.as_str().to_owned(),
            })
        };
        let shared = media::by_id(tx, id.as_str())?
            .filter(|media| media.owner == message.caller.account.key)
            .ok_or_else(not_yours)?;
        let mut payload = json!({"url": shared.permalink(), "ig_post_media_id": shared.media_id.as_str()});
        if let (Some(caption), Some(payload)) = (&shared.caption, payload.as_object_mut()) {
            payload.insert("title".to_owned(), caption.as_str().into());
        }
        attachments = vec![json!({"type": "ig_post", "payload": payload})];
    }
    Ok(content::from_request(&message.content, attachments, quick_replies))
}

fn reply_to(tx: &Tx<'_>, scene: &Scene, message: &ApiMessage) -> Result<Option<Value>, Failure<SendRuleBroken>> {
    let Some(mid) = &message.reply_to else { return Ok(None) };
    let answered = messages::by_mid(tx, mid.as_str())?
        .filter(|answered| answered.thread == scene.thread.key && answered.deleted_at_ms.is_none());
    if answered.is_none() {
        return Err(Failure::Refused(SendRuleBroken::MessageUnknown {
            mid: mid.as_str().to_owned(),
        }));
    }
    Ok(Some(json!({"mid": mid.as_str()})))
}
