//! `POST /{node}/messages` — a message or a sender action (contract: send-api §5, self-messaging §8.1).

use selfsame_client::CallFailure;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::ids::{CommentId, IgScopedId, MessageId, ParticipantId};
use selfsame_wire::send::{
    MessageContent, Outgoing, QuickReply, Recipient, SendBody, SendRefusal, SendRequest, SendResponse, SenderAction,
};
use serde_json::{Value, json};

use super::answer::Refusal;
use super::door::Call;
use super::ending::{Asked, ask};
use super::pass::caller_of;
use super::upload;
use crate::automation::{OutgoingDraft, PlannedStep, RelayTo, fit_message};
use crate::store::accounts::Mode;
use crate::store::{events, settings};

/// Answers the call.
pub(super) async fn handle(call: &Call) -> Result<Value, Refusal> {
    let flow = call.speaker.flow;
    let is_path_form = is_path_form(call)?;
    let mut parameters = Value::Object(call.values.clone());
    if !call.files.is_empty() {
        name_file(&mut parameters, &Value::from(FILE_TO_COME));
    }
    let request = match SendRequest::decode(&parameters) {
        Ok(request) => Some(request),
        // A kind of message that we do not know: Instagram is the one to judge it.
        Err(SendRefusal::UnknownValue { .. }) if parameters.get("message").is_some() => None,
        Err(refusal) => return Err(Refusal::new(refusal.to_graph_error(flow), refusal.to_string())),
    };
    let recipient = match &request {
        Some(request) => request.recipient.clone(),
        None => recipient_of(&parameters),
    };
    let to = addressee(call, is_path_form, recipient).await?;
    refuse_while_silent(call, &to).await?;
    if let Some(SendRequest {
        body: SendBody::Action(action),
        ..
    }) = &request
    {
        return act(call, &to, action).await;
    }
    if !call.files.is_empty() {
        let message = parameters.get("message").cloned().unwrap_or_default();
        name_file(&mut parameters, &upload::file_of_message(call, &message).await?);
    }
    let steps = steps_of(call, &to, request.as_ref(), &parameters)?;
    let told = ask(call, &asked(&to), steps).await?.pop();
    let message_id = MessageId::new(told.as_ref().and_then(|told| told.id.clone()).unwrap_or_default());
    if is_path_form {
        return Ok(SendResponse::SelfForm { id: message_id }.to_body());
    }
    // Whom a private reply reaches, Instagram tells: the gateway may not have seen the comment.
    let told = told.and_then(|told| told.recipient).map(ParticipantId::new);
    let known = to.person.as_ref().map(ParticipantId::of_person);
    match known.or(told) {
        Some(recipient_id) => Ok(SendResponse::Standard {
            recipient_id,
            message_id,
        }
        .to_body()),
        None => Ok(json!({ "message_id": message_id })),
    }
}

/// Stands for the id of a file that is not uploaded yet, while the message is checked.
const FILE_TO_COME: &str = "0";

/// Puts the id of an uploaded file into a message, in the place of its payload. A message that is a text of JSON
/// becomes an object.
fn name_file(parameters: &mut Value, attachment_id: &Value) {
    let Some(message) = parameters.get_mut("message") else {
        return;
    };
    if let Value::String(text) = &*message
        && let Ok(parsed) = serde_json::from_str(text)
    {
        *message = parsed;
    }
    if let Some(attachment) = message.get_mut("attachment").and_then(Value::as_object_mut) {
        attachment.insert("payload".to_owned(), json!({ "attachment_id": attachment_id }));
    }
}

/// Whether the node is the account itself.
pub(super) fn is_own(call: &Call) -> bool {
    let account = &call.speaker.account;
    let node = call.node.as_str();
    node == "me"
        || node == account.ig_id.as_str()
        || account.app_scoped_id.as_ref().is_some_and(|id| id.as_str() == node)
        || account.page_id.as_ref().is_some_and(|id| id.as_str() == node)
}

