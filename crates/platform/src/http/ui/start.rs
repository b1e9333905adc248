//! `GET /` — start here: what this is, the next thing to try, every id and token, which secret signs what, and whether the bot is up.

use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::response::Response;
use rusqlite::Connection;
use selfsame_ui::frame::Live;
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::node::{Node, Tag};
use selfsame_ui::parts::{Tone, callout, command, copyable, pill, segment};

use super::frame;
use super::live::{LivePage, Snapshot, stream};
use super::page::{Page, PageError};
use crate::domain::account::Account;
use crate::domain::app::{App as DeveloperApp, AppMode, CallbackState};
use crate::domain::caller::Token;
use crate::http::App;
use crate::hub::Signal;
use crate::store::grants::{AppScopedIds, Grant};
use crate::store::{StoreError, accounts, apps, grants, media, stream as sequence, threads};

/// The handshake is looked at this often while a callback waits for it, in process time.
const HANDSHAKE_LOOK: Duration = Duration::from_secs(1);

/// The page.
pub(super) async fn start(State(app): State<App>, headers: HeaderMap) -> Result<Page, PageError> {
    let base = base_url(&app, &headers);
    let world = app.world.store.read(read).await?;
    let live = Live {
        path: "/start/live".to_owned(),
        after: world.last,
    };
    let content = html! {
        header {
            h1 { "Instagram’s Self Messaging, on your own machine" }
            p.lead {
                "A local Instagram: phones, threads, posts, the Graph API and signed webhooks. One professional account is business and person at once: "
                "message yourself, and see your automation answer before any customer does."
            }
        }
        (next_node(&world))
        (webhook_node(&app, &world))
        (secrets_card(&world))
        (accounts_node(&world))
        (terminal_card(&base, &world))
        (links_card(&app))
        p.soft.small { "selfsame is not affiliated with Meta. Everything here is test data and stays on this machine." }
    };
    Ok(Page::new(
        frame::document("Start", Some("/"), Some(live)).around(&content),
    ))
}

/// `GET /start/live` — its stream.
pub(super) async fn start_live(State(app): State<App>) -> Response {
    stream(app, StartPage)
}

struct StartPage;

impl LivePage for StartPage {
    fn hear(&mut self, _app: &App, signal: &Signal) -> bool {
        matches!(signal, Signal::Stored(_))
    }

    async fn load(&self, app: &App) -> Result<Snapshot, PageError> {
        let world = app.world.store.read(read).await?;
        let look_again_at = world
            .is_waiting_for_a_handshake()
            .then(|| app.world.process.now().plus(HANDSHAKE_LOOK));
        let nodes = vec![next_node(&world), webhook_node(app, &world), accounts_node(&world)];
        Ok(Snapshot {
            nodes,
            last: world.last,
            look_again_at,
            is_outgrown: false,
        })
    }
}

/// What the page shows of the world.
struct World {
    apps: Vec<DeveloperApp>,
    accounts: Vec<AccountCard>,
    /// The newest post of the account to try things with.
    post: Option<String>,
    last: i64,
}

struct AccountCard {
    account: Account,
    /// Whether the owner has messaged herself.
    is_open: bool,
    access: Vec<Access>,
}

struct Access {
    app_name: String,
    grant: Grant,
    ids: Option<AppScopedIds>,
    tokens: Vec<Token>,
}

impl World {
    fn is_waiting_for_a_handshake(&self) -> bool {
        let is_unverified = |app: &DeveloperApp| {
            app.subscription
                .as_ref()
                .is_some_and(|subscription| matches!(subscription.state, CallbackState::Unverified { .. }))
        };
        self.apps.iter().any(is_unverified)
    }

    /// The account to try things with: the first professional one that is connected.
    fn hero(&self) -> Option<&AccountCard> {
        self.accounts
            .iter()
            .find(|card| card.account.kind.is_professional() && !card.access.is_empty())
    }
}

fn read(connection: &Connection) -> Result<World, StoreError> {
    let last = sequence::last(connection)?;
    let all_apps = apps::all(connection)?;
    let mut cards = Vec::new();
    for account in accounts::all(connection)? {
        let own_thread = threads::between(connection, account.key, account.key)?;
        let mut access = Vec::new();
        for grant in grants::grants_of_account(connection, account.key)?
            .into_iter()
            .filter(|grant| grant.revoked_at_ms.is_none())
        {
            let app_name = all_apps
                .iter()
                .find(|app| app.key == grant.app)
                .map(|app| app.name.clone())
                .unwrap_or_default();
            let tokens = grants::tokens_of_grant(connection, grant.key)?;
            let ids = grants::app_scoped_ids(connection, grant.app, account.key)?;
            access.push(Access {
                app_name,
                grant,
                ids,
                tokens,
            });
        }
        cards.push(AccountCard {
            account,
            is_open: own_thread.is_some_and(|thread| thread.a_wrote_at_ms.is_some()),
            access,
        });
    }
    let mut world = World {
        apps: all_apps,
        accounts: cards,
        post: None,
        last,
    };
    let hero_key = world.hero().map(|card| card.account.key);
    world.post = hero_key
        .map(|key| media::latest(connection, key))
        .transpose()?
        .flatten()
        .map(|media| media.media_id.as_str().to_owned());
    Ok(world)
}

