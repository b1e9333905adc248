//! From the steps of a decision to sends in a lane.

use selfsame_queue::NewJob;
use selfsame_runtime::db::Tx;
use selfsame_wire::ids::{IgScopedId, IgUserId};
use selfsame_wire::send::{MessageContent, OutgoingMessage, SendBody, SendRequest};
use serde_json::Value;

use crate::automation::PlannedStep;
use crate::inbox::recognise::Said;
use crate::inbox::{comments_place, lane, mentions_place, thread_place};
use crate::store::queues::OUTBOX;
use crate::store::sends::{self, NewSend};
use crate::store::{StoreError, events};

/// Why something is said, and to whom.
#[derive(Debug, Clone, Copy)]
pub struct Cause<'a> {
    /// The event it answers.
    pub event_id: i64,
    /// Who says it.
    pub account: &'a IgUserId,
    /// Who is answered.
    pub person: &'a IgScopedId,
    /// Whether she is the owner herself.
    pub own: bool,
    /// The media of the comment that is answered, where known.
    pub media: Option<&'a str>,
    /// Process time in milliseconds.
    pub now_ms: i64,
    /// World time in milliseconds.
    pub now_world_ms: i64,
}

/// Records the steps as sends, in order, in the transaction that records the decision. Answers how
/// many there are.
pub fn record(tx: &Tx<'_>, cause: &Cause<'_>, steps: &[PlannedStep]) -> Result<usize, StoreError> {
    if steps.is_empty() {
        events::set_silent(tx, cause.event_id, true)?;
    }
    record_from(tx, cause, 0, steps)
}

/// Records further steps of an event that has answers already; `first` is the place of the first.
pub fn record_from(tx: &Tx<'_>, cause: &Cause<'_>, first: i64, steps: &[PlannedStep]) -> Result<usize, StoreError> {
    for (step_index, step) in (first..).zip(steps) {
        record_one(tx, cause, step_index, None, step)?;
    }
    Ok(steps.len())
}

/// Records one send at the end of its lane.
pub(super) fn record_one(
    tx: &Tx<'_>,
    cause: &Cause<'_>,
    step_index: i64,
    again_of: Option<i64>,
    step: &PlannedStep,
) -> Result<i64, StoreError> {
    let lane = lane(cause.account, cause.person);
    let (place, said) = match step {
        PlannedStep::Send { message } => (
            Some(thread_place(cause.account, cause.person)),
            Some(said_by(message.message())),
        ),
        PlannedStep::Relay { body, .. } => (
            Some(thread_place(cause.account, cause.person)),
            Some(said_by_body(body)),
        ),
        PlannedStep::Reply { text, .. } | PlannedStep::Comment { text, .. } => {
            (Some(comments_place(cause.account)), Some(Said::Text(text.clone())))
        }
        PlannedStep::ReplyToMention { text, .. } => {
            (Some(mentions_place(cause.account)), Some(Said::Text(text.clone())))
        }
        PlannedStep::Typing { .. } | PlannedStep::React { .. } => (None, None),
    };
    let is_reply = matches!(step, PlannedStep::Reply { .. } | PlannedStep::Comment { .. });
    let step_json = serde_json::to_string(step).unwrap_or_default();
    let send_id = sends::insert(
        tx,
        &NewSend {
            event_id: cause.event_id,
            step_index,
            again_of,
            account: cause.account,
            person: cause.person,
            lane: &lane,
            place: place.as_deref(),
            own: cause.own,
            media: cause.media.filter(|_| is_reply),
            said: said.as_ref(),
            kind: kind_of(step),
            step: &step_json,
            created_at_ms: cause.now_ms,
        },
    )?;
    let payload = send_id.to_be_bytes();
    let job = NewJob {
        key: Some(&lane),
        payload: &payload,
        due_at_ms: cause.now_world_ms,
    };
    let job_id = OUTBOX.enqueue(tx, job)?;
    sends::set_job(tx, send_id, Some(job_id))?;
    Ok(send_id)
}

const fn kind_of(step: &PlannedStep) -> &'static str {
    match step {
        PlannedStep::Send { .. } | PlannedStep::Relay { .. } => "message",
        PlannedStep::Reply { .. } | PlannedStep::ReplyToMention { .. } | PlannedStep::Comment { .. } => "reply",
        PlannedStep::Typing { .. } => "typing",
        PlannedStep::React { .. } => "react",
    }
}

/// What the echo of a message will show.
fn said_by(message: &OutgoingMessage) -> Said {
    match message {
        OutgoingMessage::Text { text } => Said::Text(text.clone()),
        OutgoingMessage::Buttons { text, .. } => Said::Template {
            text: Some(text.clone()),
        },
        OutgoingMessage::Generic { .. } => Said::Template { text: None },
        OutgoingMessage::Media { .. } | OutgoingMessage::LikeHeart | OutgoingMessage::MediaShare { .. } => message
            .attachment_kind()
            .map_or(Said::Nothing, |kind| Said::Attachment { kind: kind.to_owned() }),
    }
}

/// What the echo of a body will show that somebody else wrote; whatever cannot be read shows nothing.
fn said_by_body(body: &Value) -> Said {
    let Ok(SendRequest {
        body: SendBody::Message { content, .. },
        ..
    }) = SendRequest::decode(body)
    else {
        // Instagram may know kinds of messages that we do not; a template is the likeliest.
        return match body.pointer("/message/text").and_then(Value::as_str) {
            Some(text) => Said::Text(text.to_owned()),
            None => Said::Template { text: None },
        };
    };
    match content {
        MessageContent::Text(text) => Said::Text(text),
        MessageContent::Buttons { text, .. } => Said::Template { text: Some(text) },
        MessageContent::Generic(_) => Said::Template { text: None },
        MessageContent::Media(media) => media.first().map_or(Said::Nothing, |media| Said::Attachment {
            kind: media.kind.name().to_owned(),
        }),
        MessageContent::LikeHeart => Said::Attachment {
            kind: "like_heart".to_owned(),
        },
        MessageContent::MediaShare(_) => Said::Attachment {
            kind: "share".to_owned(),
        },
    }
}
