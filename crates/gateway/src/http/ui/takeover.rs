//! `POST /studio/threads/…` — a human takes a thread over, and hands it back to the automations.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use selfsame_runtime::db::Durability;
use selfsame_ui::maud::{Markup, html};
use selfsame_wire::ids::IgScopedId;
use serde::Deserialize;

use super::page::PageError;
use crate::http::App;
use crate::http::api::find_account;
use crate::store::StoreError;
use crate::store::threads::{self, PausedThread};

/// A thread.
#[derive(Debug, Deserialize)]
pub(super) struct Thread {
    account: String,
    person: String,
}

/// A human answers from now on. The self thread cannot be taken over.
pub(super) async fn take_over(State(app): State<App>, Form(thread): Form<Thread>) -> Result<Response, PageError> {
    let account = find_account(&app, &thread.account).await?;
    let person = IgScopedId::new(thread.person);
    if account.self_igsid.as_ref() == Some(&person) {
        return Err(PageError::refused(
            "Your own thread cannot be taken over.",
            "There your writing is what the automations answer.",
        ));
    }
    app.database
        .write(Durability::Durable, move |tx| {
            threads::pause(tx, &account.ig_id, &person, "a human took this thread over", None)
        })
        .await
        .map_err(StoreError::from)?;
    Ok(Redirect::to("/studio").into_response())
}

/// The automations answer again.
pub(super) async fn hand_back(State(app): State<App>, Form(thread): Form<Thread>) -> Result<Response, PageError> {
    let account = find_account(&app, &thread.account).await?;
    let person = IgScopedId::new(thread.person);
    app.database
        .write(Durability::Durable, move |tx| {
            threads::hand_back(tx, &account.ig_id, &person)
        })
        .await
        .map_err(StoreError::from)?;
    Ok(Redirect::to("/studio").into_response())
}

/// The threads that people answer in.
pub(super) fn threads_card(paused: &[PausedThread]) -> Markup {
    html! {
        h2 { "Threads that you answer yourself" }
        @if paused.is_empty() { p.empty { "None: automations answer everywhere." } }
        @for thread in paused {
            form.row method="post" action="/studio/threads/hand-back" {
                input type="hidden" name="account" value=(thread.account);
                input type="hidden" name="person" value=(thread.person);
                span { code { (thread.person) } " " span.soft { (thread.reason) } }
                button.button.quiet type="submit" { "Hand back to the automations" }
            }
        }
    }
}

/// A button that takes a customer's thread over.
pub(super) fn take_over_button(account: &str, person: &str) -> Markup {
    html! {
        form method="post" action="/studio/threads/take-over" {
            input type="hidden" name="account" value=(account);
            input type="hidden" name="person" value=(person);
            button.button.quiet type="submit" { "Answer this person myself" }
        }
    }
}
