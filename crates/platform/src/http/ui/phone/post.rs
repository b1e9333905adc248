//! `GET /phone/@{me}/p/{media}` — a post with its comments, kept current.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use rusqlite::Connection;
use selfsame_runtime::clock::ProcessTime;
use selfsame_ui::frame::Live;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::parts::{Tone, callout};
use selfsame_ui::post::{Comment, Post};
use selfsame_ui::thread::{Refused, ThreadLine, thread_list};

use super::super::frame;
use super::super::live::{LivePage, Snapshot, stream};
use super::super::page::{Page, PageError};
use super::entries::quiet_at;
use super::lines::thread_lines;
use super::paths;
use super::receipts::{mark_unanswered, receipts};
use crate::domain::account::Account;
use crate::domain::message::Origin;
use crate::domain::view::{CommentView, MediaView};
use crate::http::App;
use crate::hub::Signal;
use crate::store::receipts::DeliveryReceipt;
use crate::store::{StoreError, accounts, media, messages, receipts as receipt_rows, stream as sequence, threads};

/// Comments a page shows at most: the newest.
const MAX_COMMENTS: usize = 300;

/// The page.
pub(in super::super) async fn post_page(
    State(app): State<App>,
    Path((me, media_id)): Path<(String, String)>,
) -> Result<Page, PageError> {
    page(&app, &me, &media_id, None).await
}

/// The page after a plain form was refused.
pub(super) async fn refused_page(app: &App, me: &str, media_id: &str, refused: Refused) -> Response {
    match page(app, me, media_id, Some(&refused)).await {
        Ok(page) => Page {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..page
        }
        .into_response(),
        Err(error) => error.into_response(),
    }
}

/// Its stream.
pub(in super::super) async fn post_live(
    State(app): State<App>,
    Path((me, media_id)): Path<(String, String)>,
) -> Result<Response, PageError> {
    load(&app, &me, &media_id).await?;
    Ok(stream(app, PostPage { me, media_id }))
}

async fn page(app: &App, me: &str, media_id: &str, refused: Option<&Refused>) -> Result<Page, PageError> {
    let loaded = load(app, me, media_id).await?;
    let (post, _) = draw(&loaded, app.world.process.now(), app.config.gateway_url.is_some());
    let path = paths::post(&loaded.me.username, &loaded.media.id);
    let live = Live {
        path: format!("{path}/live"),
        after: loaded.last,
    };
    let content = html! {
        div.phone {
            section.pane.aside aria-label="Messages" {
                header.head {
                    div.who { h1 { a href=(paths::profile(&loaded.me.username)) { (loaded.me.username) } } span.soft.small { "Messages" } }
                }
                (thread_list(&loaded.lines))
            }
            (post.view(refused))
        }
    };
    Ok(Page::new(
        frame::phone(&format!("Post of @{}", loaded.media.account), Some(live), false).around(&content),
    ))
}

struct PostPage {
    me: String,
    media_id: String,
}

impl LivePage for PostPage {
    fn hear(&mut self, _app: &App, signal: &Signal) -> bool {
        matches!(signal, Signal::Stored(_))
    }

    async fn load(&self, app: &App) -> Result<Snapshot, PageError> {
        let loaded = load(app, &self.me, &self.media_id).await?;
        let (post, look_again_at) = draw(&loaded, app.world.process.now(), app.config.gateway_url.is_some());
        let mut nodes = vec![thread_list(&loaded.lines)];
        nodes.extend(post.nodes());
        Ok(Snapshot {
            nodes,
            last: loaded.last,
            look_again_at,
            is_outgrown: false,
        })
    }
}

struct Loaded {
    me: Account,
    owner: Account,
    media: MediaView,
    /// Oldest first.
    comments: Vec<CommentView>,
    receipts: BTreeMap<String, Vec<DeliveryReceipt>>,
    /// When the account last got a message from an app of the owner, ms of world time.
    last_answer_at: Option<Timestamp>,
    lines: Vec<ThreadLine>,
    last: i64,
}

async fn load(app: &App, me: &str, media_id: &str) -> Result<Loaded, PageError> {
    let (me_name, id) = (me.to_owned(), media_id.to_owned());
    let found = app
        .world
        .store
        .read(move |connection| read(connection, &me_name, &id))
        .await?;
    found.ok_or_else(|| PageError::NotFound(format!("There is no post {media_id} on the phone of {me}.")))
}

fn read(connection: &Connection, me: &str, media_id: &str) -> Result<Option<Loaded>, StoreError> {
    let last = sequence::last(connection)?;
    let (Some(me), Some(mut media)) = (
        accounts::by_username(connection, me)?,
        media::view(connection, media_id)?,
    ) else {
        return Ok(None);
    };
    let Some(owner) = accounts::by_username(connection, &media.account)? else {
        return Ok(None);
    };
    let mut comments = media.comments.take().unwrap_or_default();
    let too_many = comments.len().saturating_sub(MAX_COMMENTS);
    comments.drain(..too_many);
    let mut rows = BTreeMap::new();
    for comment in &comments {
        rows.insert(comment.id.clone(), receipt_rows::of_comment(connection, &comment.id)?);
    }
    let last_answer_at = last_answer(connection, &owner, &me)?;
    let lines = thread_lines(connection, &me, None)?;
    Ok(Some(Loaded {
        me,
        owner,
        media,
        comments,
        receipts: rows,
        last_answer_at,
        lines,
        last,
    }))
}

