//! `GET /studio/deliveries` — dead letters: webhooks that were taken in and could not be decided, and
//! deciding them again from their raw bytes.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::parts::segment;

use super::page::{Page, PageError, frame};
use crate::http::App;
use crate::http::api::deliveries::{DeliveryView, deliveries, replay_one};

/// The dead letters that are shown.
const SHOWN: u32 = 100;

/// The page.
pub(super) async fn dead_letters(State(app): State<App>) -> Result<Page, PageError> {
    let dead = deliveries(&app, 0, SHOWN, true).await?;
    let content = html! {
        header {
            h1 { "Dead letters" }
            p.lead { "Webhooks that were taken in and could not be decided: of accounts that nobody has connected, unreadable, or failed. The oldest hundred." }
        }
        section.card {
            @if dead.is_empty() { p.empty { "None. Everything that came in was decided." } }
            @for delivery in &dead { (line(delivery)) }
        }
    };
    Ok(Page::new(
        frame("Dead letters", Some("/studio/deliveries"), None).around(&content),
    ))
}

/// Decides one again.
pub(super) async fn replay_delivery(State(app): State<App>, Path(id): Path<String>) -> Result<Response, PageError> {
    replay_one(&app, &id).await?;
    Ok(Redirect::to("/studio/deliveries").into_response())
}

fn line(delivery: &DeliveryView) -> Markup {
    html! {
        form.row method="post" action={ "/studio/deliveries/" (segment(&delivery.id)) "/replay" } {
            span {
                strong { "Delivery " (delivery.id) } " · " (delivery.received_at) " · " (delivery.length_bytes) " bytes · signed with "
                (delivery.signed_with) " "
                a href={ "/api/v1/deliveries/" (segment(&delivery.id)) } { "raw bytes" }
                @for event in &delivery.events {
                    " · " (event.kind) ": " (event.state.replace('_', " "))
                    @if let Some(reason) = &event.reason { " " span.soft { (reason) } }
                }
                " "
            }
            button.button.quiet type="submit" { "Decide again" }
        }
    }
}
