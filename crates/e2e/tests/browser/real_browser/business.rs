//! The developer's side of a login: where it leads to, and what hears of its end.

use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use axum::extract::State;
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use selfsame_e2e::binary::{self, Running};
use selfsame_workbench::connection::Endpoint;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// `signed_request` as the callbacks get it.
#[derive(Debug, Deserialize)]
struct Signed {
    signed_request: String,
}

type Told = Arc<Mutex<Vec<(&'static str, String)>>>;

/// A running platform, and the server of the app that people log in to.
pub(super) struct Business {
    /// The platform.
    pub(super) platform: Running,
    /// Where logins lead to.
    pub(super) redirect_uri: String,
    /// The demo app.
    pub(super) app: Value,
    told: Told,
}

impl Business {
    /// Starts both. Besides the demo account there is `@nova`, a creator with a Page.
    pub(super) async fn start() -> anyhow::Result<Self> {
        let platform = Running::start_alone(&["platform", "--ephemeral", "--port", "0"]).await;
        let told = Told::default();
        let base = serve(told.clone()).await?;
        let redirect_uri = format!("{base}/callback?from=selfsame");
        let half = binary::endpoint(&platform.platform());
        let settings = json!({
            "redirect_uris": [redirect_uri],
            "deauthorize_url": format!("{base}/gone"),
            "data_deletion_url": format!("{base}/delete"),
        });
        let app = half.patch("/_sim/apps/demo", &settings).await?;
        half.post(
            "/_sim/accounts",
            &json!({"username": "nova", "name": "Nova", "kind": "creator", "page": true}),
        )
        .await?;
        Ok(Self {
            platform,
            redirect_uri,
            app,
            told,
        })
    }

    /// The platform, over HTTP.
    pub(super) fn half(&self) -> Endpoint {
        binary::endpoint(&self.platform.platform())
    }

    /// A text of the demo app.
    pub(super) fn text(&self, name: &str) -> &str {
        self.app[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name}: {}", self.app))
    }

    /// The address of a dialog, below some base.
    pub(super) fn dialog(&self, base: &str, id: &str, path: &str, further: &[(&str, &str)]) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("client_id", self.text(id)),
                ("redirect_uri", &self.redirect_uri),
                ("response_type", "code"),
                ("state", "a state & more"),
            ])
            .extend_pairs(further)
            .finish();
        format!("{base}{path}?{query}")
    }

    /// Gives a code that the browser came back with for the answer of the code exchange.
    pub(super) async fn exchange(&self, id: &str, secret: &str, code: &str) -> anyhow::Result<Value> {
        let request = json!({
            "client_id": self.text(id),
            "client_secret": self.text(secret),
            "redirect_uri": self.redirect_uri,
            "grant_type": "authorization_code",
            "code": code,
        });
        Ok(self.half().post("/oauth/access_token", &request).await?)
    }

    /// The Graph API as whoever logged in with Facebook, by the code that the browser came back with.
    pub(super) async fn facebook_user(&self, code: &str) -> anyhow::Result<Endpoint> {
        let token = self.exchange("meta_app_id", "meta_app_secret", code).await?;
        let token = token["access_token"].as_str().context("a token")?;
        Ok(self.half().with_bearer(token.to_owned()))
    }

    /// What the callbacks were told: which of them, and the signed request.
    pub(super) fn told(&self) -> Vec<(&'static str, String)> {
        self.told.lock().expect("no panic before").clone()
    }
}

async fn serve(told: Told) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let status_page = format!("{base}/deletions/7");
    let gone = |State(told): State<Told>, Form(form): Form<Signed>| async move {
        told.lock()
            .expect("no panic before")
            .push(("gone", form.signed_request));
    };
    let delete = |State(told): State<Told>, Form(form): Form<Signed>| async move {
        told.lock()
            .expect("no panic before")
            .push(("delete", form.signed_request));
        Json(json!({"url": status_page, "confirmation_code": "selfsame-7"}))
    };
    let router = Router::new()
        .route("/callback", get(|| async { Html("<h1>Back at the app</h1>") }))
        .route("/deletions/7", get(|| async { Html("<h1>All is deleted</h1>") }))
        .route("/gone", post(gone))
        .route("/delete", post(delete))
        .with_state(told);
    #[expect(clippy::disallowed_methods, reason = "a test's server ends with the test's runtime")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(base)
}
