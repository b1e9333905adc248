//! `GET /dashboard` — what the App Dashboard and Instagram's settings hold, and the switches of this platform.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rusqlite::Connection;
use selfsame_ui::frame::Live;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::node::{Node, Tag};
use selfsame_ui::parts::{copyable, problem, segment};
use selfsame_wire::events::{EVENTS, SILENT_FIELDS};
use serde_json::Value;

use super::super::frame;
use super::super::live::{LivePage, Snapshot, stream};
use super::super::page::{Page, PageError};
use super::super::start::{handshake_callout, handshake_pill};
use super::access::{access_part, blocks_card};
use crate::domain::account::{Account, AccountKind};
use crate::domain::app::{App as DeveloperApp, AppMode, CallbackState};
use crate::http::App;
use crate::hub::Signal;
use crate::store::blocks::Block;
use crate::store::roles::HeldRole;
use crate::store::{StoreError, accounts, apps, blocks, roles, stream as sequence};
use crate::switches::{BlockedAnswer, SelfApiEcho, SelfQuickReplies, Switches, TokenShape};

/// Handshakes are looked at this often while one is waited for, in process time.
const HANDSHAKE_LOOK: Duration = Duration::from_secs(1);

/// The page.
pub(in super::super) async fn dashboard(State(app): State<App>) -> Result<Page, PageError> {
    page(&app, None).await
}

/// The page after a plain form was refused.
pub(super) async fn refused_page(app: &App, why: &str) -> Response {
    match page(app, Some(why)).await {
        Ok(page) => Page {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..page
        }
        .into_response(),
        Err(error) => error.into_response(),
    }
}

async fn page(app: &App, refused: Option<&str>) -> Result<Page, PageError> {
    let loaded = app.world.store.read(read).await?;
    let live = Live {
        path: "/dashboard/live".to_owned(),
        after: loaded.last,
    };
    let content = html! {
        header { h1 { "Dashboard" } p.lead { "What you would set in the App Dashboard and in Instagram’s settings, and switches for what Meta leaves open." } }
        (problem(refused))
        @for developer_app in &loaded.apps { (app_card(developer_app, &loaded)) }
        (accounts_card(&loaded.accounts))
        (blocks_card(&loaded.blocks, &loaded.accounts))
        (switches_card(&app.world.switches.current()))
    };
    Ok(Page::new(
        frame::document("Dashboard", Some("/dashboard"), Some(live)).around(&content),
    ))
}

/// Its stream: the state of handshakes.
pub(in super::super) async fn dashboard_live(State(app): State<App>) -> Response {
    stream(app, DashboardPage)
}

struct DashboardPage;

impl LivePage for DashboardPage {
    fn hear(&mut self, _app: &App, signal: &Signal) -> bool {
        matches!(signal, Signal::Stored(_))
    }

    async fn load(&self, app: &App) -> Result<Snapshot, PageError> {
        let loaded = app.world.store.read(read).await?;
        let is_waiting = |app: &DeveloperApp| {
            app.subscription
                .as_ref()
                .is_some_and(|subscription| matches!(subscription.state, CallbackState::Unverified { .. }))
        };
        let look_again_at = loaded
            .apps
            .iter()
            .any(is_waiting)
            .then(|| app.world.process.now().plus(HANDSHAKE_LOOK));
        let nodes = loaded.apps.iter().map(handshake_node).collect();
        Ok(Snapshot {
            nodes,
            last: loaded.last,
            look_again_at,
            is_outgrown: false,
        })
    }
}

struct Loaded {
    apps: Vec<DeveloperApp>,
    accounts: Vec<Account>,
    roles: Vec<HeldRole>,
    blocks: Vec<Block>,
    last: i64,
}

fn read(connection: &Connection) -> Result<Loaded, StoreError> {
    Ok(Loaded {
        last: sequence::last(connection)?,
        apps: apps::all(connection)?,
        accounts: accounts::all(connection)?,
        roles: roles::all(connection)?,
        blocks: blocks::all(connection)?,
    })
}

fn handshake_node(app: &DeveloperApp) -> Node {
    let inner = html! {
        @match &app.subscription {
            None => { p.soft { "No callback: nothing is delivered to this app." } }
            Some(subscription) => { p { "Handshake: " (handshake_pill(&subscription.state)) } (handshake_callout(&subscription.state)) }
        }
    };
    Node::fixed(Tag::Block, format!("handshake-{}", app.key), "handshake", inner)
}

