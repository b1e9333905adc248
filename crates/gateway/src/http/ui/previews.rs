//! Previews in the studio: the newest, and a form that makes one.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::parts::{TimeFormat, Tone, pill, segment, time};
use serde::Deserialize;

use super::form::PageForm;
use super::page::PageError;
use crate::http::App;
use crate::http::api::{ApiError, find_account};
use crate::previews::NewPreview;
use crate::store::accounts::Account;
use crate::store::previews::{PreviewMode, PreviewRow};

/// How long the link of a preview made here works, in milliseconds: a day.
const LASTS_MS: i64 = 24 * 3_600_000;

/// A preview to make.
#[derive(Debug, Deserialize)]
pub(super) struct PreviewForm {
    account: String,
    mode: PreviewMode,
    #[serde(default)]
    allow_publish: bool,
}

/// Makes a preview and opens its page.
pub(super) async fn make_preview(
    State(app): State<App>,
    PageForm(wanted): PageForm<PreviewForm>,
) -> Result<Response, PageError> {
    let account = find_account(&app, &wanted.account).await?;
    let new = NewPreview {
        account,
        mode: wanted.mode,
        text: None,
        automation: None,
        gesture: None,
        allow_publish: wanted.allow_publish,
        post_replies: false,
        lasts_ms: LASTS_MS,
    };
    let row = app.previews.create(new).await.map_err(ApiError::from)?;
    let token = app.previews.links.token(&row.id, row.expires_at_ms);
    Ok(Redirect::to(&format!("/preview/{token}")).into_response())
}

/// Ends a preview: its link opens nothing any more.
pub(super) async fn end_preview(State(app): State<App>, Path(id): Path<String>) -> Result<Response, PageError> {
    app.previews.end(&id).await.map_err(ApiError::from)?;
    Ok(Redirect::to("/studio").into_response())
}

/// The newest previews, and the form.
pub(super) fn previews_card<'a>(
    app: &App,
    accounts: impl Iterator<Item = &'a Account>,
    rows: &[PreviewRow],
    now_ms: i64,
) -> Markup {
    let accounts: Vec<&Account> = accounts.collect();
    html! {
        h2 { "Previews" }
        p { "A link for the owner of an account: she meets the draft before any customer does." }
        @for row in rows.iter().filter(|row| row.is_open(now_ms)) {
            @let whose = accounts.iter().find(|account| account.ig_id == row.account).map_or_else(|| row.account.to_string(), |account| format!("@{}", account.username));
            div.row {
                span.grow {
                    a href={ "/preview/" (app.previews.links.token(&row.id, row.expires_at_ms)) } { (whose) } " "
                    (pill(row.mode.as_str(), Tone::Plain))
                    @if row.published_id.is_some() { " " (pill("published", Tone::Good)) }
                    @if let Ok(until) = Timestamp::from_millisecond(row.expires_at_ms) { " " span.soft.small { "until " (time(until, TimeFormat::Day)) } }
                }
                form method="post" action={ "/studio/previews/" (segment(&row.id)) "/end" } {
                    button.button.quiet type="submit" { "End" span.away { " the preview of " (whose) } }
                }
            }
        }
        @if !accounts.is_empty() {
            form.row method="post" action="/studio/previews" {
                label.field { span { "Account" } select name="account" { @for account in &accounts { option value=(account.ig_id) { "@" (account.username) } } } }
                label.field { span { "Kind" } select name="mode" { option value="send" { "in her own thread" } option value="simulate" { "made up, nothing is sent" } } }
                label.check { input type="checkbox" name="allow_publish" value="true"; span { "may publish" } }
                button.button type="submit" { "Make a link" }
            }
        }
    }
}
