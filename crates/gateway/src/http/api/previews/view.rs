//! A preview as the API shows it.

use axum::http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::automation::Gesture;
use crate::http::App;
use crate::http::api::ApiError;
use crate::http::preview::link_of;
use crate::previews::{Line, Look, PreviewError, PreviewState, TracedDecision};
use crate::store::previews::PreviewMode;

/// A preview.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewView {
    /// Its name.
    id: String,
    /// Instagram user id of the account.
    account: String,
    /// The account's username.
    username: String,
    /// Made up, or in the owner's own thread.
    mode: PreviewMode,
    /// Where it stands.
    state: PreviewState,
    /// What it waits for, for people.
    #[schema(required)]
    reason: Option<String>,
    /// The page that shows it; whoever has this address can open it until then.
    link: String,
    /// Whether the link works.
    is_open: bool,
    /// Until when the link works, RFC 3339, real time.
    expires_at: String,
    /// The automation it is about.
    #[schema(required)]
    automation: Option<String>,
    /// What the owner is to do, or what was done for her.
    #[schema(required)]
    gesture: Option<Gesture>,
    /// Whether its page may publish.
    allow_publish: bool,
    /// Whether public replies are posted on a real account.
    post_replies: bool,
    /// The version that its page published, as in the history.
    #[schema(required)]
    published_id: Option<i64>,
    /// Until when an automation waits in a made-up conversation, RFC 3339, world time.
    #[schema(required)]
    waits_until: Option<String>,
    /// What was done and said, oldest first.
    transcript: Vec<Line>,
    /// One entry for each decision, oldest first.
    trace: Vec<TracedDecision>,
}

impl PreviewView {
    pub(super) fn new(app: &App, headers: &HeaderMap, look: Look) -> Self {
        Self {
            link: link_of(app, headers, &look.row),
            id: look.row.id,
            account: look.account.ig_id.into_string(),
            username: look.account.username,
            mode: look.row.mode,
            state: look.state,
            reason: look.reason,
            is_open: look.is_open,
            expires_at: Timestamp::from_millisecond(look.row.expires_at_ms)
                .unwrap_or(Timestamp::MAX)
                .to_string(),
            automation: look.row.automation,
            gesture: look.next,
            allow_publish: look.row.allow_publish,
            post_replies: look.row.post_replies,
            published_id: look.row.published_id,
            waits_until: look.waits_until.map(|at| at.to_string()),
            transcript: look.lines,
            trace: look.traces,
        }
    }
}

/// The preview of that name.
pub(super) async fn view_of(app: &App, headers: &HeaderMap, id: &str) -> Result<PreviewView, ApiError> {
    let look = app
        .previews
        .look(id)
        .await?
        .ok_or_else(|| PreviewError::Unknown(id.to_owned()))?;
    Ok(PreviewView::new(app, headers, look))
}