fn next_node(world: &World) -> Node {
    let inner = match world.hero() {
        None => html! {
            h2 { "Connect an account" }
            p { "No professional account is connected to an app yet. Make one with " code { "POST /_sim/accounts" } " and " code { "POST /_sim/grants" } ", or log in through the dialog." }
        },
        Some(card) => {
            let username = &card.account.username;
            let thread = format!("/phone/@{0}/t/@{0}", segment(username));
            html! {
                @if card.is_open {
                    h2 { "You are talking to yourself. Go on" }
                    p { "Tap a button, comment on your own post, or change the automation and say it again." }
                } @else {
                    h2 { "Next: message yourself" }
                    p { "The thread of @" (username) " with itself is not open yet: apps may write there once you have written first. Open it and say " strong { "menu" } "." }
                }
                p.row {
                    a.button href=(thread) { "Open the thread with yourself" }
                    @if let Some(post) = &world.post {
                        a.button href={ "/phone/@" (segment(username)) "/p/" (segment(post)) } { "Comment on your post" }
                    }
                    a.button href="/phone" { "Be somebody else" }
                }
            }
        }
    };
    Node::fixed(Tag::Block, "next", "card next", inner)
}

fn webhook_node(app: &App, world: &World) -> Node {
    let inner = html! {
        header { h2 { "Webhooks" } a.small href="/dashboard" { "Change them in the dashboard" } }
        @if world.apps.is_empty() { p.empty { "There is no app yet." } }
        @for developer_app in &world.apps {
            dl.facts {
                dt { "App" } dd { strong { (developer_app.name) } (mode_pill(developer_app.mode)) }
                @match &developer_app.subscription {
                    None => { dt { "Callback" } dd { "none" } }
                    Some(subscription) => {
                        dt { "Callback" } dd { (copyable("callback URL", &subscription.callback_url)) }
                        dt { "Verify token" } dd { (copyable("verify token", &subscription.verify_token)) }
                        dt { "Handshake" } dd { (handshake_pill(&subscription.state)) }
                    }
                }
            }
            @if let Some(subscription) = &developer_app.subscription { (handshake_callout(&subscription.state)) }
        }
        @if let Some(gateway) = &app.config.gateway_url {
            p.soft { "The gateway beside this platform answers: " a href=(gateway) { (gateway) } }
        }
    };
    Node::fixed(Tag::Block, "webhooks", "card", inner)
}

fn mode_pill(mode: AppMode) -> Markup {
    match mode {
        AppMode::Live => pill("live", Tone::Good),
        AppMode::Development => pill("in development: no webhooks", Tone::Warn),
    }
}

/// The state of a handshake as a label.
pub(super) fn handshake_pill(state: &CallbackState) -> Markup {
    match state {
        CallbackState::Verified => pill("passed", Tone::Good),
        CallbackState::Unverified { attempts, .. } => html! {
            (pill("waiting", Tone::Warn)) span.soft.small { (attempts) @if *attempts == 1 { " try" } @else { " tries" } }
        },
    }
}

/// Why a handshake has not passed, and what passes it.
pub(super) fn handshake_callout(state: &CallbackState) -> Markup {
    let CallbackState::Unverified { last_error, .. } = state else {
        return html! {};
    };
    let headline = last_error
        .clone()
        .unwrap_or_else(|| "The callback was not asked yet".to_owned());
    let remedy = "Answer GET with status 200 and the value of hub.challenge as the body, when hub.verify_token is yours. It is tried every second.";
    callout(Tone::Warn, &headline, remedy)
}

fn secrets_card(world: &World) -> Markup {
    html! {
        section.card {
            header { h2 { "Which secret signs what" } }
            @for app in &world.apps {
                div.scroll { table {
                    tr { th { "App " (app.name) } th { "Id" } th { "Secret" } th { "Signs webhooks of" } }
                    tr {
                        td { "Instagram login" }
                        td { (copyable("Instagram app id", app.instagram_app_id.as_str())) }
                        td { (copyable("Instagram app secret", &app.instagram_app_secret)) }
                        td { "accounts connected through the Instagram login (graph.instagram.com)" }
                    }
                    tr {
                        td { "Facebook login" }
                        td { (copyable("Meta app id", app.meta_app_id.as_str())) }
                        td { (copyable("Meta app secret", &app.meta_app_secret)) }
                        td { "accounts connected through the Facebook login (graph.facebook.com)" }
                    }
                } }
            }
            p.soft.small { "Every webhook carries " code { "X-Hub-Signature-256" } " and " code { "X-Hub-Signature" } " over its exact bytes." }
        }
    }
}

