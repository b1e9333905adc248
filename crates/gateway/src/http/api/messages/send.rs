//! `POST /api/v1/messages` — one message as the business, through the outbox like every other.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use selfsame_runtime::db::{Durability, WriteError};
use selfsame_wire::ids::{AppScopedId, IgScopedId, PageId};
use selfsame_wire::send::{Button, Outgoing, PersonRecipient, QuickReply};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::automation::{OutgoingDraft, PlannedStep, fit_message};
use crate::http::App;
use crate::http::api::accounts::find_account;
use crate::http::api::error::{ApiError, ErrorAnswer};
use crate::http::api::request::ApiJson;
use crate::outbox::{RequestedSend, RequestedSendError, record_request};
use crate::store::StoreError;
use crate::store::accounts::Account;

/// The header that makes repeating a request harmless.
pub(in crate::http) const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The longest key.
const IDEMPOTENCY_KEY_LIMIT: usize = 255;

/// A message to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendRequest {
    /// Who sends: a username or any id of the account.
    account: String,
    /// To whom: a scoped id; `self`, or absent, for the account's own thread.
    to: Option<String>,
    /// The text.
    text: Option<String>,
    /// A picture, by its address.
    image: Option<String>,
    /// One to three buttons under the text.
    #[serde(default)]
    #[schema(value_type = Vec<RequestButton>)]
    buttons: Vec<RequestButton>,
    /// Chips under the text; buttons in the self thread.
    #[serde(default)]
    quick_replies: Vec<RequestChip>,
}

/// A button: `payload` or `url`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestButton {
    title: String,
    payload: Option<String>,
    url: Option<String>,
}

/// A chip.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestChip {
    title: String,
    payload: Option<String>,
}

/// What was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SendAnswer {
    /// The event that stands for the request, `e…`: see `GET /api/v1/messages/{id}`.
    id: String,
    /// Whether this key had been used: then nothing new is sent.
    repeated: bool,
    /// What was changed on the way, such as quick replies into buttons.
    notes: Vec<String>,
}

/// Sends one message as the business. With an `Idempotency-Key`, the same request sends once.
#[utoipa::path(post, path = "/api/v1/messages", request_body = SendRequest,
    responses((status = 202, body = SendAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn send_message(
    State(app): State<App>,
    headers: HeaderMap,
    ApiJson(request): ApiJson<SendRequest>,
) -> Result<(StatusCode, Json<SendAnswer>), ApiError> {
    let key = idempotency_key(&headers)?;
    let account = find_account(&app, &request.account).await?;
    let own_id = account.self_igsid.as_ref().map(IgScopedId::as_str);
    let is_own = match request.to.as_deref() {
        None | Some("self") => true,
        Some(to) => Some(to) == own_id,
    };
    let person = match (is_own, request.to, account.self_igsid.clone()) {
        (true, _, Some(own)) => own,
        (true, _, None) => {
            return Err(ApiError::conflict(
                "self_thread_closed",
                "the account's own scoped id is not known yet: message yourself first in Instagram",
            ));
        }
        (false, Some(to), _) if !could_be_a_person(&to, &account) => {
            return Err(ApiError::bad_request(
                "not_a_scoped_id",
                "that is one of the account's own ids, or no id at all; a message goes to a scoped id (or to \"self\")",
                Some("to"),
            ));
        }
        (false, to, _) => IgScopedId::new(to.unwrap_or_default()),
    };
    let draft = OutgoingDraft {
        text: request.text,
        image: request.image,
        buttons: request.buttons.into_iter().map(button).collect::<Result<_, _>>()?,
        quick_replies: request.quick_replies.into_iter().map(chip).collect(),
    };
    let (contents, notes) =
        fit_message(draft, is_own).map_err(|reason| ApiError::bad_request("invalid_message", reason, None))?;
    let steps = contents
        .into_iter()
        .map(|(message, quick_replies)| PlannedStep::Send {
            message: if is_own {
                Outgoing::ToSelf {
                    to: person.clone(),
                    message,
                }
            } else {
                let to = PersonRecipient::Person(person.clone());
                Outgoing::ToPerson {
                    to,
                    message,
                    quick_replies,
                }
            },
        })
        .collect();
    let recorded = RequestedSend {
        account: account.ig_id,
        person,
        own: is_own,
        idempotency_key: key,
        steps,
        reason: "asked for through the API",
        call_before_ms: None,
        now_ms: app.process.now().as_millis(),
        now_world_ms: app.world.now_ms(),
    };
    let written = app
        .database
        .write(Durability::Durable, move |tx| record_request(tx, &recorded))
        .await;
    let (event_id, repeated) = written.map_err(|error| match error {
        WriteError::Refused(RequestedSendError::KeyUsedOtherwise) => ApiError::conflict(
            "idempotency_key_reused",
            "this idempotency key was used for another message",
        ),
        WriteError::Refused(RequestedSendError::Store(error)) => error.into(),
        WriteError::Store(error) => StoreError::from(error).into(),
    })?;
    app.outbox_bell.ring();
    let notes = notes.into_iter().map(|note| note.text).collect();
    let answer = SendAnswer {
        id: format!("e{event_id}"),
        repeated,
        notes,
    };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

/// Whether a message can go to this id: it is one, and none of those by which the account itself is known elsewhere.
fn could_be_a_person(to: &str, account: &Account) -> bool {
    let own = [
        Some(account.ig_id.as_str()),
        account.app_scoped_id.as_ref().map(AppScopedId::as_str),
        account.page_id.as_ref().map(PageId::as_str),
    ];
    !to.is_empty() && to.bytes().all(|byte| byte.is_ascii_digit()) && !own.contains(&Some(to))
}

/// The idempotency key of a request.
pub(in crate::http) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    match key.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= IDEMPOTENCY_KEY_LIMIT => Ok(Some(key.to_owned())),
        _ => Err(ApiError::bad_request(
            "invalid_idempotency_key",
            format!("an idempotency key is 1 to {IDEMPOTENCY_KEY_LIMIT} printable characters"),
            None,
        )),
    }
}

fn button(button: RequestButton) -> Result<Button, ApiError> {
    match (button.payload, button.url) {
        (Some(payload), None) => Ok(Button::Postback {
            title: button.title,
            payload,
        }),
        (None, Some(url)) => Ok(Button::WebUrl {
            title: button.title,
            url,
        }),
        _ => Err(ApiError::bad_request(
            "invalid_message",
            "a button needs either `payload` or `url`",
            Some("buttons"),
        )),
    }
}

fn chip(chip: RequestChip) -> QuickReply {
    QuickReply {
        payload: chip.payload.unwrap_or_else(|| chip.title.clone()),
        title: chip.title,
    }
}
