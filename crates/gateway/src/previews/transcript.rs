//! The conversation of a preview, line by line.

use jiff::Timestamp;
use selfsame_wire::send::{Button, MediaSource, OutgoingMessage};
use serde::Serialize;

use super::feed;
use crate::automation::{Gesture, PlannedStep, Turn};
use crate::store::previews::{TalkRow, TalkSend};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineSide {
    /// The owner, as her own customer.
    Person,
    /// The automation.
    Business,
}

/// A button of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LineButton {
    /// What it says.
    pub title: String,
    /// What a tap sends back.
    #[schema(required)]
    pub payload: Option<String>,
    /// What a tap opens.
    #[schema(required)]
    pub url: Option<String>,
}

/// One thing that was done or said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Line {
    /// Unique in the conversation.
    pub id: String,
    /// When, RFC 3339, world time.
    pub at: String,
    /// Who.
    pub side: LineSide,
    /// `message`, `postback`, `comment`, …: what was done; `message`, `reply`, `typing`, `react`: what was
    /// answered; `time`: a time that was let pass.
    pub kind: String,
    /// The words.
    #[schema(required)]
    pub text: Option<String>,
    /// Buttons under them.
    pub buttons: Vec<LineButton>,
    /// A picture's address.
    #[schema(required)]
    pub image: Option<String>,
    /// `simulated`, or the state of the message as in `GET /api/v1/messages`.
    pub state: String,
    /// Why it is so.
    #[schema(required)]
    pub reason: Option<String>,
    /// The message it became on Instagram.
    #[schema(required)]
    pub mid: Option<String>,
}

/// The lines of a made-up conversation.
pub(super) fn of_turns(turns: &[Turn]) -> Vec<Line> {
    let mut lines = Vec::new();
    for (number, turn) in turns.iter().enumerate() {
        lines.push(gesture_line(number, turn.gesture.as_ref(), turn.at));
        for (place, step) in turn.steps.iter().enumerate() {
            let line = Line {
                state: "simulated".to_owned(),
                ..step_line(format!("t{number}-{place}"), turn.at, step)
            };
            lines.push(line);
        }
    }
    lines
}

fn gesture_line(number: usize, gesture: Option<&Gesture>, at: Timestamp) -> Line {
    Line {
        id: format!("t{number}"),
        at: at.to_string(),
        side: LineSide::Person,
        kind: gesture.map_or("time", Gesture::kind).to_owned(),
        text: gesture.and_then(Gesture::said).map(str::to_owned),
        buttons: Vec::new(),
        image: None,
        state: "simulated".to_owned(),
        reason: None,
        mid: None,
    }
}

/// The lines of a conversation in the owner's own thread.
pub(super) fn of_talk(rows: &[TalkRow], gesture: Option<&Gesture>) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut last_event = None;
    for row in rows {
        let at = Timestamp::from_millisecond(row.occurred_at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        if last_event != Some(row.event_id) {
            last_event = Some(row.event_id);
            let kind = match gesture {
                Some(gesture) if row.kind == feed::KIND => gesture.kind(),
                _ => &row.kind,
            };
            lines.push(Line {
                id: format!("e{}", row.event_id),
                at: at.to_string(),
                side: LineSide::Person,
                kind: kind.to_owned(),
                text: row.said.clone(),
                buttons: Vec::new(),
                image: None,
                state: row.event_state.clone(),
                reason: row.event_reason.clone(),
                mid: None,
            });
        }
        if let Some(send) = &row.send {
            lines.extend(send_line(send, at));
        }
    }
    lines
}

fn send_line(send: &TalkSend, cause_at: Timestamp) -> Option<Line> {
    let step: PlannedStep = serde_json::from_str(&send.step).ok()?;
    let at = send
        .ended_world_ms
        .and_then(|at| Timestamp::from_millisecond(at).ok())
        .unwrap_or(cause_at);
    Some(Line {
        state: send.state.clone(),
        reason: send.reason.clone(),
        mid: send.mid.clone(),
        ..step_line(format!("s{}", send.id), at, &step)
    })
}

fn step_line(id: String, at: Timestamp, step: &PlannedStep) -> Line {
    let (kind, text, buttons, image) = match step {
        PlannedStep::Typing { .. } => ("typing", None, Vec::new(), None),
        PlannedStep::React { reaction, .. } => ("react", Some(reaction.clone()), Vec::new(), None),
        PlannedStep::Reply { text, .. }
        | PlannedStep::ReplyToMention { text, .. }
        | PlannedStep::Comment { text, .. } => ("reply", Some(text.clone()), Vec::new(), None),
        PlannedStep::Relay { body, .. } => {
            let text = body.pointer("/message/text").and_then(|text| text.as_str());
            ("message", text.map(str::to_owned), Vec::new(), None)
        }
        PlannedStep::Send { message } => {
            let (text, buttons, image) = shown(message.message());
            ("message", text, buttons, image)
        }
    };
    Line {
        id,
        at: at.to_string(),
        side: LineSide::Business,
        kind: kind.to_owned(),
        text,
        buttons,
        image,
        state: String::new(),
        reason: None,
        mid: None,
    }
}

type Shown = (Option<String>, Vec<LineButton>, Option<String>);

fn shown(message: &OutgoingMessage) -> Shown {
    match message {
        OutgoingMessage::Text { text } => (Some(text.clone()), Vec::new(), None),
        OutgoingMessage::Buttons { text, buttons } => {
            (Some(text.clone()), buttons.iter().map(line_button).collect(), None)
        }
        OutgoingMessage::Media { media } => {
            let image = media.first().and_then(|media| match &media.source {
                MediaSource::Url(url) => Some(url.clone()),
                MediaSource::Attachment(_) | MediaSource::Filedata => None,
            });
            (None, Vec::new(), image)
        }
        // Automations send none of these.
        OutgoingMessage::Generic { .. } | OutgoingMessage::LikeHeart | OutgoingMessage::MediaShare { .. } => {
            (None, Vec::new(), None)
        }
    }
}

fn line_button(button: &Button) -> LineButton {
    match button {
        Button::Postback { title, payload } => LineButton {
            title: title.clone(),
            payload: Some(payload.clone()),
            url: None,
        },
        Button::WebUrl { title, url } => LineButton {
            title: title.clone(),
            payload: None,
            url: Some(url.clone()),
        },
    }
}
