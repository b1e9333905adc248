//! `GET /debug_token` (contract, Facebook login): what a token of the Facebook login is.

use http::Method;
use jiff::Timestamp;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::secret::AccessToken;
use serde_json::Value;

use super::answer;
use super::exchange_code::AppCredentials;
use crate::failure::CallFailure;
use crate::graph_client::{Body, GraphClient, read};

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// The app that it was granted to.
    pub app_id: Option<String>,
    /// Whether it works.
    pub is_valid: bool,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it ends; none: never, or not told.
    pub expires_at: Option<Timestamp>,
    /// Why it does not work.
    pub error: Option<String>,
}

impl GraphClient {
    /// Asks what a token is, with the token of the app.
    pub async fn debug_token(&self, app: &AppCredentials, token: &AccessToken) -> Result<TokenFacts, CallFailure> {
        let mut url = self.graph_url(LoginFlow::Facebook, &["debug_token"]);
        url.query_pairs_mut().append_pair("input_token", token.expose());
        let response = self.exchange(Method::GET, &url, Some(&app.token()), Body::None).await;
        read(response, "what a token is", |body| {
            let body = answer::json(body)?;
            let facts = body.get("data")?;
            let scopes = facts.get("scopes").and_then(Value::as_array);
            let ends = facts.get("expires_at").and_then(Value::as_i64).filter(|at| *at > 0);
            Some(TokenFacts {
                app_id: answer::text(facts, "app_id"),
                is_valid: facts.get("is_valid").and_then(Value::as_bool)?,
                scopes: scopes
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
                expires_at: ends.and_then(|at| Timestamp::from_second(at).ok()),
                error: facts.get("error").and_then(|error| answer::text(error, "message")),
            })
        })
    }
}
