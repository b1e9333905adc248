//! `GET /connect/accounts/{id}` — is this account well, and what is the next thing to do? Live: the
//! page notices when the owner writes to herself.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use selfsame_runtime::db::Durability;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::node::{Node, Tag, render_all};
use selfsame_ui::parts::{Tone, callout, copyable, segment};
use serde::Deserialize;

use crate::http::App;
use crate::http::api::{
    disconnect, find_account, health_of_account, install_webhooks_of, live_health_of_account, view_of_account,
};
use crate::http::ui::{Page, PageError, frame, stream_of};
use crate::onboarding::{Finding, FindingLevel};
use crate::store::StoreError;
use crate::store::accounts::{self, Account, Mode, SelfMode};

/// How long a preview stays open after its page was last looked at, in milliseconds of process time.
const PREVIEW_MS: i64 = 120_000;

/// Whom the account answers.
#[derive(Debug, Deserialize)]
pub(super) struct Modes {
    mode: Mode,
    self_mode: SelfMode,
}

/// How thoroughly to look.
#[derive(Debug, Deserialize)]
pub(super) struct Look {
    #[serde(default)]
    live: bool,
}

/// The page.
pub(super) async fn account(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(look): Query<Look>,
) -> Result<Page, PageError> {
    let account = find_account(&app, &id).await?;
    let tried = if look.live {
        Some(live_health_of_account(&app, &account).await?)
    } else {
        None
    };
    let nodes = nodes_of(&app, &account).await?;
    let path = format!("/connect/accounts/{}", segment(account.ig_id.as_str()));
    let content = html! {
        header {
            h1 { "@" (account.username) }
            @if let Some(name) = &account.name { p.lead { (name) } }
        }
        @if let Some(tried) = &tried {
            section.card {
                h2 { "What Instagram says" }
                @for finding in &tried.findings { (shown(finding)) }
            }
        }
        (render_all(&nodes))
        section.card {
            h2 { "Whom it answers" }
            form method="post" action={ (path) "/modes" } {
                p.field {
                    label for="mode" { "Customers" }
                    select #mode name="mode" {
                        option value="live" selected[account.mode == Mode::Live] { "answered" }
                        option value="preview_only" selected[account.mode == Mode::PreviewOnly] { "not answered (preview only)" }
                    }
                }
                p.field {
                    label for="self_mode" { "Your own messages to yourself" }
                    select #self_mode name="self_mode" {
                        option value="always" selected[account.self_mode == SelfMode::Always] { "always answered" }
                        option value="session" selected[account.self_mode == SelfMode::Session] { "while a preview is open" }
                        option value="off" selected[account.self_mode == SelfMode::Off] { "never answered" }
                    }
                }
                p { button.button type="submit" { "Save" } }
            }
        }
        section.card {
            h2 { "Repair" }
            form method="post" action={ (path) "/webhooks" } {
                p { button.button.quiet type="submit" { "Install the webhooks again" } }
            }
            form method="get" action=(path) {
                input type="hidden" name="live" value="true";
                p { button.button.quiet type="submit" { "Ask Instagram now" } }
            }
            p { a.button.quiet href="/connect" { "Connect again" } }
            form method="post" action={ (path) "/disconnect" } {
                p { button.button.quiet type="submit" { "Disconnect" } }
            }
        }
    };
    let title = format!("@{}", account.username);
    Ok(Page::new(
        frame(&title, Some("/connect"), Some(format!("{path}/live"))).around(&content),
    ))
}

/// The page's stream.
pub(super) async fn live(State(app): State<App>, Path(id): Path<String>) -> Result<Response, PageError> {
    let account = find_account(&app, &id).await?;
    let ig_id = account.ig_id;
    Ok(stream_of(move || {
        let (app, ig_id) = (app.clone(), ig_id.clone());
        async move {
            let account = find_account(&app, ig_id.as_str()).await?;
            keep_preview_open(&app, &account).await?;
            nodes_of(&app, &account).await
        }
    }))
}