fn last_answer(connection: &Connection, owner: &Account, me: &Account) -> Result<Option<Timestamp>, StoreError> {
    let Some(thread) = threads::between(connection, owner.key, me.key)? else {
        return Ok(None);
    };
    let newest = messages::newest(connection, thread.key, 20)?;
    let answer = newest
        .iter()
        .find(|message| message.origin == Origin::Api && message.sender == owner.key);
    Ok(answer.and_then(|message| Timestamp::from_millisecond(message.created_at_ms).ok()))
}

fn draw(loaded: &Loaded, now: ProcessTime, has_gateway: bool) -> (Post, Option<ProcessTime>) {
    let mut look_again_at = None;
    let mut ordered: Vec<&CommentView> = Vec::with_capacity(loaded.comments.len());
    for top in loaded
        .comments
        .iter()
        .filter(|comment| parent_of(loaded, comment).is_none())
    {
        ordered.push(top);
        ordered.extend(
            loaded
                .comments
                .iter()
                .filter(|reply| parent_of(loaded, reply) == Some(top.id.as_str())),
        );
    }
    let comments = ordered
        .into_iter()
        .map(|comment| draw_comment(loaded, comment, now, has_gateway, &mut look_again_at))
        .collect();
    let post = Post {
        id: loaded.media.id.clone(),
        owner: loaded.media.account.clone(),
        caption: loaded.media.caption.clone().unwrap_or_default(),
        kind: kind_of(&loaded.media),
        comments,
        actions: loaded
            .media
            .comments_enabled
            .then(|| paths::post(&loaded.me.username, &loaded.media.id)),
        owner_href: paths::profile(&loaded.me.username),
        notice: notice(loaded),
    };
    (post, look_again_at)
}

/// The parent of a reply, if it is on the page.
fn parent_of<'l>(loaded: &'l Loaded, comment: &'l CommentView) -> Option<&'l str> {
    let parent = comment.parent_id.as_deref()?;
    loaded.comments.iter().any(|other| other.id == parent).then_some(parent)
}

fn draw_comment(
    loaded: &Loaded,
    comment: &CommentView,
    now: ProcessTime,
    has_gateway: bool,
    look_again_at: &mut Option<ProcessTime>,
) -> Comment {
    let at: Timestamp = comment.created_at.parse().unwrap_or_default();
    let is_mine = comment.username == loaded.me.username && comment.origin == Origin::Phone;
    let deliveries = loaded.receipts.get(&comment.id).map(Vec::as_slice).unwrap_or_default();
    let mut shown = if is_mine {
        receipts(&deliveries.iter().collect::<Vec<_>>())
    } else {
        Vec::new()
    };
    let has_reply = loaded
        .comments
        .iter()
        .any(|other| other.parent_id.as_deref() == Some(comment.id.as_str()) && other.origin == Origin::Api);
    let was_written_to = loaded.last_answer_at.is_some_and(|answered_at| answered_at >= at);
    let is_newest_of_mine = loaded
        .comments
        .iter()
        .rev()
        .find(|other| other.username == comment.username && other.origin == Origin::Phone)
        .map(|other| &other.id)
        == Some(&comment.id);
    if is_mine && is_newest_of_mine && !has_reply && !was_written_to && !comment.private_replied {
        match quiet_at(deliveries) {
            Some(quiet) if now < quiet => *look_again_at = Some(look_again_at.map_or(quiet, |known| known.min(quiet))),
            Some(_) => mark_unanswered(&mut shown, hint(loaded, has_gateway)),
            None => {}
        }
    }
    let role = match comment.origin {
        Origin::Api => "automation",
        Origin::Phone if comment.username == loaded.me.username => "you",
        Origin::Phone => "",
    };
    Comment {
        id: comment.id.clone(),
        username: comment.username.clone(),
        role: role.to_owned(),
        text: comment.text.clone(),
        at,
        is_reply: parent_of(loaded, comment).is_some(),
        is_hidden: comment.hidden,
        has_private_reply: comment.private_replied,
        receipts: shown,
    }
}

fn hint(loaded: &Loaded, has_gateway: bool) -> &'static str {
    if has_gateway {
        "Here the bot is the built-in gateway: no automation matched this comment, or its answer failed. Its studio shows which."
    } else if loaded.me.key == loaded.owner.key {
        "Does it skip its own comments? The owner's comment carries from.self_ig_scoped_id: answer that id with a message, not a private reply."
    } else {
        "Look at its log: it took the webhook and answered neither under the post nor in private."
    }
}

fn kind_of(media: &MediaView) -> String {
    let kind = match media.media_product_type.as_str() {
        "REELS" => "Reel",
        "STORY" => "Story",
        "AD" => "Advertisement",
        "LIVE" if media.live => "Live now",
        "LIVE" => "Live broadcast, ended",
        _ => "Post",
    };
    kind.to_owned()
}

fn notice(loaded: &Loaded) -> Option<Markup> {
    if !loaded.media.comments_enabled {
        return Some(callout(
            Tone::Plain,
            "Comments are switched off",
            "The owner can switch them on again.",
        ));
    }
    if !loaded.owner.kind.is_professional() {
        return Some(callout(
            Tone::Warn,
            "No app hears of comments here",
            "Webhooks exist for posts of professional accounts only.",
        ));
    }
    None
}