/// Whose row a test is logged under; its body names nobody.
fn first_professional(accounts: &[Account]) -> Option<&Account> {
    accounts.iter().find(|account| account.kind.is_professional())
}

/// The Test button, whose body differs from real deliveries (contract: webhooks §4.4).
fn test_form(path: &str, account: &Account) -> Markup {
    let mut names: Vec<&str> = EVENTS.iter().map(|event| event.field).collect();
    names.dedup();
    html! {
        form method="post" action={ (path) "/test" } {
            input type="hidden" name="account" value=(account.username);
            div.row {
                label.field { span { "Field" } select name="event" { @for name in names { option value=(name) { (name) } } } }
                label.field { span { "Dashboard of" } select name="flow" {
                    option value="instagram" { "the Instagram login" }
                    option value="facebook" { "the Facebook login" }
                } }
                button.button.quiet type="submit" { "Test" }
            }
            p.soft.small { "Sends what the Test button of the App Dashboard sends: entry id 0 and made-up ids. It needs no install and no published app." }
        }
    }
}

fn app_card(app: &DeveloperApp, loaded: &Loaded) -> Markup {
    let professional = first_professional(&loaded.accounts);
    let subscription = app.subscription.as_ref();
    let mut names: Vec<&str> = EVENTS
        .iter()
        .map(|event| event.field)
        .chain(SILENT_FIELDS.iter().copied())
        .collect();
    names.extend(
        subscription
            .into_iter()
            .flat_map(|subscription| subscription.fields.iter().map(String::as_str)),
    );
    names.sort_unstable();
    names.dedup();
    let is_subscribed =
        |name: &str| subscription.is_some_and(|subscription| subscription.fields.iter().any(|field| field == name));
    let path = format!("/dashboard/apps/{}", segment(&app.name));
    html! {
        section.card aria-label={ "App " (app.name) } {
            header { h2 { "App " (app.name) } }
            dl.facts {
                dt { "Instagram app id" } dd { (copyable("Instagram app id", app.instagram_app_id.as_str())) }
                dt { "Instagram app secret" } dd { (copyable("Instagram app secret", &app.instagram_app_secret)) }
                dt { "Meta app id" } dd { (copyable("Meta app id", app.meta_app_id.as_str())) }
                dt { "Meta app secret" } dd { (copyable("Meta app secret", &app.meta_app_secret)) }
            }
            form method="post" action={ (path) "/mode" } {
                div.row {
                    label.field { span { "Mode" } select name="mode" {
                        option value="live" selected[app.mode == AppMode::Live] { "Live" }
                        option value="development" selected[app.mode == AppMode::Development] { "In development (no webhooks, people with a role only)" }
                    } }
                    button.button.quiet type="submit" { "Save the mode" }
                }
            }
            h3 { "Login" }
            form.card-form method="post" action={ (path) "/login" } {
                label.field { span { "OAuth redirect URIs, one a line, compared exactly" } textarea name="redirect_uris" rows="2" placeholder="http://localhost:3000/callback" { (app.redirect_uris.join("\n")) } }
                div.row {
                    label.field { span { "Deauthorize callback URL" } input type="url" name="deauthorize_url" value=[&app.deauthorize_url]; }
                    label.field { span { "Data deletion request URL" } input type="url" name="data_deletion_url" value=[&app.data_deletion_url]; }
                }
                label.check {
                    input type="checkbox" name="require_appsecret_proof" value="on" checked[app.require_appsecret_proof];
                    "Require App Secret (calls need appsecret_proof)"
                }
                p { button.button.quiet type="submit" { "Save the login" } }
            }
            (access_part(app, &loaded.roles, &loaded.accounts))
            h3 { "Webhooks" }
            (handshake_node(app))
            form.card-form method="post" action={ (path) "/webhook" } {
                div.row {
                    label.field { span { "Callback URL" } input type="url" name="callback_url" value=[subscription.map(|subscription| &subscription.callback_url)] placeholder="http://localhost:3000/webhook"; }
                    label.field { span { "Verify token" } input type="text" name="verify_token" value=[subscription.map(|subscription| &subscription.verify_token)]; }
                }
                fieldset.fields {
                    legend { "Subscribed fields" }
                    @for name in names { label.check { input type="checkbox" name="field" value=(name) checked[is_subscribed(name)]; (name) } }
                }
                label.check {
                    input type="checkbox" name="include_values" value="on" checked[subscription.is_none_or(|subscription| subscription.include_values)];
                    "Include values"
                }
                p { button.button type="submit" { "Verify and save" } }
            }
            @if let (Some(account), true) = (professional, subscription.is_some()) { (test_form(&path, account)) }
        }
    }
}

