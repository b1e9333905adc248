//! `POST /dashboard/apps/{app}/access`, `/dashboard/apps/{app}/roles` and `/dashboard/blocks`, and how they look.

use axum::extract::{Path, State};
use axum::response::Response;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::parts::{Tone, pill, segment};

use super::{answer, setup_error};
use crate::actions::{ChangeApp, GiveRole, Shut, permissions};
use crate::domain::access::{AccessLevel, Role};
use crate::domain::account::Account;
use crate::domain::app::App as DeveloperApp;
use crate::http::App;
use crate::http::ui::fields::Fields;
use crate::http::ui::page::PageError;
use crate::store::blocks::Block;
use crate::store::roles::HeldRole;

/// Saves the level of every permission, and the Human Agent feature.
pub(in crate::http::ui) async fn save_access(
    State(app): State<App>,
    Path(name): Path<String>,
    fields: Fields,
) -> Response {
    let advanced = fields.all("advanced");
    let level = |name: &String| {
        if advanced.contains(name) {
            AccessLevel::Advanced
        } else {
            AccessLevel::Standard
        }
    };
    let change = ChangeApp {
        access: permissions()
            .into_iter()
            .map(|name| (name.clone(), level(&name)))
            .collect(),
        human_agent: Some(fields.filled("human_agent").is_some()),
        ..ChangeApp::default()
    };
    let outcome = app.world.change_app(name, change).await.map(drop).map_err(setup_error);
    answer(&app, &fields, outcome).await
}

/// Gives a role, or takes it away.
pub(in crate::http::ui) async fn save_role(
    State(app): State<App>,
    Path(name): Path<String>,
    fields: Fields,
) -> Response {
    let outcome = change_role(&app, name, &fields).await;
    answer(&app, &fields, outcome).await
}

async fn change_role(app: &App, name: String, fields: &Fields) -> Result<(), PageError> {
    let account = fields.filled("account").unwrap_or_default();
    if fields.filled("remove").is_some() {
        return app.world.remove_role(name, account).await.map_err(setup_error);
    }
    let role = fields.get("role").as_deref().and_then(Role::parse);
    let give = GiveRole {
        app: name,
        account,
        role: role.ok_or_else(|| PageError::refused("Choose a role."))?,
        accepted: None,
    };
    app.world.give_role(give).await.map_err(setup_error)
}

/// Blocks, restricts, or takes it back.
pub(in crate::http::ui) async fn save_block(State(app): State<App>, fields: Fields) -> Response {
    let outcome = change_block(&app, &fields).await;
    answer(&app, &fields, outcome).await
}

async fn change_block(app: &App, fields: &Fields) -> Result<(), PageError> {
    let how = how_of(fields)?;
    let (by, who) = (fields.filled("as"), fields.filled("who"));
    let shut = app.world.shut_out(by.unwrap_or_default(), who.unwrap_or_default(), how);
    shut.await.map_err(setup_error)
}

/// `how` of a form about blocked people.
pub(in crate::http::ui) fn how_of(fields: &Fields) -> Result<Shut, PageError> {
    match fields.get("how").as_deref() {
        Some("blocked") => Ok(Shut::Blocked),
        Some("restricted") => Ok(Shut::Restricted),
        Some("open") => Ok(Shut::Open),
        _ => Err(PageError::refused("Somebody is blocked, restricted, or neither.")),
    }
}

/// Levels of access and roles of one app.
pub(super) fn access_part(app: &DeveloperApp, roles: &[HeldRole], accounts: &[Account]) -> Markup {
    let path = format!("/dashboard/apps/{}", segment(&app.name));
    let held: Vec<&HeldRole> = roles.iter().filter(|held| held.app == app.name).collect();
    html! {
        h3 { "Access" }
        p.soft.small { "Advanced Access works for everybody. Without it a permission has Standard Access: it works for people with a role only, and comment webhooks are not sent." }
        form.card-form method="post" action={ (path) "/access" } {
            fieldset.fields {
                legend { "Advanced Access" }
                @for name in permissions() {
                    label.check { input type="checkbox" name="advanced" value=(name) checked[!app.standard_access.contains(&name)]; (name) }
                }
            }
            label.check {
                input type="checkbox" name="human_agent" value="on" checked[app.human_agent];
                "Human Agent"
            }
            p { button.button.quiet type="submit" { "Save the access" } }
        }
        h3 { "Roles" }
        @if held.is_empty() { p.soft { "Nobody holds a role on this app." } }
        @for one in held {
            form method="post" action={ (path) "/roles" } {
                input type="hidden" name="account" value=(one.username);
                input type="hidden" name="remove" value="on";
                div.row {
                    a.name href={ "/phone/@" (segment(&one.username)) "/settings" } { "@" (one.username) }
                    (pill(one.role.title(), Tone::Plain))
                    @if !one.accepted { (pill("invited", Tone::Warn)) }
                    button.button.quiet type="submit" aria-label={ "Remove the role of @" (one.username) } { "Remove" }
                }
            }
        }
        form method="post" action={ (path) "/roles" } {
            div.row {
                label.field { span { "Account" } select name="account" {
                    @for account in accounts { option value=(account.username) { "@" (account.username) } }
                } }
                label.field { span { "Role" } select name="role" {
                    @for role in Role::ALL {
                        option value=(role.as_str()) {
                            (role.title()) @if role.is_by_invitation() { " (invites: accept on the phone’s settings)" }
                        }
                    }
                } }
                button.button.quiet type="submit" { "Give the role" }
            }
        }
    }
}

/// Who shuts out whom.
pub(super) fn blocks_card(blocks: &[Block], accounts: &[Account]) -> Markup {
    html! {
        section.card {
            header { h2 { "Blocked and restricted people" } }
            @if blocks.is_empty() { p.soft { "Nobody is shut out." } }
            @for block in blocks {
                form method="post" action="/dashboard/blocks" {
                    input type="hidden" name="as" value=(block.username);
                    input type="hidden" name="who" value=(block.other);
                    input type="hidden" name="how" value="open";
                    div.row {
                        span.name { "@" (block.username) }
                        span { @if block.restricted { "restricted" } @else { "blocked" } " @" (block.other) }
                        button.button.quiet type="submit" { "Take it back" }
                    }
                }
            }
            form method="post" action="/dashboard/blocks" {
                div.row {
                    label.field { span { "Who" } select name="as" {
                        @for account in accounts { option value=(account.username) { "@" (account.username) } }
                    } }
                    label.field { span { "does" } select name="how" {
                        option value="blocked" { "block" }
                        option value="restricted" { "restrict" }
                    } }
                    label.field { span { "whom" } select name="who" {
                        @for account in accounts.iter().rev() { option value=(account.username) { "@" (account.username) } }
                    } }
                    button.button.quiet type="submit" { "Shut out" }
                }
            }
        }
    }
}
