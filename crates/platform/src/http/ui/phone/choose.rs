//! `GET /phone` — choose who you are.

use axum::extract::State;
use axum::response::Response;
use rusqlite::Connection;
use selfsame_ui::frame::Live;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::node::{Node, Tag};
use selfsame_ui::parts::{Tone, pill};
use selfsame_ui::person::{FaceSize, face};

use super::super::frame;
use super::super::live::{LivePage, Snapshot, stream};
use super::super::page::{Page, PageError};
use super::lines::person;
use super::paths;
use crate::domain::account::Account;
use crate::http::App;
use crate::hub::Signal;
use crate::store::{StoreError, accounts, stream as sequence};

/// The page.
pub(in super::super) async fn choose(State(app): State<App>) -> Result<Page, PageError> {
    let (everybody, last) = app.world.store.read(load).await?;
    let live = Live {
        path: "/phone/live".to_owned(),
        after: last,
    };
    let content = html! {
        div.phone.single {
            section.pane.main aria-label="Choose who you are" {
                header.head { div.who { h1 { "Who are you?" } span.soft.small { "Every account here has its own phone." } } }
                (people_node(&everybody))
            }
        }
    };
    Ok(Page::new(
        frame::phone("Choose who you are", Some(live), false).around(&content),
    ))
}

/// Its stream.
pub(in super::super) async fn choose_live(State(app): State<App>) -> Response {
    stream(app, ChoosePage)
}

struct ChoosePage;

impl LivePage for ChoosePage {
    fn hear(&mut self, _app: &App, _signal: &Signal) -> bool {
        true
    }

    async fn load(&self, app: &App) -> Result<Snapshot, PageError> {
        let (everybody, last) = app.world.store.read(load).await?;
        Ok(Snapshot {
            nodes: vec![people_node(&everybody)],
            last,
            look_again_at: None,
            is_outgrown: false,
        })
    }
}

fn load(connection: &Connection) -> Result<(Vec<Account>, i64), StoreError> {
    Ok((accounts::all(connection)?, sequence::last(connection)?))
}

fn people_node(everybody: &[Account]) -> Node {
    let inner: Markup = html! {
        @if everybody.is_empty() {
            p.empty { "Nobody lives here yet. Make an account with POST /_sim/accounts." }
        }
        ul.people {
            @for account in everybody {
                @let person = person(account);
                li {
                    a href=(paths::profile(&account.username)) {
                        (face(&account.username, FaceSize::Middle))
                        span.line {
                            span.name { (account.username) }
                            span.soft.small { (person.shown_name()) " · " (person.kind) }
                        }
                        @if account.kind.is_professional() { (pill("can message herself", Tone::Plain)) }
                    }
                }
            }
        }
    };
    Node::fixed(Tag::Block, "people", "people-place", inner)
}
