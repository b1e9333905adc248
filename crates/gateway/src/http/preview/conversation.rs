//! Forms of a made-up conversation: write, tap, comment, let time pass, begin again.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::address::look_by_token;
use crate::automation::Gesture;
use crate::http::App;
use crate::http::api::ApiError;
use crate::http::ui::PageError;
use crate::previews::PreviewError;

/// Words.
#[derive(Debug, Deserialize)]
pub(super) struct Words {
    text: String,
}

/// A button, by the message that carries it and its place there.
#[derive(Debug, Deserialize)]
pub(super) struct Tap {
    mid: String,
    button: usize,
}

/// Why a form was refused: JSON for the script, a page for others.
pub(super) enum Refusal {
    Page(PageError),
    Json(ApiError),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Page(error) => error.into_response(),
            Self::Json(error) => error.into_response(),
        }
    }
}

impl From<PageError> for Refusal {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

/// The owner writes.
pub(super) async fn send(
    State(app): State<App>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(words): Form<Words>,
) -> Result<Response, Refusal> {
    let gesture = Gesture::Message { text: words.text };
    go_on(&app, &token, &headers, Some(gesture)).await
}

/// The owner comments under a post.
pub(super) async fn comment(
    State(app): State<App>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(words): Form<Words>,
) -> Result<Response, Refusal> {
    let gesture = Gesture::Comment { text: words.text };
    go_on(&app, &token, &headers, Some(gesture)).await
}

/// The owner taps a button.
pub(super) async fn tap(
    State(app): State<App>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(tap): Form<Tap>,
) -> Result<Response, Refusal> {
    let look = look_by_token(&app, &token).await?;
    let button = look
        .lines
        .iter()
        .find(|line| line.id == tap.mid)
        .and_then(|line| line.buttons.get(tap.button))
        .and_then(|button| Some((button.title.clone(), button.payload.clone()?)));
    let Some((title, payload)) = button else {
        let error = PreviewError::Gesture("there is no such button".to_owned());
        return Err(refused(&headers, error));
    };
    go_on(&app, &token, &headers, Some(Gesture::Postback { payload, title })).await
}

/// The time passes that an automation waits for.
pub(super) async fn wait(
    State(app): State<App>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    go_on(&app, &token, &headers, None).await
}

/// The conversation begins again.
pub(super) async fn restart(
    State(app): State<App>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let look = look_by_token(&app, &token).await?;
    app.previews
        .restart(&look.row.id)
        .await
        .map_err(|error| refused(&headers, error))?;
    Ok(done(&headers, &token))
}

async fn go_on(app: &App, token: &str, headers: &HeaderMap, gesture: Option<Gesture>) -> Result<Response, Refusal> {
    let look = look_by_token(app, token).await?;
    app.previews
        .go_on(&look.row.id, gesture)
        .await
        .map_err(|error| refused(headers, error))?;
    Ok(done(headers, token))
}

fn done(headers: &HeaderMap, token: &str) -> Response {
    if wants_json(headers) {
        StatusCode::NO_CONTENT.into_response()
    } else {
        Redirect::to(&format!("/preview/{token}")).into_response()
    }
}

fn refused(headers: &HeaderMap, error: PreviewError) -> Refusal {
    let error = ApiError::from(error);
    if wants_json(headers) {
        Refusal::Json(error)
    } else {
        Refusal::Page(PageError::for_guest(error.status(), error.message(), ""))
    }
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}