fn accounts_node(world: &World) -> Node {
    let inner = html! {
        header { h2 { "Accounts, ids and tokens" } }
        @for card in &world.accounts { (account_facts(card)) }
    };
    Node::fixed(Tag::Block, "accounts", "card", inner)
}

fn account_facts(card: &AccountCard) -> Markup {
    let account = &card.account;
    html! {
        h3 { a href={ "/phone/@" (segment(&account.username)) } { "@" (account.username) } " " (pill(account.kind.as_str(), Tone::Plain)) }
        dl.facts {
            @if let Some(id) = &account.ig_id { dt { "IG id" } dd { (copyable("IG id", id.as_str())) span.soft.small { "user_id, entry.id" } } }
            @if let Some(id) = &account.self_igsid {
                dt { "Self IGSID" }
                dd { (copyable("self IGSID", id.as_str())) @if card.is_open { (pill("open", Tone::Good)) } @else { (pill("message yourself first", Tone::Warn)) } }
            }
            @if let Some(page) = &account.page { dt { "Page id" } dd { (copyable("Page id", page.page_id.as_str())) } }
            @for access in &card.access {
                @if let Some(ids) = &access.ids {
                    @if access.grant.flow == selfsame_wire::flow::LoginFlow::Instagram {
                        dt { "App-scoped id" } dd { (copyable("app-scoped id", ids.instagram_user_id.as_str())) span.soft.small { "id of /me, never a recipient" } }
                    }
                }
                @for token in access.tokens.iter().filter(|token| token.invalid_subcode.is_none()) {
                    dt { (token_name(token)) } dd { (copyable(token_name(token), &token.token)) span.soft.small { (access.app_name) } }
                }
            }
        }
    }
}

fn token_name(token: &Token) -> &'static str {
    use crate::domain::caller::TokenKind;
    match token.kind {
        TokenKind::InstagramShort => "Instagram token, short",
        TokenKind::InstagramLong => "Instagram token",
        TokenKind::FacebookUserShort => "User token, short",
        TokenKind::FacebookUserLong => "User token",
        TokenKind::Page => "Page token",
    }
}

fn terminal_card(base: &str, world: &World) -> Markup {
    let igsid = world
        .hero()
        .and_then(|card| card.account.self_igsid.as_ref())
        .map_or("<SELF_IGSID>", |id| id.as_str());
    let tokens = world
        .hero()
        .into_iter()
        .flat_map(|card| &card.access)
        .flat_map(|access| &access.tokens);
    let token = tokens
        .filter(|token| token.invalid_subcode.is_none())
        .map(|token| token.token.as_str())
        .next()
        .unwrap_or("<TOKEN>");
    let curl = format!(
        "curl -X POST {base}/v24.0/{igsid}/messages -H 'Content-Type: application/json' -H 'Authorization: Bearer {token}' \
         -d '{{\"message\":{{\"text\":\"Hello from your IG Pro account!\"}}}}'"
    );
    html! {
        section.card {
            header { h2 { "The same from a terminal" } }
            (command("selfsame dm menu"))
            (command("selfsame env"))
            (command(&curl))
        }
    }
}

fn links_card(app: &App) -> Markup {
    html! {
        section.card {
            header { h2 { "Where things are" } }
            ul.steps {
                li { span { a href="/phone" { "Phone" } " — choose who you are; write, tap, comment." } }
                li { span { a href="/inspector" { "Inspector" } " — every webhook with its attempts, every Graph call with its answer." } }
                li { span { a href="/dashboard" { "Dashboard" } " — apps, webhook configuration, switches for what Meta leaves open." } }
                li { span { a href="/_sim/openapi.json" { "/_sim" } " — everything above for tests, described by OpenAPI." } }
                @if let Some(gateway) = &app.config.gateway_url {
                    @if let Ok(studio) = gateway.join("/studio") { li { span { a href=(studio) { "Studio" } " — the gateway's automations." } } }
                }
            }
        }
    }
}

/// The address under which the reader came here.
fn base_url(app: &App, headers: &HeaderMap) -> String {
    if let Some(url) = &app.config.public_url {
        return url.as_str().trim_end_matches('/').to_owned();
    }
    let host = headers
        .get(HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("localhost:7353");
    format!("http://{host}")
}