/// To whom, as far as the gateway knows.
struct Addressee {
    to: RelayTo,
    person: Option<IgScopedId>,
    own: bool,
}

fn asked(to: &Addressee) -> Asked {
    Asked {
        person: to.person.clone(),
        own: to.own,
        place_of: match &to.to {
            RelayTo::Comment(comment_id) => Some(comment_id.as_str().to_owned()),
            RelayTo::SelfThread(_) | RelayTo::Person(_) => None,
        },
    }
}

/// Whether the path names the recipient: the documented self form.
fn is_path_form(call: &Call) -> Result<bool, Refusal> {
    let account = &call.speaker.account;
    let node = call.node.as_str();
    let is_self = account.self_igsid.as_ref().is_some_and(|id| id.as_str() == node);
    if is_own(call) || is_self {
        return Ok(is_self);
    }
    let why = match &account.self_igsid {
        Some(own) => format!(
            "messages of @{} are sent to /me/messages, /{}/messages, or /{own}/messages for its own thread",
            account.username, account.ig_id
        ),
        None => format!(
            "messages of @{} are sent to /me/messages or /{}/messages; the id of its own thread is not known \
             before it has messaged itself in Instagram",
            account.username, account.ig_id
        ),
    };
    Err(Refusal::unsupported(call.speaker.flow, "post", node, why))
}

/// `recipient` of a message whose kind we do not know.
fn recipient_of(parameters: &Value) -> Option<Recipient> {
    let recipient = match parameters.get("recipient")? {
        Value::String(text) => serde_json::from_str(text).ok()?,
        other => other.clone(),
    };
    let text = |name: &str| match recipient.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    text("comment_id")
        .map(|id| Recipient::Comment(CommentId::new(id)))
        .or_else(|| text("id").map(|id| Recipient::Id(ParticipantId::new(id))))
}

async fn addressee(call: &Call, is_path_form: bool, recipient: Option<Recipient>) -> Result<Addressee, Refusal> {
    let (flow, account) = (call.speaker.flow, &call.speaker.account);
    let in_self_thread = |own: &IgScopedId| Addressee {
        to: RelayTo::SelfThread(own.clone()),
        person: Some(own.clone()),
        own: true,
    };
    match (recipient, &account.self_igsid) {
        (None, Some(own)) if is_path_form => Ok(in_self_thread(own)),
        (None, _) => Err(Refusal::new(
            GraphError::parameter_required(flow, "recipient"),
            "recipient is missing; only the self form POST /{SELF_IGSID}/messages goes without it",
        )),
        (Some(Recipient::Id(id)), Some(own)) if id.is_person(own) => Ok(in_self_thread(own)),
        (Some(_), _) if is_path_form => Err(Refusal::new(
            GraphError::invalid_parameter(flow, "Param recipient must match the path"),
            "the path and recipient name two different people",
        )),
        (Some(Recipient::Id(id)), own) => {
            let is_account = id.is_account(&account.ig_id)
                || account
                    .app_scoped_id
                    .as_ref()
                    .is_some_and(|own| own.as_str() == id.as_str());
            if is_account {
                let known = own.as_ref().map_or("not known yet", IgScopedId::as_str);
                return Err(Refusal::new(
                    GraphError::no_matching_user(flow),
                    format!("that is the account's own id; its own thread goes by its self IGSID ({known})"),
                ));
            }
            let person = id.to_person();
            Ok(Addressee {
                to: RelayTo::Person(person.clone()),
                person: Some(person),
                own: false,
            })
        }
        (Some(Recipient::Comment(comment_id)), own) => {
            let (account, wanted) = (account.ig_id.clone(), comment_id.clone());
            let known = call
                .app
                .database
                .read(move |connection| events::find_comment(connection, &account, wanted.as_str()))
                .await?;
            // A private reply is for other people's comments; to the owner's own goes a self message.
            if let (Some(own), Some(true)) = (own, known.as_ref().map(|comment| comment.own)) {
                return Ok(in_self_thread(own));
            }
            Ok(Addressee {
                to: RelayTo::Comment(comment_id),
                person: known.and_then(|comment| comment.person),
                own: false,
            })
        }
    }
}

