//! `GET /studio` — the state of everything on one page, live: accounts, both lanes of the automations,
//! what became of the newest messages, and what waits for a person's decision.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::node::{Node, Tag, render_all};
use selfsame_ui::parts::{Tone, callout, pill, segment};
use serde::Deserialize;

use super::draft::{history, problem_line};
use super::message::{actions, occurred, state};
use super::page::{Page, PageError, frame};
use super::previews::previews_card;
use super::stream_of;
use super::takeover::threads_card;
use crate::http::App;
use crate::http::api::automations::{LanesView, history_of, lanes_of};
use crate::http::api::kill_switch::set_kill_switch;
use crate::http::api::page::PageQuery;
use crate::http::api::{ApiError, health_of_account};
use crate::onboarding::FindingLevel;
use crate::store::StoreError;
use crate::store::accounts::{self, Account};
use crate::store::messages::{self, Filter, MessageRow};
use crate::store::previews;
use crate::store::status::{self, Status};
use crate::store::threads;

/// The newest messages that are shown.
const SHOWN: u32 = 50;
/// The open messages that are shown for each state.
const SHOWN_OPEN: u32 = 20;

/// Which version to bring back.
#[derive(Debug, Deserialize)]
pub(super) struct RollBack {
    pub(super) id: i64,
}

/// Which way to turn the kill switch.
#[derive(Debug, Deserialize)]
pub(super) struct KillSwitch {
    on: bool,
}

/// The start page is the studio.
pub(super) async fn start() -> Redirect {
    Redirect::to("/studio")
}

/// The page.
pub(super) async fn studio(State(app): State<App>) -> Result<Page, PageError> {
    let nodes = nodes_of(&app).await?;
    let content = html! {
        header { h1 { "Studio" } p.lead { "Your own messages to yourself run the draft. Everybody else gets what is published." } }
        (render_all(&nodes))
    };
    let frame = frame("Studio", Some("/studio"), Some("/studio/live".to_owned()));
    Ok(Page::new(frame.around(&content)))
}

/// The page's stream.
pub(super) async fn live(State(app): State<App>) -> Response {
    stream_of(move || {
        let app = app.clone();
        async move { nodes_of(&app).await }
    })
}

/// Publishes the draft.
pub(super) async fn publish(State(app): State<App>) -> Result<Response, PageError> {
    app.lanes.publish(None, "studio").await.map_err(ApiError::from)?;
    Ok(Redirect::to("/studio").into_response())
}

/// Publishes an older version again.
pub(super) async fn roll_back(State(app): State<App>, Form(wanted): Form<RollBack>) -> Result<Response, PageError> {
    app.lanes.roll_back(None, wanted.id).await.map_err(ApiError::from)?;
    Ok(Redirect::to("/studio").into_response())
}

/// Turns the kill switch.
pub(super) async fn kill_switch(State(app): State<App>, Form(wanted): Form<KillSwitch>) -> Result<Response, PageError> {
    set_kill_switch(&app, wanted.on).await?;
    Ok(Redirect::to("/studio").into_response())
}

async fn nodes_of(app: &App) -> Result<Vec<Node>, PageError> {
    let now_world_ms = app.world.now_ms();
    let (status, accounts, newest, open, paused, made) = app
        .database
        .read(move |connection| {
            let mut open = Vec::new();
            for state in ["in_doubt", "parked", "failed"] {
                let filter = Filter {
                    state: Some(state.to_owned()),
                    limit: SHOWN_OPEN,
                    ..Filter::default()
                };
                open.extend(messages::list(connection, &filter)?);
            }
            Ok::<_, StoreError>((
                status::read(connection)?,
                accounts::list(connection)?,
                messages::list_newest(connection, SHOWN)?,
                open,
                threads::list_paused(connection, now_world_ms, ("", ""), SHOWN_OPEN)?,
                previews::list(connection, None, SHOWN_OPEN)?,
            ))
        })
        .await
        .map_err(StoreError::from)?;
    let mut rows = Vec::new();
    for account in accounts {
        let level = health_of_account(app, &account).await?.level;
        rows.push((account, level));
    }
    let lanes = lanes_of(app, None);
    let published = history_of(app, None, &PageQuery::default()).await?;
    let live = lanes.published.as_ref().map(|live| live.text.clone());
    Ok(vec![
        Node::fixed(Tag::Block, "status", "card", status_card(&status)),
        Node::fixed(Tag::Block, "accounts", "card", accounts_card(&rows)),
        Node::fixed(Tag::Block, "automations", "card", automations_card(&lanes)),
        Node::fixed(
            Tag::Block,
            "history",
            "card",
            history("/studio", &published.data, live.as_deref().unwrap_or_default()),
        ),
        Node::fixed(
            Tag::Block,
            "previews",
            "card",
            previews_card(
                app,
                rows.iter().map(|(account, _)| account),
                &made,
                app.process.now().as_millis(),
            ),
        ),
        Node::fixed(Tag::Block, "threads", "card", threads_card(&paused)),
        Node::fixed(Tag::Block, "open", "card", open_card(&open)),
        Node::fixed(Tag::Block, "messages", "card", messages_card(&newest)),
    ])
}

