//! `GET /studio/keys` — the keys of the API: making one (it is shown once), their last use, revoking.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::parts::{Tone, callout, copyable, pill, segment};

use super::page::{Page, PageError, frame};
use crate::api_key::Scope;
use crate::http::App;
use crate::http::api::keys::{KeyView, make, revoke};
use crate::store::StoreError;
use crate::store::api_keys::{self, KEYS_MAX};

/// The page.
pub(super) async fn keys(State(app): State<App>) -> Result<Page, PageError> {
    page(&app, None).await
}

/// Makes a key, and shows it this once.
pub(super) async fn make_key(State(app): State<App>, form: Bytes) -> Result<Page, PageError> {
    let mut name = String::new();
    let mut scopes = Vec::new();
    for (field, value) in form_urlencoded::parse(&form) {
        match field.as_ref() {
            "name" => name = value.into_owned(),
            "scope" => scopes.extend(Scope::from_name(&value)),
            _ => {}
        }
    }
    let (_id, key) = make(&app, &name, &scopes).await?;
    let shown = html! {
        section.card {
            (callout(Tone::Good, "The key was made. This is the only time that it is shown.", "Copy it now, and keep it as you keep a password."))
            p { (copyable("the key", key.expose())) }
        }
    };
    page(&app, Some(shown)).await
}

/// Revokes a key.
pub(super) async fn revoke_key(State(app): State<App>, Path(id): Path<String>) -> Result<Response, PageError> {
    revoke(&app, &id).await?;
    Ok(Redirect::to("/studio/keys").into_response())
}

async fn page(app: &App, shown: Option<Markup>) -> Result<Page, PageError> {
    let limit = u32::try_from(KEYS_MAX).unwrap_or(u32::MAX);
    let rows = app
        .database
        .read(move |connection| api_keys::list(connection, 0, limit))
        .await
        .map_err(StoreError::from)?;
    let content = html! {
        header { h1 { "Keys" } p.lead { "Programs that call the API from elsewhere show a key. Each may do what it was made for, and nothing else." } }
        @if let Some(shown) = shown { (shown) }
        section.card {
            h2 { "Keys" }
            @if rows.is_empty() { p.empty { "None yet." } }
            @for row in rows { (line(&KeyView::new(row))) }
        }
        section.card {
            h2 { "Make a key" }
            form method="post" action="/studio/keys" {
                p.field { label for="name" { "What is it for?" } input #name name="name" maxlength="100" required; }
                @for scope in Scope::ALL {
                    p { label.check {
                        input type="checkbox" name="scope" value=(scope.as_str()) checked[scope == Scope::Read];
                        span { strong { (scope.as_str()) } " — " (meaning(scope)) }
                    } }
                }
                p { button.button type="submit" { "Make the key" } }
            }
        }
    };
    Ok(Page::new(frame("Keys", Some("/studio/keys"), None).around(&content)))
}

fn line(key: &KeyView) -> Markup {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    html! {
        form.row method="post" action={ "/studio/keys/" (segment(&key.id)) "/revoke" } {
            span {
                strong { (key.name) } " " code { (key.hint) } " · " (scopes.join(", ")) " · made " (key.created_at) " · "
                @match &key.last_used_at { Some(at) => { "last used " (at) }, None => "never used" }
                " "
            }
            @if key.revoked_at.is_some() { (pill("revoked", Tone::Plain)) } @else {
                button.button.quiet type="submit" { "Revoke" }
            }
        }
    }
}

const fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "look at messages, accounts, deliveries and automations",
        Scope::Send => "send messages, decide about parked ones, replay deliveries",
        Scope::Automations => "change, try and publish automations",
        Scope::Accounts => "connect, change and disconnect accounts",
        Scope::Admin => "everything, keys included",
    }
}
