//! The call of one send: which request, and what its end means.

use std::time::Duration;

use jiff::Timestamp;
use selfsame_client::{Caller, GraphClient, InDoubtCause, Outcome, PostedMessage, Usage};
use selfsame_runtime::clock::ProcessClock;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::{ErrorClass, GraphError};
use selfsame_wire::ids::{CommentId, MessageId};
use selfsame_wire::send::{Outgoing, SenderAction};
use serde_json::{Value, json};

use crate::automation::{PlannedStep, RelayTo};
use crate::store::ledger_accounts::SelfSendForm;

use super::worker::Turn;

/// How to call.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// On whose behalf.
    pub(super) caller: Caller,
    /// Which form the account's host takes for self messages.
    pub(super) self_send_form: SelfSendForm,
}

/// How a call ended.
#[derive(Debug)]
pub struct Ended {
    /// What became of the send.
    pub(super) fate: Fate,
    /// Instagram's clock, if it told it.
    pub(super) date: Option<Timestamp>,
    /// How much of the allowances Instagram says is used up.
    pub(super) usage: Usage,
    /// Whether the documented self form was refused and the standard form accepted.
    pub(super) standard_form_works: bool,
    /// Whom a message of an engine reached, if Instagram told it.
    pub(super) recipient: Option<String>,
}

/// What became of a send.
#[derive(Debug)]
pub(super) enum Fate {
    /// Accepted; the message or comment has this id.
    Sent { mid: String },
    /// Done; there is nothing to be echoed.
    Done,
    /// Refused or not sent; worth another try.
    TryAgain { reason: String, error: Option<GraphError> },
    /// Refused because of the token.
    Reconnect { error: GraphError },
    /// Refused for good.
    Refused { error: GraphError },
    /// Nobody knows.
    InDoubt { reason: String },
}

/// How long a typing step pauses; none for other steps.
pub(super) fn pause_of(step: &PlannedStep) -> Option<Duration> {
    match step {
        PlannedStep::Typing { duration_ms, .. } => Some(Duration::from_millis(u64::from(*duration_ms))),
        _ => None,
    }
}

/// The login that a step needs; none: either.
pub(super) const fn flow_of(step: &PlannedStep) -> Option<LoginFlow> {
    match step {
        // The Instagram login has no such edge (contract, webhooks §4.3).
        PlannedStep::ReplyToMention { .. } => Some(LoginFlow::Facebook),
        _ => None,
    }
}

/// Makes the call. Ends by the lease's deadline, whatever the network does.
pub(super) async fn make(client: &GraphClient, process: &ProcessClock, turn: &Turn) -> Ended {
    tokio::select! {
        ended = request(client, turn) => ended,
        () = process.sleep_until(turn.deadline) => match &turn.step {
            PlannedStep::Send { .. }
            | PlannedStep::Reply { .. }
            | PlannedStep::ReplyToMention { .. }
            | PlannedStep::Comment { .. }
            | PlannedStep::Relay { .. } => {
                Ended::new(Fate::InDoubt { reason: InDoubtCause::TimedOut.to_string() }, None)
            }
            PlannedStep::Typing { .. } | PlannedStep::React { .. } => Ended::new(Fate::Done, None),
        },
    }
}

async fn request(client: &GraphClient, turn: &Turn) -> Ended {
    let caller = &turn.call.caller;
    match &turn.step {
        PlannedStep::Send {
            message: outgoing @ Outgoing::ToSelf { to, message },
        } => {
            if turn.call.self_send_form == SelfSendForm::Standard {
                return Ended::of_message(client.send_message(caller, outgoing).await);
            }
            let first = client.send_to_self(caller, to, message).await;
            or_standard_form(first, client.send_message(caller, outgoing), Ended::of_message).await
        }
        PlannedStep::Send { message } => Ended::of_message(client.send_message(caller, message).await),
        PlannedStep::Reply { comment_id, text } => {
            Ended::of_reply(client.reply_to_comment(caller, comment_id, text).await)
        }
        PlannedStep::ReplyToMention { mention, text } => {
            let (media_id, comment_id) = (&mention.media_id, mention.comment_id.as_ref());
            let account = &turn.send.account;
            Ended::of_reply(
                client
                    .reply_to_mention(caller, account, media_id, comment_id, text)
                    .await,
            )
        }
        PlannedStep::Comment { media_id, text } => {
            Ended::of_reply(client.comment_on_media(caller, media_id, text).await)
        }
        PlannedStep::Relay { to, body } => relay(client, turn, to, body).await,
        PlannedStep::Typing { to, .. } => {
            if let Some(to) = to
                && let Err(error) = client.send_action(caller, to, &SenderAction::TypingOn).await
            {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "the typing sign was not shown"
                );
            }
            Ended::new(Fate::Done, None)
        }
        PlannedStep::React { to, mid, reaction } => {
            let action = SenderAction::React {
                message_id: mid.clone(),
                reaction: reaction.clone(),
            };
            match client.send_action(caller, to, &action).await {
                Ok(()) => Ended::new(Fate::Done, None),
                Err(error) => match (error.class(), error.graph_error()) {
                    (ErrorClass::Retry | ErrorClass::AlreadySent, _) => Ended::new(
                        Fate::TryAgain {
                            reason: error.to_string(),
                            error: error.graph_error().cloned(),
                        },
                        None,
                    ),
                    (_, Some(refusal)) => Ended::new(fate_of(refusal.clone()), None),
                    (_, None) => {
                        let refusal = GraphError::new("", 0, error.to_string());
                        Ended::new(Fate::Refused { error: refusal }, None)
                    }
                },
            }
        }
    }
}