/// What nobody may say now: the kill switch, and an account in preview that would answer customers.
async fn refuse_while_silent(call: &Call, to: &Addressee) -> Result<(), Refusal> {
    super::ending::refuse_while_killed(call).await?;
    if !to.own && call.speaker.account.mode == Mode::PreviewOnly {
        return Err(in_preview(call));
    }
    Ok(())
}

/// The account answers nobody but its owner.
pub(super) fn in_preview(call: &Call) -> Refusal {
    let error = GraphError::on(
        call.speaker.flow,
        10,
        "Application does not have permission for this action",
    );
    Refusal::new(
        error.with_status(403),
        "the account is in preview: nobody but its owner is answered. \
         PATCH /api/v1/accounts/{id} {\"mode\": \"live\"} changes that",
    )
}

/// What is sent: what the engine wrote, as it is. Only quick replies into the self thread, which
/// Instagram refuses, become buttons.
fn steps_of(
    call: &Call,
    to: &Addressee,
    request: Option<&SendRequest>,
    parameters: &Value,
) -> Result<Vec<PlannedStep>, Refusal> {
    if let (RelayTo::SelfThread(own), Some(request)) = (&to.to, request)
        && let SendBody::Message {
            content: MessageContent::Text(text),
            quick_replies,
            ..
        } = &request.body
        && !quick_replies.is_empty()
    {
        return as_buttons(call, own, text, quick_replies);
    }
    let mut body = parameters.clone();
    if let Some(members) = body.as_object_mut() {
        members.shift_remove("recipient");
        for name in ["message", "payload", "reply_to"] {
            if let Some(Value::String(text)) = members.get(name)
                && let Ok(parsed) = serde_json::from_str::<Value>(text)
            {
                members.insert(name.to_owned(), parsed);
            }
        }
    }
    Ok(vec![PlannedStep::Relay {
        to: to.to.clone(),
        body,
    }])
}

fn as_buttons(
    call: &Call,
    own: &IgScopedId,
    text: &str,
    quick_replies: &[QuickReply],
) -> Result<Vec<PlannedStep>, Refusal> {
    let draft = OutgoingDraft {
        text: Some(text.to_owned()),
        quick_replies: quick_replies.to_vec(),
        ..OutgoingDraft::default()
    };
    let (contents, _notes) = fit_message(draft, true)
        .map_err(|why| Refusal::new(GraphError::invalid_message_data(call.speaker.flow), why))?;
    Ok(contents
        .into_iter()
        .map(|(message, _)| PlannedStep::Send {
            message: Outgoing::ToSelf {
                to: own.clone(),
                message,
            },
        })
        .collect())
}

/// A sign or a reaction: nothing of it comes back as an echo, so the ledger has nothing to remember.
async fn act(call: &Call, to: &Addressee, action: &SenderAction) -> Result<Value, Refusal> {
    let flow = call.speaker.flow;
    let Some(person) = to.person.as_ref().filter(|_| !matches!(to.to, RelayTo::Comment(_))) else {
        return Err(Refusal::new(
            GraphError::parameter_required(flow, "recipient"),
            "a sender action needs recipient.id",
        ));
    };
    let caller = caller_of(call).await?;
    match call.app.client.send_action(&caller, person, action).await {
        Ok(()) => Ok(SendResponse::Action {
            recipient_id: ParticipantId::of_person(person),
        }
        .to_body()),
        Err(CallFailure::Graph(error)) => Err(Refusal::new(*error, "Instagram refused it")),
        Err(failure) => Err(Refusal::new(
            GraphError::temporary(),
            format!("Instagram was not reached or answered nothing that can be read: {failure}"),
        )),
    }
}

/// Whether the kill switch is on.
pub(super) async fn is_killed(call: &Call) -> Result<bool, Refusal> {
    Ok(call.app.database.read(settings::kill_switch).await?)
}
