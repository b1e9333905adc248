//! `GET /phone/@{me}/t/@{other}` — a conversation, kept current.

use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use selfsame_runtime::clock::ProcessTime;
use selfsame_ui::frame::Live;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::node::Node;
use selfsame_ui::parts::{Tone, callout};
use selfsame_ui::thread::{Refused, Thread, thread_list};
use serde::Deserialize;

use super::super::frame;
use super::super::live::{LivePage, Snapshot, stream};
use super::super::page::{Page, PageError};
use super::conversation::{self, Conversation, Part};
use super::entries::entries;
use super::lines::{is_request, person};
use super::paths;
use super::receipts::inspector_of;
use crate::domain::keys::ThreadKey;
use crate::http::App;
use crate::hub::{Signal, StreamEvent};

/// Typing shows this long, in process time, unless a message or `typing_off` comes first.
const TYPING: Duration = Duration::from_secs(20);

/// Which part of the thread.
#[derive(Debug, Deserialize)]
pub(in super::super) struct ThreadQuery {
    /// Show what was said before this message.
    before: Option<i64>,
    /// Live: everything from this message on.
    from: Option<i64>,
}

/// The page.
pub(in super::super) async fn thread(
    State(app): State<App>,
    Path((me, other)): Path<(String, String)>,
    Query(query): Query<ThreadQuery>,
) -> Result<Page, PageError> {
    let part = query.before.map_or(Part::Newest, Part::Before);
    page(&app, &me, &other, part, None).await
}

/// The page after a plain form was refused: with the reason, and with what was typed.
pub(super) async fn refused_page(app: &App, me: &str, other: &str, refused: Refused) -> Response {
    match page(app, me, other, Part::Newest, Some(&refused)).await {
        Ok(page) => Page {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            ..page
        }
        .into_response(),
        Err(error) => error.into_response(),
    }
}

async fn page(app: &App, me: &str, other: &str, part: Part, refused: Option<&Refused>) -> Result<Page, PageError> {
    let conversation = load(app, me, other, part).await?;
    let (view, _) = draw(app, &conversation, false);
    let path = paths::thread(&conversation.me.username, &conversation.other.username);
    // An older part does not change under the reader's eyes.
    let live = match part {
        Part::Before(_) => None,
        Part::Newest | Part::From(_) => Some(Live {
            path: format!("{path}/live?from={}", conversation.first_message()),
            after: conversation.last,
        }),
    };
    let title = if conversation.is_self() {
        "You".to_owned()
    } else {
        format!("@{}", conversation.other.username)
    };
    let content = html! {
        div.phone {
            section.pane.aside aria-label="Messages" {
                header.head {
                    div.who { h1 { a href=(paths::profile(&conversation.me.username)) { (conversation.me.username) } } span.soft.small { "Messages" } }
                }
                (thread_list(&conversation.lines))
            }
            (view.view(refused))
        }
    };
    Ok(Page::new(frame::phone(&title, live, true).around(&content)))
}

/// Its stream.
pub(in super::super) async fn thread_live(
    State(app): State<App>,
    Path((me, other)): Path<(String, String)>,
    Query(query): Query<ThreadQuery>,
) -> Result<Response, PageError> {
    let first = query.from.unwrap_or(0);
    let conversation = load(&app, &me, &other, Part::From(first)).await?;
    let thread = conversation.thread.map(|thread| thread.key);
    Ok(stream(
        app,
        ThreadPage {
            me,
            other,
            first,
            thread,
            typing_until: None,
        },
    ))
}

struct ThreadPage {
    me: String,
    other: String,
    first: i64,
    /// Known once the first message was written.
    thread: Option<ThreadKey>,
    typing_until: Option<(ThreadKey, ProcessTime)>,
}

impl LivePage for ThreadPage {
    fn hear(&mut self, app: &App, signal: &Signal) -> bool {
        match signal {
            Signal::Typing { thread, on, .. } => {
                self.typing_until = on.then(|| (*thread, app.world.process.now().plus(TYPING)));
                true
            }
            Signal::Stored(item) => {
                if item.event == StreamEvent::Message {
                    self.typing_until = None;
                }
                matches!(
                    item.event,
                    StreamEvent::Message | StreamEvent::Delivery | StreamEvent::Attempt
                )
            }
        }
    }