/// The documented self form was tried; where the host does not take it, the standard form is tried once.
async fn or_standard_form<Id>(
    first: Outcome<Id>,
    standard: impl Future<Output = Outcome<Id>>,
    ended: impl Fn(Outcome<Id>) -> Ended,
) -> Ended {
    match first {
        Outcome::Refused { error, date, .. } if error.refuses_self_path_form() => {
            let mut second = ended(standard.await);
            second.standard_form_works = matches!(second.fate, Fate::Sent { .. });
            second.date = second.date.or(date);
            second
        }
        outcome => ended(outcome),
    }
}

/// Sends what an engine wrote, by the form that the account's host takes.
async fn relay(client: &GraphClient, turn: &Turn, to: &RelayTo, body: &Value) -> Ended {
    let caller = &turn.call.caller;
    let recipient = match to {
        RelayTo::SelfThread(id) | RelayTo::Person(id) => json!({ "id": id }),
        RelayTo::Comment(comment_id) => json!({ "comment_id": comment_id }),
    };
    let mut standard = json!({ "recipient": recipient });
    if let (Some(standard), Some(body)) = (standard.as_object_mut(), body.as_object()) {
        standard.extend(body.clone());
    }
    let standard = client.post_message(caller, "me", &standard);
    match to {
        RelayTo::SelfThread(id) if turn.call.self_send_form == SelfSendForm::Path => {
            let first = client.post_message(caller, id.as_str(), body).await;
            or_standard_form(first, standard, Ended::of_posted).await
        }
        _ => Ended::of_posted(standard.await),
    }
}

impl Ended {
    fn new(fate: Fate, date: Option<Timestamp>) -> Self {
        Self {
            fate,
            date,
            usage: Usage::default(),
            standard_form_works: false,
            recipient: None,
        }
    }

    fn of_posted(outcome: Outcome<PostedMessage>) -> Self {
        let recipient = match &outcome {
            Outcome::Sent { id, .. } => id.recipient.as_ref().map(ToString::to_string),
            _ => None,
        };
        Self {
            recipient,
            ..Self::of(outcome, |posted| posted.id.into_string())
        }
    }

    fn of_message(outcome: Outcome<MessageId>) -> Self {
        Self::of(outcome, MessageId::into_string)
    }

    fn of_reply(outcome: Outcome<CommentId>) -> Self {
        Self::of(outcome, CommentId::into_string)
    }

    fn of<Id>(outcome: Outcome<Id>, into_string: impl FnOnce(Id) -> String) -> Self {
        match outcome {
            Outcome::Sent { id, date, usage } => Self {
                usage,
                ..Self::new(Fate::Sent { mid: into_string(id) }, date)
            },
            Outcome::Refused { error, date, usage } => Self {
                usage,
                ..Self::new(fate_of(error), date)
            },
            Outcome::NotSent { cause } => Self::new(
                Fate::TryAgain {
                    reason: format!("not sent: {cause}"),
                    error: None,
                },
                None,
            ),
            Outcome::InDoubt { cause, date } => Self::new(
                Fate::InDoubt {
                    reason: cause.to_string(),
                },
                date,
            ),
        }
    }

    /// A bounded word for the metrics.
    pub(crate) const fn label(&self) -> &'static str {
        match self.fate {
            Fate::Sent { .. } => "sent",
            Fate::Done => "done",
            Fate::TryAgain { .. } => "retried",
            Fate::Reconnect { .. } => "reconnect",
            Fate::Refused { .. } => "refused",
            Fate::InDoubt { .. } => "in_doubt",
        }
    }
}

/// What a Graph error means for a send (contract "Client classification").
fn fate_of(error: GraphError) -> Fate {
    match error.classify() {
        ErrorClass::Retry => Fate::TryAgain {
            reason: error.to_string(),
            error: Some(error),
        },
        ErrorClass::Reauth => Fate::Reconnect { error },
        ErrorClass::AlreadySent => Fate::InDoubt {
            reason: error.to_string(),
        },
        ErrorClass::Permanent => Fate::Refused { error },
    }
}