fn status_card(status: &Status) -> Markup {
    html! {
        h2 { "Now" }
        @if status.kill_switch {
            (callout(Tone::Bad, "The kill switch is on: nothing is sent.", "What arrives is parked; release it when you are back."))
        }
        p {
            "Inbox: " (status.inbox.ready) " waiting, " (status.inbox.leased) " being decided, "
            (status.inbox.parked) " parked, " (status.inbox.dead) " failed. "
            "Outbox: " (status.outbox.ready) " waiting, " (status.outbox.calling) " being sent, "
            (status.outbox.in_doubt) " in doubt, " (status.outbox.parked) " parked, " (status.outbox.dead) " failed."
        }
        form method="post" action="/studio/kill-switch" {
            input type="hidden" name="on" value=(!status.kill_switch);
            button.button.quiet type="submit" {
                @if status.kill_switch { "Turn the kill switch off" } @else { "Stop everything (kill switch)" }
            }
        }
    }
}

fn accounts_card(rows: &[(Account, FindingLevel)]) -> Markup {
    html! {
        h2 { "Accounts" }
        @if rows.is_empty() { p.empty { "None is connected. " a href="/connect" { "Connect one" } "." } }
        @for (account, level) in rows {
            p.row {
                a href={ "/connect/accounts/" (segment(account.ig_id.as_str())) } { "@" (account.username) } " "
                (match level {
                    FindingLevel::Good => pill("well", Tone::Good),
                    FindingLevel::Warning => pill("worth a look", Tone::Warn),
                    FindingLevel::Bad => pill("does not work", Tone::Bad),
                })
                a href={ "/studio/accounts/" (segment(account.ig_id.as_str())) "/draft" } { "automations" span.away { " of @" (account.username) } }
            }
        }
    }
}

fn automations_card(lanes: &LanesView) -> Markup {
    let draft = lanes.draft.as_ref();
    let has_errors = draft.is_some_and(|draft| !draft.is_current);
    html! {
        h2 { "Automations" }
        @if let Some(file) = &lanes.file { p { "The draft is the file " code { (file) } "." } }
        @if let Some(draft) = draft {
            @if has_errors {
                (callout(Tone::Bad, "The draft has errors; the version before it keeps running.", ""))
            }
            @for problem in &draft.problems { (problem_line(problem, false)) }
            div.columns {
                section {
                    h3 { "Draft " code { (draft.version) } }
                    @for automation in &draft.automations {
                        p { strong { (automation.name) } " " span.soft { (automation.when) } }
                    }
                }
                section {
                    h3 {
                        "Published "
                        @if let Some(published) = &lanes.published { code { (published.version) } }
                    }
                    @match &lanes.published {
                        None => p.empty { "Nothing yet: nobody but you is answered." },
                        Some(published) => {
                            @for automation in &published.automations {
                                p { strong { (automation.name) } " " span.soft { (automation.when) } }
                            }
                        }
                    }
                }
            }
        }
        @if lanes.differs {
            (callout(Tone::Warn, "The draft differs from what is published.", "Try it by writing to yourself, then publish it."))
        } @else { p { (pill("the draft is published", Tone::Good)) } }
        p { a.button.quiet href="/studio/draft" { "See and edit the draft" } }
        form method="post" action="/studio/publish" {
            button.button type="submit" disabled[has_errors || !lanes.differs] { "Publish the draft" }
        }
    }
}

fn open_card(open: &[MessageRow]) -> Markup {
    html! {
        h2 { "Waiting for you" }
        @if open.is_empty() { p.empty { "Nothing." } }
        @for row in open { (line(row)) (actions(row)) }
    }
}

fn messages_card(rows: &[MessageRow]) -> Markup {
    html! {
        h2 { "Newest messages" }
        @if rows.is_empty() { p.empty { "None yet. Write “menu” to yourself." } }
        @for row in rows { (line(row)) }
    }
}

fn line(row: &MessageRow) -> Markup {
    html! {
        p {
            (occurred(row)) " " (state(row)) " "
            a href={ "/studio/messages/" (segment(&row.id)) } {
                @match (&row.cause_text, &row.cause_kind) {
                    (Some(text), _) => { "“" (text) "”" }
                    (None, kind) => { (kind.as_deref().unwrap_or("event")) }
                }
            }
            @if let Some(text) = &row.text { " → “" (text) "”" }
            @if row.own { " " (pill("you", Tone::Plain)) }
            @if let Some(reason) = &row.reason { " " span.soft { (reason) } }
        }
    }
}
