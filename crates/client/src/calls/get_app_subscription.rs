//! `GET /{app}/subscriptions` (contract "Subscribing"): the callback of a Meta app.

use http::Method;
use selfsame_wire::flow::LoginFlow;
use serde_json::Value;

use super::answer;
use super::exchange_code::AppCredentials;
use crate::failure::CallFailure;
use crate::graph_client::{Body, GraphClient, read};

/// Where a Meta app has its Instagram events delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppSubscription {
    /// The callback.
    pub callback_url: String,
    /// Whether it is in use.
    pub is_active: bool,
}

impl GraphClient {
    /// The callback for the object `instagram`; none: not configured. With the token of the app.
    pub async fn get_app_subscription(&self, app: &AppCredentials) -> Result<Option<AppSubscription>, CallFailure> {
        let url = self.graph_url(LoginFlow::Facebook, &[&app.client_id, "subscriptions"]);
        let response = self.exchange(Method::GET, &url, Some(&app.token()), Body::None).await;
        read(response, "the app's subscriptions", |body| {
            let body = answer::json(body)?;
            body.get("data")?;
            let found = answer::data(&body)
                .into_iter()
                .find(|item| item.get("object").and_then(Value::as_str) == Some("instagram"));
            Some(found.and_then(|item| {
                Some(AppSubscription {
                    callback_url: answer::text(item, "callback_url")?,
                    is_active: item.get("active").and_then(Value::as_bool).unwrap_or(true),
                })
            }))
        })
    }
}
