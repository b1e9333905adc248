//! `GET /studio/messages/{id}` — one message: what was said, what became of it, and why.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::parts::{TimeFormat, Tone, pill, segment, time};
use serde_json::Value;

use super::page::{Page, PageError, frame};
use super::takeover::take_over_button;
use crate::http::App;
use crate::http::api::messages::{Resolution, resolve};
use crate::store::StoreError;
use crate::store::messages::{self, MessageRow};

/// The page.
pub(super) async fn message(State(app): State<App>, Path(id): Path<String>) -> Result<Page, PageError> {
    let wanted = id.clone();
    let found = app
        .database
        .read(move |connection| messages::find(connection, &wanted))
        .await
        .map_err(StoreError::from)?;
    let Some((rows, trace)) = found.filter(|(rows, _)| !rows.is_empty()) else {
        return Err(PageError::refused(format!("There is no message {id}."), ""));
    };
    let trace: Option<Value> = trace.and_then(|trace| serde_json::from_str(&trace).ok());
    let cause = rows.first();
    let content = html! {
        header {
            h1 { "Message " (id) }
            @if let Some(cause) = cause {
                p.lead {
                    (cause.cause_kind.as_deref().unwrap_or("event"))
                    @if let Some(text) = &cause.cause_text { ": “" (text) "”" }
                }
            }
        }
        section.card {
            h2 { "What became of it" }
            @for row in &rows {
                p {
                    (state(row)) " "
                    @if let Some(text) = &row.text { "“" (text) "” " }
                    @if let Some(reason) = &row.reason { span.soft { (reason) } }
                }
                (actions(row))
            }
        }
        section.card {
            h2 { "Why" }
            @match &trace { Some(trace) => (explained(trace)), None => p.empty { "The automations were not asked." } }
        }
        @if let Some(MessageRow { account: Some(account), person: Some(person), own: false, .. }) = cause {
            (take_over_button(account, person))
        }
        p { a.button.quiet href="/studio" { "Studio" } }
    };
    Ok(Page::new(frame("Message", Some("/studio"), None).around(&content)))
}

/// Carries out what the person decided.
pub(super) async fn resolve_message(
    State(app): State<App>,
    Path((id, resolution)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let resolution = match resolution.as_str() {
        "send-again" => Resolution::SendAgain,
        "release" => Resolution::Release,
        "dismiss" => Resolution::Dismiss,
        other => return Err(PageError::refused(format!("There is no “{other}” to do."), "")),
    };
    let now = resolve(&app, &id, resolution).await?;
    Ok(Redirect::to(&format!("/studio/messages/{now}")).into_response())
}

/// The state of a row as a label.
pub(super) fn state(row: &MessageRow) -> Markup {
    let tone = match row.state.as_str() {
        "sent" | "answered" => Tone::Good,
        "in_doubt" | "parked" => Tone::Warn,
        "failed" => Tone::Bad,
        _ => Tone::Plain,
    };
    pill(&row.state.replace('_', " "), tone)
}

/// What a person can do about a row.
pub(super) fn actions(row: &MessageRow) -> Markup {
    let is_send = row.id.starts_with('s');
    let is_open = matches!(row.state.as_str(), "parked" | "failed");
    let path = format!("/studio/messages/{}", segment(&row.id));
    html! {
        @if is_open {
            div.row {
                @if is_send {
                    form method="post" action={ (path) "/send-again" } { button.button.quiet type="submit" { "Send again" } }
                } @else {
                    form method="post" action={ (path) "/release" } { button.button.quiet type="submit" { "Decide again" } }
                }
                form method="post" action={ (path) "/dismiss" } { button.button.quiet type="submit" { "Dismiss" } }
            }
        }
    }
}

/// When the cause of a row happened.
pub(super) fn occurred(row: &MessageRow) -> Markup {
    let at = Timestamp::from_millisecond(row.occurred_at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    time(at, TimeFormat::Seconds)
}

fn explained(trace: &Value) -> Markup {
    let text = |name: &str| trace.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let rule = trace.get("rule").filter(|rule| !rule.is_null());
    let notes = trace
        .get("notes")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    html! {
        dl.facts {
            dt { "Lane" } dd { (text("lane")) }
            dt { "Version" } dd { code { (text("version")) } }
            dt { "Automation" }
            dd {
                @if let Some(rule) = rule {
                    (rule.get("name").and_then(Value::as_str).unwrap_or_default())
                    " (line " (rule.get("line").and_then(Value::as_u64).unwrap_or_default()) ")"
                } @else { "none" }
            }
        }
        ul {
            @for note in &notes { li { (note.get("text").and_then(Value::as_str).unwrap_or_default()) } }
        }
    }
}
