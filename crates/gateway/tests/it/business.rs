//! The business side through its API, its login and its pages: shorthand for those tests.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use selfsame_gateway::store::StoreError;
use selfsame_gateway::{Config, Gateway};
use selfsame_runtime::random::Random;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::graph::{Graph, IG_ID, MARKER, SAM, SELF_IGSID};
use crate::open::{Clocks, config, deliver, temporary_folder};

/// A gateway with its own accounts, over a scripted Graph API.
pub(crate) struct Business {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clocks: Clocks,
    pub(crate) graph: Graph,
    pub(crate) gateway: Gateway,
    config: Config,
    next: u64,
}

/// An answer of the gateway.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// Its JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// One of its headers.
    pub(crate) fn header(&self, name: &str) -> String {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    }
}

impl Business {
    /// The same as [`Self::connected`], against Meta's own hosts: the account is real.
    pub(crate) async fn connected_for_real(automations: &str) -> Self {
        let at_meta = |config: &mut Config| "https://graph.instagram.com".clone_into(&mut config.instagram_url);
        let business = Self::with_config(automations, at_meta).await;
        business.connect().await;
        business
    }

    /// Opens a gateway whose automations file holds this.
    pub(crate) async fn open(automations: &str) -> Self {
        Self::with_config(automations, |_config| {}).await
    }

    /// The same, with its configuration changed.
    pub(crate) async fn with_config(automations: &str, change: impl FnOnce(&mut Config)) -> Self {
        let folder = temporary_folder();
        std::fs::write(folder.path().join("automations.yaml"), automations).unwrap();
        let (clocks, graph) = (Clocks::standing(), Graph::default());
        let mut config = config(folder.path());
        change(&mut config);
        let gateway = open(config.clone(), &clocks, &graph).await;
        Self {
            config,
            folder,
            clocks,
            graph,
            gateway,
            next: 1,
        }
    }

    /// The same, with `@luna.coffee` connected through Instagram login.
    pub(crate) async fn connected(automations: &str) -> Self {
        let business = Self::open(automations).await;
        business.connect().await;
        business
    }

    /// Connects `@luna.coffee` through Instagram login.
    pub(crate) async fn connect(&self) {
        let body = json!({"flow": "instagram", "access_token": format!("IGAA{MARKER}")});
        let answer = self.post("/api/v1/accounts", &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    }

    /// Drops everything in memory and opens the folder again.
    pub(crate) async fn restart(&mut self) {
        self.gateway.app().database.close().await;
        let config = self.config.clone();
        self.gateway = open(config, &self.clocks, &self.graph).await;
    }

    /// The same with another configuration.
    pub(crate) async fn reopen(&mut self, config: Config) {
        self.gateway.app().database.close().await;
        self.gateway = open(config, &self.clocks, &self.graph).await;
    }

    /// Writes the draft.
    pub(crate) fn write_draft(&self, automations: &str) {
        std::fs::write(self.folder.path().join("automations.yaml"), automations).unwrap();
        self.gateway.app().lanes.look_at_file();
    }

    /// A request of a browser or program on this machine.
    pub(crate) async fn request(&self, request: Request<Body>) -> Answer {
        let response = self.gateway.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&body).into_owned();
        assert!(!text.contains(MARKER), "a token was shown: {text}");
        for value in parts.headers.values() {
            let value = String::from_utf8_lossy(value.as_bytes());
            assert!(!value.contains(MARKER), "a token stands in a header: {value}");
        }
        Answer {
            status: parts.status,
            headers: parts.headers,
            text,
        }
    }

