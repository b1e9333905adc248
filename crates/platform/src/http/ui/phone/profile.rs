//! `GET /phone/@{user}` — inbox, with the thread with oneself on top, and the posts one can see.

use axum::extract::{Path, State};
use axum::response::Response;
use rusqlite::Connection;
use selfsame_ui::frame::Live;
use selfsame_ui::icon;
use selfsame_ui::maud::html;
use selfsame_ui::node::{Node, Tag};
use selfsame_ui::person::{FaceSize, face};
use selfsame_ui::post::{PostTile, post_grid};
use selfsame_ui::thread::{ThreadLine, thread_list};

use super::super::frame;
use super::super::live::{LivePage, Snapshot, stream};
use super::super::page::{Page, PageError};
use super::lines::{person, thread_lines};
use super::paths;
use crate::domain::account::Account;
use crate::domain::view::MediaView;
use crate::http::App;
use crate::hub::Signal;
use crate::store::{StoreError, accounts, media, stream as sequence};

/// Posts shown at most.
const MAX_TILES: usize = 60;

/// The page.
pub(in super::super) async fn profile(State(app): State<App>, Path(me): Path<String>) -> Result<Page, PageError> {
    let loaded = load(&app, &me).await?;
    let username = &loaded.me.username;
    let live = Live {
        path: format!("{}/live", paths::profile(username)),
        after: loaded.last,
    };
    let shown = person(&loaded.me);
    let content = html! {
        div.phone.list {
            section.pane.aside aria-label="Messages" {
                header.head {
                    a.icon.back href="/phone" aria-label="Be somebody else" { (icon::back()) }
                    div.who { h1 { (username) } span.soft.small { "Messages" } }
                }
                (thread_list(&loaded.lines))
            }
            section.pane.main aria-label="Profile" {
                div.profile {
                    (face(username, FaceSize::Big))
                    div {
                        h1 { (shown.shown_name()) }
                        p.soft { "@" (username) " · " (shown.kind) }
                        p.small { a href=(paths::settings(username)) { "Settings" } " · " a href=(paths::connected_apps(username)) { "Apps and websites" } " · " a href="/phone" { "Be somebody else" } }
                    }
                }
                (posts_node(&loaded))
            }
        }
    };
    Ok(Page::new(
        frame::phone(&format!("@{username}"), Some(live), false).around(&content),
    ))
}

/// Its stream.
pub(in super::super) async fn profile_live(
    State(app): State<App>,
    Path(me): Path<String>,
) -> Result<Response, PageError> {
    load(&app, &me).await?;
    Ok(stream(app, ProfilePage { me }))
}

struct ProfilePage {
    me: String,
}

impl LivePage for ProfilePage {
    fn hear(&mut self, _app: &App, signal: &Signal) -> bool {
        matches!(signal, Signal::Stored(_))
    }

    async fn load(&self, app: &App) -> Result<Snapshot, PageError> {
        let loaded = load(app, &self.me).await?;
        let nodes = vec![thread_list(&loaded.lines), posts_node(&loaded)];
        Ok(Snapshot {
            nodes,
            last: loaded.last,
            look_again_at: None,
            is_outgrown: false,
        })
    }
}

struct Loaded {
    me: Account,
    lines: Vec<ThreadLine>,
    posts: Vec<MediaView>,
    last: i64,
}

async fn load(app: &App, me: &str) -> Result<Loaded, PageError> {
    let username = me.to_owned();
    let found = app
        .world
        .store
        .read(move |connection| read(connection, &username))
        .await?;
    found.ok_or_else(|| PageError::no_account(me))
}

fn read(connection: &Connection, me: &str) -> Result<Option<Loaded>, StoreError> {
    let last = sequence::last(connection)?;
    let Some(me) = accounts::by_username(connection, me)? else {
        return Ok(None);
    };
    let lines = thread_lines(connection, &me, None)?;
    let mut posts = media::views(connection)?;
    posts.reverse();
    Ok(Some(Loaded { me, lines, posts, last }))
}

fn posts_node(loaded: &Loaded) -> Node {
    let (own, others): (Vec<_>, Vec<_>) = loaded.posts.iter().partition(|post| post.account == loaded.me.username);
    let tiles = |posts: &[&MediaView]| -> Vec<PostTile> {
        let tile = |post: &&MediaView| PostTile {
            id: post.id.clone(),
            caption: post.caption.clone().unwrap_or_default(),
            href: paths::post(&loaded.me.username, &post.id),
        };
        posts.iter().take(MAX_TILES).map(tile).collect()
    };
    let inner = html! {
        @if loaded.me.kind.is_professional() || !own.is_empty() {
            h2 { "Your posts" }
            (post_grid(&tiles(&own)))
        }
        @if !others.is_empty() {
            h2 { "Posts of others" }
            (post_grid(&tiles(&others)))
        }
    };
    Node::fixed(Tag::Block, "posts", "posts-place", inner)
}