fn accounts_card(accounts: &[Account]) -> Markup {
    html! {
        section.card {
            header { h2 { "Accounts" } }
            @for account in accounts {
                form method="post" action={ "/dashboard/accounts/" (segment(&account.username)) } {
                    div.row {
                        a.name href={ "/phone/@" (segment(&account.username)) } { "@" (account.username) }
                        label.field { span.away { "Kind of @" (account.username) } select name="kind" {
                            @for kind in [AccountKind::Business, AccountKind::Creator, AccountKind::Personal] {
                                option value=(kind.as_str()) selected[account.kind == kind] { (kind.as_str()) }
                            }
                        } }
                        label.check { input type="checkbox" name="message_access" value="on" checked[account.message_access]; "Allow access to messages" }
                        label.check { input type="checkbox" name="is_public" value="on" checked[account.is_public]; "Public" }
                        button.button.quiet type="submit" { "Save" }
                    }
                }
            }
        }
    }
}

fn switches_card(switches: &Switches) -> Markup {
    let values = serde_json::to_value(switches).unwrap_or_default();
    let defaults = serde_json::to_value(Switches::default()).unwrap_or_default();
    let rows = values.as_object().into_iter().flatten();
    html! {
        section.card {
            header { h2 { "Switches" } span.soft.small { "marked: differs from the default" } }
            form method="post" action="/dashboard/switches" {
                div.switches {
                    @for (name, value) in rows {
                        div.switch {
                            (switch(name, value))
                            @if defaults.get(name) != Some(value) { span.pill.warn { "changed" } }
                        }
                    }
                }
                p { button.button type="submit" { "Save the switches" } }
            }
        }
    }
}

fn switch(name: &str, value: &Value) -> Markup {
    match value {
        Value::Bool(on) => {
            html! { label.check { input type="checkbox" name=(name) value="on" checked[*on]; code { (name) } } }
        }
        Value::Number(number) => {
            html! { label.field { span { code { (name) } } input type="text" inputmode="numeric" name=(name) value=(number); } }
        }
        Value::String(text) if !choices_of(name).is_empty() => html! {
            label.field { span { code { (name) } } select name=(name) {
                @for choice in choices_of(name) { option value=(choice) selected[choice == *text] { (choice) } }
            } }
        },
        Value::String(_) | Value::Null | Value::Array(_) | Value::Object(_) => html! {
            label.field { span { code { (name) } } input type="text" name=(name) value=[value.as_str()] placeholder="off"; }
        },
    }
}

/// The values of a switch that has more than two.
fn choices_of(name: &str) -> Vec<String> {
    let choices: Vec<Value> = match name {
        "self.api_echo" => [SelfApiEcho::EchoAndSelf, SelfApiEcho::EchoOnly, SelfApiEcho::None]
            .iter()
            .filter_map(|choice| serde_json::to_value(choice).ok())
            .collect(),
        "self.quick_replies" => [SelfQuickReplies::Refuse, SelfQuickReplies::Drop]
            .iter()
            .filter_map(|choice| serde_json::to_value(choice).ok())
            .collect(),
        "oauth.token_shape" => [TokenShape::Data, TokenShape::Flat]
            .iter()
            .filter_map(|choice| serde_json::to_value(choice).ok())
            .collect(),
        "errors.blocked" => [
            BlockedAnswer::NotAvailable,
            BlockedAnswer::Temporary,
            BlockedAnswer::CannotReceive,
        ]
        .iter()
        .filter_map(|choice| serde_json::to_value(choice).ok())
        .collect(),
        _ => Vec::new(),
    };
    choices
        .into_iter()
        .filter_map(|choice| choice.as_str().map(str::to_owned))
        .collect()
}
