//! `GET /api/v1/automations` — the draft, what is published, and what is wrong with the draft.

use axum::Json;
use axum::extract::State;
use selfsame_wire::ids::IgUserId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::automation::{Library, Problem};
use crate::http::App;
use crate::http::api::error::ErrorAnswer;
use crate::lanes::{DraftState, LiveState};

/// Both lanes.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct LanesView {
    /// Where the draft lies; null for the draft of one account.
    pub(in crate::http) file: Option<String>,
    /// What runs for the owner; null: nothing of its own.
    pub(in crate::http) draft: Option<DraftView>,
    /// What runs for everybody else; null: nothing was published.
    pub(in crate::http) published: Option<LiveView>,
    /// Whether the draft differs from what is published.
    pub(in crate::http) differs: bool,
}

/// The draft.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct DraftView {
    /// The version that runs.
    pub(in crate::http) version: String,
    /// Whether the newest text is the one that runs; otherwise it has errors.
    pub(in crate::http) is_current: bool,
    /// What is wrong with the newest text.
    pub(in crate::http) problems: Vec<Problem>,
    /// When the newest text was read, RFC 3339, world time.
    pub(in crate::http) read_at: String,
    /// The newest text.
    pub(in crate::http) text: String,
    /// What runs.
    pub(in crate::http) automations: Vec<AutomationView>,
}

/// What is published.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct LiveView {
    /// Its number in the history.
    pub(in crate::http) id: i64,
    /// Its version.
    pub(in crate::http) version: String,
    /// When it was published, RFC 3339, world time.
    pub(in crate::http) published_at: Option<String>,
    /// Its text.
    pub(in crate::http) text: String,
    /// What runs.
    pub(in crate::http) automations: Vec<AutomationView>,
}

/// One automation.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct AutomationView {
    /// Its name.
    pub(in crate::http) name: String,
    /// The line it starts on.
    pub(in crate::http) line: u64,
    /// What starts it.
    pub(in crate::http) when: String,
    /// The accounts it is for; empty: all.
    pub(in crate::http) accounts: Vec<String>,
}

/// Both lanes.
#[utoipa::path(get, path = "/api/v1/automations",
    responses((status = 200, body = LanesView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn get_automations(State(app): State<App>) -> Json<LanesView> {
    Json(lanes_of(&app, None))
}

/// Both lanes of an account; `None`: for all.
pub(in crate::http) fn lanes_of(app: &App, account: Option<&IgUserId>) -> LanesView {
    let draft = app.lanes.draft(account).map(DraftView::new);
    let published = app.lanes.live(account).and_then(LiveView::new);
    let differs = match (&draft, &published) {
        (Some(draft), Some(published)) => draft.text != published.text,
        (Some(draft), None) => !draft.text.is_empty(),
        (None, _) => false,
    };
    let file = account.is_none().then(|| app.lanes.draft_path().display().to_string());
    LanesView {
        file,
        draft,
        published,
        differs,
    }
}

impl DraftView {
    fn new(draft: DraftState) -> Self {
        Self {
            version: draft.library.version().to_owned(),
            is_current: draft.is_current(),
            read_at: draft.read_at.to_string(),
            automations: views_of(&draft.library),
            problems: draft.problems,
            text: draft.text,
        }
    }
}

impl LiveView {
    fn new(live: LiveState) -> Option<Self> {
        Some(Self {
            id: live.id?,
            version: live.library.version().to_owned(),
            published_at: live.published_at.map(|at| at.to_string()),
            automations: views_of(&live.library),
            text: live.text,
        })
    }
}

fn views_of(library: &Library) -> Vec<AutomationView> {
    library
        .automations()
        .into_iter()
        .map(|automation| AutomationView {
            name: automation.name,
            line: automation.line,
            when: automation.condition,
            accounts: automation.accounts,
        })
        .collect()
}