    /// GET.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request(
            Request::get(path)
                .header("host", "localhost:7354")
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// POST of JSON.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, "application/json", &body.to_string()).await
    }

    /// POST of a form.
    pub(crate) async fn submit(&self, path: &str, form: &str) -> Answer {
        self.send("POST", path, "application/x-www-form-urlencoded", form).await
    }

    /// Any request with a body.
    pub(crate) async fn send(&self, method: &str, path: &str, kind: &str, body: &str) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:7354")
            .header("content-type", kind);
        if !self.gateway.app().config.bind.ip().is_loopback() {
            request = request.header("authorization", "Bearer key");
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        self.request(request).await
    }

    /// The owner writes to herself.
    pub(crate) async fn owner_writes(&mut self, text: &str) {
        let message = json!({"mid": self.mid(), "text": text, "is_echo": true, "is_self": true});
        self.deliver(IG_ID, SELF_IGSID, &message).await;
    }

    /// The owner taps a button in her self thread.
    pub(crate) async fn owner_taps(&mut self, title: &str, payload: &str) {
        let at = self.clocks.world.now().as_millisecond();
        let body = json!({"object": "instagram", "entry": [{"id": IG_ID, "time": at, "messaging": [
            {"sender": {"id": IG_ID}, "recipient": {"id": SELF_IGSID}, "timestamp": at, "is_self": true,
             "postback": {"mid": self.mid(), "title": title, "payload": payload}}]}]});
        self.webhook(&body).await;
    }

    /// The owner comments under her own post.
    pub(crate) async fn owner_comments(&mut self, text: &str) {
        let body = self.comment_of_owner(text);
        self.webhook(&body).await;
    }

    /// Sam writes.
    pub(crate) async fn sam_writes(&mut self, text: &str) {
        let message = json!({"mid": self.mid(), "text": text});
        self.deliver(SAM, IG_ID, &message).await;
    }

    /// The business writes to Sam in the Instagram app.
    pub(crate) async fn business_writes(&mut self, text: &str) {
        let message = json!({"mid": self.mid(), "text": text, "is_echo": true});
        self.deliver(IG_ID, SAM, &message).await;
    }

    /// A message is delivered.
    pub(crate) async fn deliver(&self, sender: &str, recipient: &str, message: &Value) {
        let at = self.clocks.world.now().as_millisecond();
        let body = json!({"object": "instagram", "entry": [{"id": IG_ID, "time": at, "messaging": [
            {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": at, "message": message}]}]});
        self.webhook(&body).await;
    }

    /// A webhook is delivered, and everything follows that can.
    pub(crate) async fn webhook(&self, body: &Value) {
        assert_eq!(
            deliver(&self.gateway, body.to_string().as_bytes()).await,
            StatusCode::OK
        );
        self.settle().await;
    }

    /// A Graph-shaped call of an engine, with the outbox at work meanwhile.
    pub(crate) async fn engine_calls(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = Request::post(path)
            .header("host", "anything.example")
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        self.while_sending(request).await
    }

    /// Any request, with the outbox at work meanwhile.
    pub(crate) async fn while_sending(&self, request: Request<Body>) -> Answer {
        let outbox = async {
            loop {
                self.gateway.outbox_once().await.unwrap();
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            answer = self.request(request) => answer,
            () = outbox => unreachable!("the outbox never ends"),
        }
    }

    /// The account's engine key.
    pub(crate) async fn engine_key(&self) -> String {
        let answer = self
            .post(&format!("/api/v1/accounts/{IG_ID}/forward/key"), &json!({}))
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// The kinds of the events that have a row, in order.
    pub(crate) async fn event_kinds(&self) -> Vec<String> {
        let read = self.gateway.app().database.read(|connection| {
            let mut statement = connection.prepare("SELECT kind FROM events ORDER BY id")?;
            let kinds = statement.query_map([], |row| row.get(0))?;
            Ok::<_, StoreError>(kinds.collect::<Result<_, _>>()?)
        });
        read.await.unwrap()
    }

    /// The rows of `GET /api/v1/messages`.
    pub(crate) async fn messages(&self) -> Vec<Value> {
        let answer = self.get("/api/v1/messages").await;
        answer.json()["data"].as_array().unwrap().clone()
    }

    /// Sam writes; nothing is done about it yet.
    pub(crate) async fn sam_sends(&mut self, text: &str) {
        let body = self.message_of_sam(text);
        assert_eq!(
            deliver(&self.gateway, body.to_string().as_bytes()).await,
            StatusCode::OK
        );
    }

    /// What Instagram would deliver when Sam writes this.
    pub(crate) fn message_of_sam(&mut self, text: &str) -> Value {
        let at = self.clocks.world.now().as_millisecond();
        json!({"object": "instagram", "entry": [{"id": IG_ID, "time": at, "messaging": [
            {"sender": {"id": SAM}, "recipient": {"id": IG_ID}, "timestamp": at,
             "message": {"mid": self.mid(), "text": text}}]}]})
    }

    /// The owner comments under her own post; nothing is done about it yet.
    pub(crate) async fn owner_sends_comment(&mut self, text: &str) {
        let body = self.comment_of_owner(text);
        assert_eq!(
            deliver(&self.gateway, body.to_string().as_bytes()).await,
            StatusCode::OK
        );
    }

    /// What Instagram would deliver when the owner comments this under her own post.
    pub(crate) fn comment_of_owner(&mut self, text: &str) -> Value {
        let at = self.clocks.world.now().as_second();
        json!({"object": "instagram", "entry": [{"id": IG_ID, "time": at, "changes": [{"field": "comments",
            "value": {"id": self.mid(), "text": text, "media": {"id": "900"},
                "from": {"id": IG_ID, "username": "luna.coffee", "self_ig_scoped_id": SELF_IGSID}}}]}]})
    }

    /// The same as [`Self::settle`], with a restart after each thing that any worker does.
    pub(crate) async fn settle_with_restarts(&mut self) {
        loop {
            let mut done = 0;
            for worker in 0..4 {
                let n_done = match worker {
                    0 => self.gateway.split_once().await.unwrap(),
                    1 => self.gateway.inbox_once().await.unwrap(),
                    2 => self.gateway.runs_once().await.unwrap(),
                    _ => self.gateway.outbox_once().await.unwrap(),
                };
                if n_done > 0 {
                    self.restart().await;
                }
                done += n_done;
            }
            if done == 0 {
                return;
            }
        }
    }

    /// Lets everything that can happen now happen.
    pub(crate) async fn settle(&self) {
        loop {
            let done = self.gateway.split_once().await.unwrap()
                + self.gateway.inbox_once().await.unwrap()
                + self.gateway.previews_once().await.unwrap()
                + self.gateway.runs_once().await.unwrap()
                + self.gateway.forward_once().await.unwrap()
                + self.gateway.outbox_once().await.unwrap();
            if done == 0 {
                return;
            }
        }
    }

    fn mid(&mut self) -> String {
        self.next += 1;
        format!("typed-{}", self.next)
    }
}

async fn open(config: Config, clocks: &Clocks, graph: &Graph) -> Gateway {
    Gateway::open(
        config,
        clocks.world.clone(),
        clocks.process.clone(),
        Random::seeded(7),
        graph.transport(),
    )
    .await
    .unwrap()
}
