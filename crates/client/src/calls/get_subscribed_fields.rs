//! `GET /me/subscribed_apps` (contract "Subscribing"): the webhooks that are installed.

use http::Method;
use serde_json::Value;

use super::answer;
use crate::failure::CallFailure;
use crate::graph_client::{Body, Caller, GraphClient, read};

impl GraphClient {
    /// The webhook fields that the account (or its Page) delivers to this app; none: not installed.
    /// `app_id` is the app of the login: an account may have installed others.
    pub async fn get_subscribed_fields(
        &self,
        caller: &Caller,
        app_id: &str,
    ) -> Result<Option<Vec<String>>, CallFailure> {
        let url = self.graph_url(caller.flow, &["me", "subscribed_apps"]);
        let response = self.call(caller, Method::GET, url, Body::None).await;
        read(response, "the installed webhooks", |body| {
            let body = answer::json(body)?;
            body.get("data")?;
            let apps = answer::data(&body);
            let own = apps
                .iter()
                .find(|app| answer::text(app, "id").is_some_and(|id| id == app_id))
                .or_else(|| apps.first().filter(|app| answer::text(app, "id").is_none()));
            Some(own.map(|app| {
                let fields = app.get("subscribed_fields").and_then(Value::as_array);
                let names = fields.into_iter().flatten().filter_map(Value::as_str);
                names.map(str::to_owned).collect()
            }))
        })
    }
}