    async fn load(&self, app: &App) -> Result<Snapshot, PageError> {
        let conversation = load(app, &self.me, &self.other, Part::From(self.first)).await?;
        let thread = conversation.thread.as_ref().map(|thread| thread.key).or(self.thread);
        let now = app.world.process.now();
        let typing_until = self
            .typing_until
            .filter(|(typing_in, until)| thread == Some(*typing_in) && now < *until)
            .map(|(_, until)| until);
        let (view, quiet_at) = draw(app, &conversation, typing_until.is_some());
        let mut nodes: Vec<Node> = vec![thread_list(&conversation.lines)];
        nodes.extend(view.nodes());
        let look_again_at = [typing_until, quiet_at].into_iter().flatten().min();
        Ok(Snapshot {
            nodes,
            last: conversation.last,
            look_again_at,
            is_outgrown: conversation.is_outgrown,
        })
    }
}

async fn load(app: &App, me: &str, other: &str, part: Part) -> Result<Conversation, PageError> {
    let (me_name, other_name) = (me.to_owned(), other.to_owned());
    let now_ms = app.world.clock.now_ms();
    let found = app
        .world
        .store
        .read(move |connection| conversation::read(connection, &me_name, &other_name, part, now_ms))
        .await?;
    found.ok_or_else(|| PageError::NotFound(format!("There is no conversation of {me} with {other}.")))
}

fn draw(app: &App, conversation: &Conversation, is_typing: bool) -> (Thread, Option<ProcessTime>) {
    let drawn = entries(
        conversation,
        app.world.process.now(),
        is_typing,
        app.config.gateway_url.is_some(),
    );
    let (me, other) = (&conversation.me, &conversation.other);
    let path = paths::thread(&me.username, &other.username);
    let professional = if other.kind.is_professional() { other } else { me };
    let thread = Thread {
        me: person(me),
        other: person(other),
        entries: drawn.entries,
        earlier_href: conversation
            .earlier_than
            .map(|before| format!("{path}?before={before}")),
        is_typing,
        notice: notice(conversation),
        actions: Some(path),
        words_only: false,
        back_href: Some(paths::profile(&me.username)),
        inspect_href: Some(inspector_of(&professional.username)),
        ice_breakers: conversation.ice_breakers.clone(),
        menu: conversation.menu.clone(),
        shareable: conversation.shareable.clone(),
        stories: conversation.stories.clone(),
    };
    (thread, drawn.look_again_at)
}

/// What to know about the thread before anything else.
fn notice(conversation: &Conversation) -> Option<Markup> {
    let (me, other) = (&conversation.me, &conversation.other);
    if !me.kind.is_professional() && !other.kind.is_professional() {
        let remedy = "Webhooks exist for professional accounts only.";
        return Some(callout(Tone::Warn, "No app can see this conversation", remedy));
    }
    if conversation.connections.is_empty() {
        let remedy = "Let the owner log in to an app, or POST /_sim/grants. Until then nothing that is written here goes anywhere.";
        return Some(callout(Tone::Warn, "This account is connected to no app", remedy));
    }
    let waiting = conversation
        .connections
        .iter()
        .find(|connection| connection.app_fields.is_some() && !connection.callback_verified);
    if let Some(connection) = waiting {
        let headline = format!(
            "The callback of app {} has not passed its handshake",
            connection.app_name
        );
        let remedy = "It must answer GET with status 200 and the challenge as its body; it is tried every second. Until then no webhook goes out.";
        return Some(callout(Tone::Warn, &headline, remedy));
    }
    if conversation
        .thread
        .as_ref()
        .is_some_and(|thread| is_request(thread, me))
    {
        let headline = format!("@{} has sent you a message request", other.username);
        let remedy = "Your first answer, or your app’s, accepts it and moves the conversation to your inbox. Block or restrict in your settings.";
        return Some(callout(Tone::Plain, &headline, remedy));
    }
    let is_open = conversation
        .thread
        .as_ref()
        .is_some_and(|thread| thread.a_wrote_at_ms.is_some());
    if conversation.is_self() && !is_open {
        let remedy = "Write the first message: it arrives at your app as an echo with is_self, and tells it the id to answer. \
                      Until then apps cannot write to you here.";
        return Some(callout(Tone::Plain, "This thread is not open yet", remedy));
    }
    None
}
