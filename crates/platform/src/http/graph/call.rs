//! One call to Graph, taken apart.

use http::Method;
use selfsame_wire::flow::{Feature, LoginFlow};
use selfsame_wire::graph_error::GraphError;
use serde_json::Value;

use super::parameters::Parameters;
use super::path::GraphPath;
use super::refusal::GraphRefusal;
use crate::domain::caller::{Caller, TokenKind};
use crate::domain::sending::SendRuleBroken;
use crate::http::App;

/// One call: alone, or an item of a batch.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// State of the platform.
    pub(super) app: App,
    /// Method after `?method=`.
    pub(super) method: Method,
    /// Version and segments.
    pub(super) path: GraphPath,
    /// Parameters from wherever they came.
    pub(super) parameters: Parameters,
    /// The flow of the host, on hosts that stand for one.
    pub(super) host: Option<LoginFlow>,
    /// The token, wherever it stood.
    pub(super) token: Option<String>,
    /// Scheme and authority that the request came in on.
    pub(super) base: String,
}

/// What an endpoint answers.
pub(super) type Outcome = Result<Value, GraphRefusal>;

impl Call {
    /// The parameters as one JSON object.
    pub(super) fn body(&self) -> Value {
        Value::Object(self.parameters.values.clone())
    }

    /// The first segment of the path.
    pub(super) fn id(&self) -> &str {
        self.path.segments.first().map_or("", String::as_str)
    }
}

/// Whether the token's permissions allow a feature.
pub(super) fn require(caller: &Caller, feature: Feature) -> Result<(), GraphRefusal> {
    let flow = caller.flow();
    let missing = feature.permissions(flow).missing_from(&caller.scopes);
    let Some(first) = missing.first() else {
        return require_access(caller, feature);
    };
    let why = format!(
        "@{} has not granted {} to app {} ({} login); let the owner log in again with it in scope",
        caller.account.username,
        missing.join(", "),
        caller.app_name,
        flow.name()
    );
    Err(GraphRefusal::new(GraphError::permission_missing(flow, first), why))
}

/// Whether the app's level of access lets it use what was granted, and whether the owner lets apps at her messages.
fn require_access(caller: &Caller, feature: Feature) -> Result<(), GraphRefusal> {
    let flow = caller.flow();
    let (username, app) = (&caller.account.username, &caller.app_name);
    let access = &caller.access;
    if !access.has_role && !access.reaches_everybody(feature, flow, &caller.scopes) {
        let short = access.short_of_advanced(feature, flow, &caller.scopes);
        let cause = if access.in_development {
            format!("app {app} is in development, and @{username} holds no accepted role on it")
        } else {
            format!(
                "app {app} has Standard Access only to {}, and @{username} holds no accepted role on it",
                short.join(", ")
            )
        };
        let why = format!(
            "{cause}; give @{username} a role (POST /_sim/roles, and accept the invitation), or the app Advanced Access and live mode (dashboard)"
        );
        let first = short.first().copied().unwrap_or_default();
        return Err(GraphRefusal::new(GraphError::permission_missing(flow, first), why));
    }
    if feature == Feature::Messaging && !caller.account.message_access {
        let broken = SendRuleBroken::MessageAccessDisabled;
        return Err(GraphRefusal::new(broken.to_graph_error(flow), broken.why()));
    }
    Ok(())
}

/// What exists on graph.facebook.com only.
pub(super) fn require_facebook_login(call: &Call, caller: &Caller) -> Result<(), GraphRefusal> {
    match caller.flow() {
        LoginFlow::Facebook => Ok(()),
        LoginFlow::Instagram => Err(GraphRefusal::unsupported(
            LoginFlow::Instagram,
            &call.method,
            call.id(),
            "this exists on graph.facebook.com only; use a token of the Facebook login",
        )),
    }
}

/// Messaging with the Facebook login takes the token of the Page.
pub(super) fn require_page_token(caller: &Caller) -> Result<(), GraphRefusal> {
    match caller.token.kind {
        TokenKind::FacebookUserShort | TokenKind::FacebookUserLong => {
            let mut error = GraphError::token_unparseable(LoginFlow::Facebook);
            "(#190) This method must be called with a Page Access Token".clone_into(&mut error.message);
            Err(GraphRefusal::new(
                error,
                "this is the token of the Facebook user; take the Page's from /me/accounts?fields=access_token",
            ))
        }
        TokenKind::InstagramShort | TokenKind::InstagramLong | TokenKind::Page => Ok(()),
    }
}
