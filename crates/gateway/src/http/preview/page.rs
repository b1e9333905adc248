//! `GET /preview/{token}` — the page, and its stream.

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;
use selfsame_ui::frame::{Frame, Layout, Live};
use selfsame_ui::maud::html;
use selfsame_ui::node::{Node, Tag};
use selfsame_ui::parts::{TimeFormat, time};
use selfsame_ui::policy::Policy;

use super::address::look_by_token;
use super::phone::thread_of;
use super::words::{next_step, why};
use crate::http::App;
use crate::http::ui::{Page, PageError, stream_of};
use crate::previews::Look;
use crate::store::previews::PreviewMode;

/// The page.
pub(super) async fn page(State(app): State<App>, Path(token): Path<String>) -> Result<Page, PageError> {
    let look = look_by_token(&app, &token).await?;
    let path = format!("/preview/{token}");
    let thread = thread_of(&look, &path);
    let is_made_up = look.row.mode == PreviewMode::Simulate;
    let until = Timestamp::from_millisecond(look.row.expires_at_ms).unwrap_or(Timestamp::MAX);
    let [next, why] = cards(&app, &look, &path);
    let content = html! {
        header {
            h1 { "Meet your automation" }
            p.lead {
                @if is_made_up { "A rehearsal for @" (look.account.username) ": nothing is sent." }
                @else { "You are the first customer of @" (look.account.username) ": only you are answered." }
            }
        }
        div.preview {
            div.told { (next) (why) }
            div.device { (thread.view(None)) }
        }
        footer.row.small.soft {
            span { "This link works until " (time(until, TimeFormat::Day)) "." }
            form method="post" action={ (path) "/end" } { button.button.quiet type="submit" { "End this preview" } }
        }
    };
    let frame = Frame {
        title: "Meet your automation".to_owned(),
        links: Vec::new(),
        current: None,
        live: Some(Live {
            path: format!("{path}/live"),
            after: 0,
        }),
        layout: Layout::Guest,
    };
    let policy = app
        .config
        .preview_embedders
        .iter()
        .fold(Policy::page(), |policy, origin| policy.framed_by(origin.clone()));
    Ok(Page::new(frame.around(&content)).with_policy(policy))
}

/// The page's stream. It ends with the preview.
pub(super) async fn live(State(app): State<App>, Path(token): Path<String>) -> Result<Response, PageError> {
    look_by_token(&app, &token).await?;
    Ok(stream_of(move || {
        let (app, token) = (app.clone(), token.clone());
        async move {
            let look = look_by_token(&app, &token).await?;
            let path = format!("/preview/{token}");
            let mut nodes = cards(&app, &look, &path).to_vec();
            nodes.extend(thread_of(&look, &path).nodes());
            Ok(nodes)
        }
    }))
}

fn cards(app: &App, look: &Look, path: &str) -> [Node; 2] {
    [
        Node::fixed(
            Tag::Block,
            "preview-next",
            "card",
            next_step(look, path, differs(app, look)),
        ),
        Node::fixed(Tag::Block, "preview-why", "card why", why(look)),
    ]
}

/// Whether customers get something else than what is previewed.
fn differs(app: &App, look: &Look) -> bool {
    let ig_id = &look.account.ig_id;
    let draft = match &look.row.text {
        Some(text) => Some(text.clone()),
        None => app
            .lanes
            .draft(Some(ig_id))
            .or_else(|| app.lanes.draft(None))
            .map(|draft| draft.text),
    };
    let live = app
        .lanes
        .live(Some(ig_id))
        .or_else(|| app.lanes.live(None))
        .map(|live| live.text);
    draft != live
}
