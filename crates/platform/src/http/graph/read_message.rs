//! `GET /{mid}` — one message; only the 20 most recent of a thread have details (contract: other-apis §6.2).

use selfsame_wire::flow::Feature;
use selfsame_wire::graph_error::GraphError;
use serde_json::{Value, json};

use super::call::{Call, Outcome, require, require_page_token};
use super::fields::{Field, requested};
use super::read_conversation::party;
use super::refusal::GraphRefusal;
use super::render::{RenderError, Rendered, Scope, graph_time, object, refused, render};
use crate::domain::caller::Caller;
use crate::domain::message::Message;
use crate::domain::messaging::UNSUPPORTED;
use crate::store::{messages, threads};

/// Messages of a thread whose details can be read.
const READABLE_MESSAGES: i64 = 20;
const DEFAULTS: [&str; 2] = ["id", "created_time"];
/// Kinds of attachments that are posts or reels of somebody.
const SHARES: [&str; 4] = ["share", "ig_post", "ig_reel", "reel"];
const DEFAULTS_IN_LIST: [&str; 3] = ["id", "created_time", "is_unsupported"];

/// Answers the call.
pub(super) async fn handle(call: &Call, caller: &Caller, found: Message) -> Outcome {
    require(caller, Feature::Messaging)?;
    require_page_token(caller)?;
    let fields = requested(&call.parameters);
    render(call, caller, move |scope| {
        let newest = messages::newest(scope.connection, found.thread, READABLE_MESSAGES)?;
        let is_recent = newest.iter().any(|recent| recent.key == found.key);
        if !is_recent || found.deleted_at_ms.is_some() {
            let why = "the message was unsent, or is older than the 20 messages of its thread that can be read";
            return Err(refused(GraphRefusal::new(
                GraphError::message_not_readable(scope.caller.flow()),
                why,
            )));
        }
        message(scope, &found, &fields, false)
    })
    .await
}

/// A message with the fields asked for.
pub(super) fn message(
    scope: &Scope<'_>,
    message: &Message,
    fields: &[Field],
    in_list: bool,
) -> Result<Value, RenderError> {
    let defaults: &[&str] = if in_list { &DEFAULTS_IN_LIST } else { &DEFAULTS };
    object(fields, defaults, |field| message_field(scope, message, field))
}

fn message_field(scope: &Scope<'_>, message: &Message, field: &Field) -> Rendered {
    let is_gone = message.deleted_at_ms.is_some();
    let value = match field.name.as_str() {
        "id" => message.mid.as_str().into(),
        "created_time" => graph_time(message.created_at_ms),
        "message" => if is_gone {
            ""
        } else {
            message.content.text.as_deref().unwrap_or_default()
        }
        .into(),
        "from" => party(scope, message.sender)?,
        "to" => {
            let thread = threads::by_key(scope.connection, message.thread)?;
            let other = thread.map_or(message.sender, |thread| thread.other(message.sender));
            json!({"data": [party(scope, other)?]})
        }
        "is_unsupported" => message
            .content
            .attachments
            .iter()
            .any(|stored| kind(stored) == Some(UNSUPPORTED))
            .into(),
        "attachments" if is_gone || message.content.attachments.is_empty() => return Ok(None),
        "attachments" => {
            json!({"data": message.content.attachments.iter().enumerate().map(attachment).collect::<Vec<_>>()})
        }
        "reactions" => {
            let found = messages::reactions(scope.connection, message.key)?;
            if found.is_empty() {
                return Ok(None);
            }
            let data: Vec<Value> = found
                .iter()
                .map(|one| json!({"reaction": one.reaction, "emoji": one.emoji, "users": [{"username": one.username}]}))
                .collect();
            json!({"data": data})
        }
        "reply_to" => {
            let Some(mid) = message
                .content
                .reply_to
                .as_ref()
                .and_then(|reply| reply.get("mid"))
                .and_then(Value::as_str)
            else {
                return Ok(None);
            };
            let answered = messages::by_mid(scope.connection, mid)?;
            json!({"mid": mid, "is_self_reply": answered.is_some_and(|answered| answered.sender == message.sender)})
        }
        "shares" if !is_gone => return Ok(shares(message)),
        "story" if !is_gone => return Ok(story(message)),
        "shares" | "story" | "tags" => return Ok(None),
        _ => return Err(RenderError::UnknownField(field.name.clone())),
    };
    Ok(Some(value))
}

/// The kind of an attachment, as in webhooks.
fn kind(stored: &Value) -> Option<&str> {
    stored.get("type")?.as_str()
}

/// Posts and reels that the message shares.
fn shares(message: &Message) -> Option<Value> {
    let links: Vec<Value> = message
        .content
        .attachments
        .iter()
        .filter(|stored| kind(stored).is_some_and(|kind| SHARES.contains(&kind)))
        .filter_map(|stored| Some(json!({"link": stored.pointer("/payload/url")?})))
        .collect();
    (!links.is_empty()).then(|| json!({"data": links}))
}

/// The story that the message answers, or in which it mentions the account.
fn story(message: &Message) -> Option<Value> {
    let answered = message.content.reply_to.as_ref().and_then(|reply| reply.get("story"));
    if let Some(story) = answered {
        return Some(json!({"reply_to": {"link": story.get("url"), "id": story.get("id")}}));
    }
    let mention = message
        .content
        .attachments
        .iter()
        .find(|stored| kind(stored) == Some("story_mention"))?;
    Some(json!({"mention": {"link": mention.pointer("/payload/url")}}))
}

fn attachment((index, stored): (usize, &Value)) -> Value {
    let url = stored.pointer("/payload/url").cloned().unwrap_or_default();
    let id = index.to_string();
    match kind(stored) {
        Some("image") => {
            json!({"id": id, "image_data": {"url": url, "preview_url": url, "width": 1080, "height": 1080, "max_width": 1080, "max_height": 1080, "render_as_sticker": false}})
        }
        Some("video") => {
            json!({"id": id, "video_data": {"url": url, "preview_url": url, "width": 1080, "height": 1080}})
        }
        Some("template") => json!({"id": id, "generic_template": stored.get("payload")}),
        _ => json!({"id": id, "file_url": url}),
    }
}
