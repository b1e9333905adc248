//! `GET|POST /phone/@{user}/settings` — privacy, access to messages, invitations of apps, and blocked people.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use rusqlite::Connection;
use selfsame_ui::icon;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::parts::problem;

use super::super::dashboard::how_of;
use super::super::fields::Fields;
use super::super::frame;
use super::super::page::{Page, PageError, done};
use super::paths;
use crate::actions::{ChangeAccount, SetupRefusal};
use crate::domain::account::Account;
use crate::http::App;
use crate::store::blocks::Block;
use crate::store::roles::HeldRole;
use crate::store::{Failure, StoreError, accounts, blocks, roles};

/// The page.
pub(in super::super) async fn settings(State(app): State<App>, Path(me): Path<String>) -> Result<Page, PageError> {
    page(&app, &me, None).await
}

/// Saves what one of its forms says.
pub(in super::super) async fn save_settings(
    State(app): State<App>,
    Path(me): Path<String>,
    fields: Fields,
) -> Response {
    match save(&app, &me, &fields).await {
        Ok(()) => done(fields.stays_on_page, &paths::settings(me.trim_start_matches('@'))),
        Err(PageError::Refused(why)) if !fields.stays_on_page => page(&app, &me, Some(&why)).await.into_response(),
        Err(error) => error.answer(fields.stays_on_page),
    }
}

async fn save(app: &App, me: &str, fields: &Fields) -> Result<(), PageError> {
    let me = me.to_owned();
    let world = &app.world;
    let outcome = match fields.get("form").as_deref() {
        Some("privacy") => {
            let change = ChangeAccount {
                is_public: Some(fields.filled("private").is_none()),
                message_access: Some(fields.filled("message_access").is_some()),
                ..ChangeAccount::default()
            };
            world.change_account(me, change).await.map(drop)
        }
        Some("accept") => world.accept_role(fields.filled("app").unwrap_or_default(), me).await,
        Some("decline") => world.remove_role(fields.filled("app").unwrap_or_default(), me).await,
        Some("block") => {
            let who = fields.filled("who").unwrap_or_default();
            world.shut_out(me, who, how_of(fields)?).await
        }
        _ => return Err(PageError::refused("The form is none of this page’s.")),
    };
    outcome.map_err(|failure: Failure<SetupRefusal>| match failure {
        Failure::Refused(refusal) => PageError::refused(refusal.to_string()),
        Failure::Store(error) => PageError::Store(error),
    })
}

struct Loaded {
    me: Account,
    roles: Vec<HeldRole>,
    blocks: Vec<Block>,
    others: Vec<Account>,
}

fn read(connection: &Connection, me: &str) -> Result<Option<Loaded>, StoreError> {
    let Some(me) = accounts::by_username(connection, me)? else {
        return Ok(None);
    };
    let roles = roles::of_account(connection, me.key)?;
    let mut blocks = blocks::all(connection)?;
    blocks.retain(|block| block.by == me.key);
    let mut others = accounts::all(connection)?;
    others.retain(|other| other.key != me.key);
    Ok(Some(Loaded {
        me,
        roles,
        blocks,
        others,
    }))
}

async fn page(app: &App, me: &str, refused: Option<&str>) -> Result<Page, PageError> {
    let username = me.to_owned();
    let found = app
        .world
        .store
        .read(move |connection| read(connection, &username))
        .await?;
    let loaded = found.ok_or_else(|| PageError::no_account(me))?;
    let me = &loaded.me;
    let content = html! {
        div.phone.single {
            section.pane.main aria-label="Settings" {
                header.head {
                    a.icon href=(paths::profile(&me.username)) aria-label="Back" { (icon::back()) }
                    div.who { h1 { "Settings" } span.soft.small { "@" (me.username) } }
                }
                div.settings {
                    (problem(refused))
                    (privacy_card(me))
                    (invitations_card(&loaded))
                    (blocked_card(&loaded))
                    p.small { a href=(paths::connected_apps(&me.username)) { "Apps and websites" } }
                }
            }
        }
    };
    Ok(Page::new(frame::phone("Settings", None, false).around(&content)))
}

fn privacy_card(me: &Account) -> Markup {
    html! {
        article.card aria-label="Privacy" {
            header { h2 { "Privacy" } }
            form method="post" action=(paths::settings(&me.username)) {
                input type="hidden" name="form" value="privacy";
                label.check { input type="checkbox" name="private" value="on" checked[!me.is_public]; span { "Private account" } }
                label.check {
                    input type="checkbox" name="message_access" value="on" checked[me.message_access];
                    span { "Allow access to messages (connected tools)" }
                }
                button.button.quiet type="submit" { "Save" }
            }
        }
    }
}

fn invitations_card(loaded: &Loaded) -> Markup {
    let action = paths::settings(&loaded.me.username);
    html! {
        article.card aria-label="Tester invitations" {
            header { h2 { "Tester invitations" } }
            @if loaded.roles.is_empty() { p.soft { "No app has invited you. A developer invites in the dashboard." } }
            @for held in &loaded.roles {
                form method="post" action=(action) {
                    input type="hidden" name="app" value=(held.app);
                    div.row {
                        span.name { (held.app) }
                        span.soft { (held.role.title()) @if held.accepted { ", accepted" } }
                        @if !held.accepted {
                            button.button type="submit" name="form" value="accept" { "Accept" }
                        }
                        button.button.quiet type="submit" name="form" value="decline" {
                            @if held.accepted { "Leave" } @else { "Decline" }
                        }
                    }
                }
            }
        }
    }
}

fn blocked_card(loaded: &Loaded) -> Markup {
    let action = paths::settings(&loaded.me.username);
    html! {
        article.card aria-label="Blocked people" {
            header { h2 { "Blocked people" } }
            @for block in &loaded.blocks {
                form method="post" action=(action) {
                    input type="hidden" name="form" value="block";
                    input type="hidden" name="who" value=(block.other);
                    input type="hidden" name="how" value="open";
                    div.row {
                        span.name { "@" (block.other) }
                        span.soft { @if block.restricted { "restricted" } @else { "blocked" } }
                        button.button.quiet type="submit" { "Take it back" }
                    }
                }
            }
            form method="post" action=(action) {
                input type="hidden" name="form" value="block";
                div.row {
                    label.field { span { "Account" } select name="who" {
                        @for other in &loaded.others { option value=(other.username) { "@" (other.username) } }
                    } }
                    label.field { span { "How" } select name="how" {
                        option value="blocked" { "Block" }
                        option value="restricted" { "Restrict" }
                    } }
                    button.button.quiet type="submit" { "Save" }
                }
            }
        }
    }
}