/// While this page is open, an account that answers its owner only in previews answers her.
async fn keep_preview_open(app: &App, account: &Account) -> Result<(), PageError> {
    let (ig_id, now_ms) = (account.ig_id.clone(), app.process.now().as_millis());
    let is_open_until_ms = app
        .database
        .read(move |connection| accounts::preview_until_ms(connection, &ig_id))
        .await
        .map_err(StoreError::from)?;
    if is_open_until_ms > now_ms.saturating_add(PREVIEW_MS / 2) {
        return Ok(());
    }
    let ig_id = account.ig_id.clone();
    app.database
        .write(Durability::Relaxed, move |tx| {
            accounts::open_preview(tx, &ig_id, now_ms.saturating_add(PREVIEW_MS))
        })
        .await
        .map_err(StoreError::from)?;
    Ok(())
}

/// Installs webhooks again.
pub(super) async fn install_webhooks(State(app): State<App>, Path(id): Path<String>) -> Result<Response, PageError> {
    let account = find_account(&app, &id).await?;
    install_webhooks_of(&app, &account).await?;
    Ok(back_to(&account))
}

/// Changes whom the account answers.
pub(super) async fn change_modes(
    State(app): State<App>,
    Path(id): Path<String>,
    Form(modes): Form<Modes>,
) -> Result<Response, PageError> {
    let account = find_account(&app, &id).await?;
    let ig_id = account.ig_id.clone();
    app.database
        .write(Durability::Durable, move |tx| {
            accounts::set_modes(tx, &ig_id, Some(modes.mode), Some(modes.self_mode))
        })
        .await
        .map_err(StoreError::from)?;
    Ok(back_to(&account))
}

/// Disconnects the account.
pub(super) async fn disconnect_account(State(app): State<App>, Path(id): Path<String>) -> Result<Response, PageError> {
    let account = find_account(&app, &id).await?;
    disconnect(&app, &account).await?;
    Ok(Redirect::to("/connect").into_response())
}

fn back_to(account: &Account) -> Response {
    let id = segment(account.ig_id.as_str());
    Redirect::to(&format!("/connect/accounts/{id}")).into_response()
}

async fn nodes_of(app: &App, account: &Account) -> Result<Vec<Node>, PageError> {
    let health = health_of_account(app, account).await?;
    let view = view_of_account(app, account.clone()).await?;
    let is_open = health
        .findings
        .iter()
        .any(|finding| finding.code == "self_thread" && finding.level == FindingLevel::Good);
    let next = html! {
        @if is_open {
            (callout(Tone::Good, "Your self thread is open.", "Write \"menu\" to yourself: the draft of your automations answers."))
        } @else {
            (callout(Tone::Warn, "One thing is left: write to yourself.", ""))
            ol.steps {
                li { "Open Instagram as @" (account.username) "." }
                li { "Search for your own name, " strong { (account.username) } ", and open the chat with yourself." }
                li { "Send " strong { "hi" } ". This page notices it." }
            }
        }
    };
    let ids = html! {
        h2 { "Ids" }
        dl.facts {
            dt { "Instagram id (entry.id)" } dd { (copyable("the Instagram id", &view.ig_id)) }
            dt { "Own scoped id" }
            dd {
                @match &view.self_igsid {
                    Some(id) => (copyable("the own scoped id", id)),
                    None => "not known before the first message to yourself",
                }
            }
            @if let Some(id) = &view.app_scoped_id { dt { "App-scoped id" } dd { (copyable("the app-scoped id", id)) } }
            @if let Some(id) = &view.page_id { dt { "Page" } dd { (copyable("the Page id", id)) } }
        }
    };
    let findings = html! {
        h2 { "Is it well?" }
        @for finding in &health.findings { (shown(finding)) }
    };
    Ok(vec![
        Node::fixed(Tag::Block, "next", "card", next),
        Node::fixed(Tag::Block, "findings", "card", findings),
        Node::fixed(Tag::Block, "ids", "card", ids),
    ])
}

fn shown(finding: &Finding) -> Markup {
    let tone = match finding.level {
        FindingLevel::Good => Tone::Good,
        FindingLevel::Warning => Tone::Warn,
        FindingLevel::Bad => Tone::Bad,
    };
    callout(tone, &finding.text, &finding.remedy)
}
