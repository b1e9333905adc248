//! What every handler shares, and the router over all surfaces.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use selfsame_client::GraphClient;
use selfsame_queue::Doorbell;
use selfsame_runtime::clock::{ProcessClock, WorldClock};
use selfsame_runtime::db::Database;
use selfsame_runtime::http::{Surface, Walls};
use selfsame_runtime::random::Random;
use selfsame_wire::secret::AppSecret;

use crate::account_book::AccountBook;
use crate::checks::Checker;
use crate::config::Config;
use crate::lanes::Lanes;
use crate::metrics::Metrics;
use crate::onboarding::{Credentials, Onboarding};
use crate::outbox::Waiting;
use crate::previews::Previews;
use crate::reconciler::Reconciler;
use crate::runs::CallRules;
use crate::shelf::Shelf;

use super::webhook::SignatureFailures;
use super::{api, connect, graph, health, preview, ui, webhook};

/// State of every handler. Cloning is cheap and shares everything.
#[derive(Clone)]
pub struct App {
    /// The configuration the gateway was opened with.
    pub config: Arc<Config>,
    /// The gateway's database.
    pub database: Database,
    /// World time.
    pub world: WorldClock,
    /// Process time.
    pub process: ProcessClock,
    /// Randomness: states, keys.
    pub random: Random,
    /// The way to Instagram.
    pub client: GraphClient,
    /// Connected accounts.
    pub accounts: Arc<dyn AccountBook>,
    /// Opens their tokens.
    pub credentials: Credentials,
    /// Connects accounts.
    pub onboarding: Onboarding,
    /// The draft and what is published.
    pub lanes: Lanes,
    /// Previews.
    pub previews: Previews,
    /// The automations that run.
    pub shelf: Shelf,
    /// Counters.
    pub metrics: Metrics,
    /// The app secrets that sign webhooks: Instagram's, then Meta's, then further ones.
    pub webhook_secrets: Arc<[AppSecret]>,
    /// What each of them is called.
    pub secret_names: Arc<[String]>,
    /// Limits how often failed signatures are recorded.
    pub signature_failures: Arc<SignatureFailures>,
    /// Compares accounts with Instagram.
    pub reconciler: Reconciler,
    /// Rung when a body was taken in.
    pub split_bell: Doorbell,
    /// Rung when events may be decided.
    pub inbox_bell: Doorbell,
    /// Rung when a run may go on.
    pub runs_bell: Doorbell,
    /// Rung when something may be sent.
    pub outbox_bell: Doorbell,
    /// Where callers may make us call.
    pub call_rules: CallRules,
    /// Callers that wait for the end of a send.
    pub waiting: Waiting,
    /// What engines have under way beside their sends.
    pub graph_room: graph::Room,
}

impl App {
    /// What checks need.
    pub(super) fn checker(&self) -> Checker<'_> {
        Checker {
            config: &self.config,
            database: &self.database,
            client: &self.client,
            credentials: &self.credentials,
            world: &self.world,
            random: &self.random,
        }
    }
}

/// The routes of all surfaces, each behind its walls (design "Who may call").
pub fn router(app: App, walls: &Walls) -> Router {
    let webhook = webhook::router(app.clone()).layer(DefaultBodyLimit::max(app.config.limits.webhook_body_bytes));
    let machine = webhook
        .merge(graph::router())
        .merge(health::router())
        .merge(connect::called_by_meta())
        .merge(preview::router())
        .merge(ui::assets_router());
    let private = connect::router().merge(ui::router());
    let keyed = api::router(&app);
    Router::new()
        .merge(walls.around(Surface::Machine, machine))
        .merge(walls.around(Surface::Private, private))
        .merge(walls.around(Surface::Keyed, keyed))
        .with_state(app)
}
