//! `POST /connect/facebook/page` — which of several Pages is to be connected.
//!
//! Between the offer and the choice the user token travels through the browser, sealed: only this
//! gateway opens it, and only for the browser session that began the login.

use axum::Form;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use selfsame_client::Caller;
use selfsame_ui::maud::html;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::ids::PageId;
use serde::Deserialize;

use super::{callback, session};
use crate::http::App;
use crate::http::api::ApiError;
use crate::http::ui::{Page, PageError, frame};
use crate::onboarding::{NewToken, OnboardError, PageChoice};

/// A choice. No `Debug`: it holds a sealed token.
#[derive(Deserialize)]
pub(super) struct Choice {
    page_id: String,
    sealed: String,
}

/// Offers the Pages.
pub(super) fn offer(app: &App, state: &str, caller: &Caller, pages: &[PageChoice]) -> Result<Page, PageError> {
    let sealed = app
        .credentials
        .seal_for_session(state, caller)
        .map_err(|error| PageError::from(ApiError::from(OnboardError::from(error))))?;
    let sealed = URL_SAFE_NO_PAD.encode(sealed);
    let content = html! {
        header { h1 { "Which Page?" } p.lead { "Each Page is linked to one Instagram account." } }
        form.card method="post" action="/connect/facebook/page" {
            input type="hidden" name="sealed" value=(sealed);
            fieldset {
                legend { "Pages that you allowed" }
                @for (position, page) in pages.iter().enumerate() {
                    label.check {
                        input type="radio" name="page_id" value=(page.page_id.as_str()) checked[position == 0] required;
                        span {
                            strong { (page.name.as_deref().unwrap_or(page.page_id.as_str())) }
                            @if let Some(username) = &page.username { " · @" (username) }
                        }
                    }
                }
            }
            p { button.button type="submit" { "Connect" } }
        }
    };
    Ok(Page::new(frame("Which Page?", Some("/connect"), None).around(&content)))
}

/// Connects the chosen Page's account.
pub(super) async fn choose_page(
    State(app): State<App>,
    headers: HeaderMap,
    Form(choice): Form<Choice>,
) -> Result<Response, PageError> {
    let over = || {
        PageError::refused(
            "This browser did not begin this login, or an hour has gone by.",
            "Begin again from Connect.",
        )
    };
    let state = session::remembered(&headers, LoginFlow::Facebook).ok_or_else(over)?;
    let sealed = URL_SAFE_NO_PAD.decode(&choice.sealed).map_err(|_not_base64| over())?;
    let caller = app
        .credentials
        .unseal_for_session(&state, LoginFlow::Facebook, &sealed)
        .map_err(|_not_ours| over())?;
    let token = NewToken {
        caller,
        scopes: None,
        expires_in: None,
    };
    let page_id = Some(PageId::new(choice.page_id));
    let connected = app.onboarding.connect(token, page_id).await.map_err(ApiError::from)?;
    callback::welcome(&connected)
}
