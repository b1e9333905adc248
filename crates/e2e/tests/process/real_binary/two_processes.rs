//! Both halves as processes of their own, so that one of them can be killed.

use std::path::{Path, PathBuf};

use selfsame_e2e::binary::{self, Running};
use selfsame_workbench::connection::Endpoint;
use serde_json::{Value, json};

/// A platform, and what is needed to start its gateway as often as a test wants.
pub(super) struct House {
    home: tempfile::TempDir,
    /// Held so that it lives as long as the house.
    _platform: Running,
    gateway_arguments: Vec<String>,
    /// The platform, over HTTP.
    pub(super) sim: Endpoint,
}

impl House {
    /// Starts the platform; the gateway, which is to be started yet, runs these automations with these further arguments.
    pub(super) async fn start(automations: &str, further: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let port = binary::free_port().await;
        let callback = format!("http://127.0.0.1:{port}/webhooks/instagram");
        let data = folder(home.path(), "platform");
        let arguments = [
            "platform",
            "--data",
            &data,
            "--port",
            "0",
            "--callback",
            &callback,
            "--verify-token",
            "kill-test",
        ];
        let platform = Running::start(home.path(), &arguments).await;
        let draft = home.path().join("automations.yaml");
        std::fs::write(&draft, automations).expect("the automations are written");
        let settings = binary::json(home.path(), &["env", "--gateway", "--url", &platform.platform()]).await;
        let mut gateway_arguments = vec![
            "gateway".to_owned(),
            "--data".to_owned(),
            folder(home.path(), "gateway"),
        ];
        gateway_arguments.extend(["--port".to_owned(), port.to_string()]);
        gateway_arguments.extend(["--automations".to_owned(), draft.to_string_lossy().into_owned()]);
        for (name, value) in settings
            .as_object()
            .expect("settings")
            .iter()
            .filter(|(name, _)| *name != "SELFSAME_URL")
        {
            let flag = name.trim_start_matches("SELFSAME_").to_lowercase().replace('_', "-");
            gateway_arguments.extend([format!("--{flag}"), value.as_str().expect("a text").to_owned()]);
        }
        gateway_arguments.extend(further.iter().map(|argument| (*argument).to_owned()));
        let sim = binary::endpoint(&platform.platform());
        Self {
            home,
            _platform: platform,
            gateway_arguments,
            sim,
        }
    }

    /// Starts the gateway, or starts it again.
    pub(super) async fn start_gateway(&self) -> Running {
        let arguments: Vec<&str> = self.gateway_arguments.iter().map(String::as_str).collect();
        Running::start(self.home.path(), &arguments).await
    }

    /// Grants an account to the app with webhooks for messages, and connects it to the gateway by its token.
    pub(super) async fn connect(&self, gateway: &Endpoint, username: &str) {
        let grant = json!({"app": "demo", "account": username, "flow": "instagram", "fields": ["messages"]});
        let granted = self.sim_post("grants", &grant).await;
        let body = json!({"flow": "instagram", "access_token": granted["access_token"]});
        gateway
            .post("/api/v1/accounts", &body)
            .await
            .expect("the account is connected");
    }

    /// `POST /_sim/{path}`.
    pub(super) async fn sim_post(&self, path: &str, body: &Value) -> Value {
        self.sim
            .post(&format!("/_sim/{path}"), body)
            .await
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

fn folder(home: &Path, name: &str) -> String {
    let path: PathBuf = home.join(name);
    path.to_string_lossy().into_owned()
}
