//! Both halves on free ports, and what tests ask of them.

use std::time::Duration;

use reqwest::{Method, header};
use selfsame_runtime::shutdown::Shutdown;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::sign;
use selfsame_workbench::house::{self, DataChoice, HouseOptions};
use serde_json::{Value, json};

/// Longest wait for a state that a test expects, in real time.
const PATIENCE: &str = "20s";
/// Longest wait for one HTTP answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// A running platform and gateway, wired to each other, with a data folder that goes when the house goes.
///
/// Its methods are what tests ask; each panics with the whole answer when the house says something unexpected.
pub struct House {
    platform: String,
    gateway: String,
    http: reqwest::Client,
    shutdown: Shutdown,
    _running: house::House,
    _automations: tempfile::TempDir,
}

impl Drop for House {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}

impl House {
    /// Starts both halves with these automations as the draft and, published once, for everybody else.
    pub async fn start(automations: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let draft = folder.path().join("automations.yaml");
        std::fs::write(&draft, automations).expect("the automations are written");
        let shutdown = Shutdown::new();
        let options = HouseOptions::on_free_ports(DataChoice::Ephemeral, draft);
        let running = house::start(options, shutdown.clone()).await.expect("the house starts");
        let base = |url: Option<&url::Url>| {
            url.map(|url| url.as_str().trim_end_matches('/').to_owned())
                .expect("both halves have a URL")
        };
        Self {
            platform: base(running.platform()),
            gateway: base(running.gateway()),
            http: reqwest::Client::builder()
                .timeout(ANSWER_WITHIN)
                .build()
                .expect("an HTTP client"),
            shutdown,
            _running: running,
            _automations: folder,
        }
    }

    /// The account's row of `/_sim/world`.
    pub async fn account(&self, username: &str) -> Value {
        let world = self.world().await;
        find(&world["accounts"], "username", username)
    }

    /// The newest token of `username` for `flow`: the Instagram User token or the Page token.
    pub async fn token(&self, username: &str, flow: &str) -> String {
        let account = self.account(username).await;
        account["tokens"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|token| token["flow"] == flow && (flow == "instagram" || token["kind"] == "page"))
            .filter_map(|token| token["access_token"].as_str())
            .next_back()
            .unwrap_or_else(|| panic!("@{username} has no {flow} token: {account}"))
            .to_owned()
    }

    /// A token that is still good after world time moved: a new grant for the demo account.
    pub async fn granted_again(&self) -> String {
        let grant = self
            .sim_post(
                "grants",
                &json!({"app": "demo", "account": "@luna.coffee", "flow": "instagram"}),
            )
            .await;
        string(&grant["access_token"])
    }

    /// Everything in the world.
    pub async fn world(&self) -> Value {
        self.sim_get("world").await
    }

    /// `as` writes `text` to `to` on the phone.
    pub async fn dm(&self, from: &str, to: &str, text: &str) -> Value {
        self.sim_post("dm", &json!({"as": from, "to": to, "text": text})).await
    }

    /// Opens the demo account's self thread with a text that no automation answers; its Instagram token and self IGSID.
    pub async fn open_self_thread(&self) -> (String, String) {
        self.dm("@luna.coffee", "@luna.coffee", "is anybody there?").await;
        self.settled().await;
        let luna = self.account("luna.coffee").await;
        (
            self.token("luna.coffee", "instagram").await,
            string(&luna["self_igsid"]),
        )
    }

    /// Waits for the business's message with exactly this text in the thread of `a` and `b`.
    pub async fn answer(&self, a: &str, b: &str, text: &str) -> Value {
        self.wait(&[
            ("for", "message"),
            ("a", a),
            ("b", b),
            ("side", "business"),
            ("text", text),
        ])
        .await
    }

    /// The thread of `a` and `b`.
    pub async fn thread(&self, a: &str, b: &str) -> Value {
        let threads = self.sim_get(&format!("threads?a={a}&b={b}")).await;
        threads["data"][0].clone()
    }

    /// How often the business said exactly `text` in the self thread of `account`.
    pub async fn count(&self, account: &str, text: &str) -> usize {
        let thread = self.thread(account, account).await;
        thread["messages"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|message| message["side"] == "business" && message["text"] == text)
            .count()
    }

    /// Waits until the first of `notifications` is delivered, and answers it; it must be of `field`.
    pub async fn delivered(&self, notifications: &Value, field: &str) -> Value {
        let first = first_id(notifications);
        let before = (first - 1).to_string();
        let delivery = self
            .wait(&[
                ("for", "delivery"),
                ("field", field),
                ("status", "delivered"),
                ("after", &before),
            ])
            .await;
        assert_eq!(delivery["id"], first, "{delivery}");
        delivery
    }

    /// Checks that the first of `notifications` was suppressed with a reason or a remedy that names `word`.
    pub async fn suppressed(&self, notifications: &Value, word: &str) {
        let before = first_id(notifications) - 1;
        let deliveries = self
            .sim_get(&format!("deliveries?status=suppressed&limit=1&after={before}"))
            .await;
        let delivery = &deliveries["data"][0];
        assert_eq!(delivery["id"], notifications[0], "{deliveries}");
        let told = format!("{} {}", string(&delivery["reason"]), string(&delivery["remedy"]));
        assert!(
            told.contains(word),
            "neither reason nor remedy names {word}: {delivery}"
        );
    }

    /// Waits for the delivered echo of the message `mid`.
    pub async fn delivery_of_mid(&self, mid: &Value) -> Value {
        self.wait(&[("for", "delivery"), ("mid", &string(mid)), ("status", "delivered")])
            .await
    }

    /// Waits until no delivery, event or send is under way any more.
    pub async fn settled(&self) {
        let quiet = async {
            loop {
                let before = self.under_way().await;
                if before.1 && self.under_way().await == before {
                    return;
                }
            }
        };
        if tokio::time::timeout(ANSWER_WITHIN, quiet).await.is_err() {
            let status = self.gateway_get("status").await;
            let deliveries = self.sim_get("deliveries").await;
            panic!("the house did not come to rest: {status} {deliveries}");
        }
    }

    async fn under_way(&self) -> (usize, bool) {
        let deliveries = self.sim_get("deliveries?limit=10000").await;
        let data = deliveries["data"].as_array().cloned().unwrap_or_default();
        let open = data
            .iter()
            .filter(|delivery| delivery["status"] == "pending" || delivery["status"] == "failed")
            .count();
        let status = self.gateway_get("status").await;
        let at_work = [
            &status["inbox"]["ready"],
            &status["inbox"]["leased"],
            &status["outbox"]["ready"],
            &status["outbox"]["calling"],
            &status["forward"]["ready"],
            &status["forward"]["leased"],
        ]
        .iter()
        .filter_map(|count| count.as_u64())
        .sum::<u64>();
        (data.len(), open == 0 && at_work == 0)
    }

    /// `GET /_sim/{path}`.
    pub async fn sim_get(&self, path: &str) -> Value {
        self.call(Method::GET, &format!("{}/_sim/{path}", self.platform), None)
            .await
    }

    /// `POST /_sim/{path}`.
    pub async fn sim_post(&self, path: &str, body: &Value) -> Value {
        self.call(Method::POST, &format!("{}/_sim/{path}", self.platform), Some(body))
            .await
    }

    /// `POST /_sim/{path}` that is refused: the answer.
    pub async fn sim_refuses(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}/_sim/{path}", self.platform)).json(body);
        let response = request.send().await.expect("the platform answers");
        assert!(response.status().is_client_error(), "{path} {body}: {response:?}");
        response.json().await.expect("refusals are JSON")
    }

    /// `PATCH /_sim/{path}`.
    pub async fn sim_patch(&self, path: &str, body: &Value) -> Value {
        self.call(Method::PATCH, &format!("{}/_sim/{path}", self.platform), Some(body))
            .await
    }

    /// `PUT /_sim/{path}`.
    pub async fn sim_put(&self, path: &str, body: &Value) -> Value {
        self.call(Method::PUT, &format!("{}/_sim/{path}", self.platform), Some(body))
            .await
    }

    /// `GET /api/v1/{path}` of the gateway.
    pub async fn gateway_get(&self, path: &str) -> Value {
        self.call(Method::GET, &format!("{}/api/v1/{path}", self.gateway), None)
            .await
    }

    /// `GET /api/v1/{path}` of the gateway, when it answers what is expected.
    pub async fn gateway_until(&self, path: &str, is_expected: impl Fn(&Value) -> bool) -> Value {
        let expected = async {
            loop {
                let answer = self.gateway_get(path).await;
                if is_expected(&answer) {
                    return answer;
                }
            }
        };
        if let Ok(answer) = tokio::time::timeout(ANSWER_WITHIN, expected).await {
            return answer;
        }
        panic!(
            "{path} never answers what is expected: {}",
            self.gateway_get(path).await
        )
    }

    /// `POST /api/v1/{path}` of the gateway.
    pub async fn gateway_post(&self, path: &str, body: &Value) -> Value {
        self.call(Method::POST, &format!("{}/api/v1/{path}", self.gateway), Some(body))
            .await
    }

    /// `PUT /api/v1/{path}` of the gateway.
    pub async fn gateway_put(&self, path: &str, body: &Value) -> Value {
        self.call(Method::PUT, &format!("{}/api/v1/{path}", self.gateway), Some(body))
            .await
    }

    /// The platform's address, without a slash at its end.
    pub fn platform_url(&self) -> &str {
        &self.platform
    }

    /// The gateway's address, without a slash at its end.
    pub fn gateway_url(&self) -> &str {
        &self.gateway
    }

    /// A Graph request as a client on this machine sends it: the status and the body.
    pub async fn graph_post(&self, path: &str, token: &str, body: &Value) -> (u16, Value) {
        self.graph(None, path, token, body).await
    }

    /// A Graph request that reads.
    pub async fn graph_get(&self, path: &str, token: &str) -> (u16, Value) {
        let request = self.http.get(format!("{}{path}", self.platform)).bearer_auth(token);
        let response = request.send().await.expect("the platform answers");
        let status = response.status().as_u16();
        (status, response.json().await.expect("Graph answers are JSON"))
    }

    /// The same through one of Meta's host names.
    pub async fn graph_post_at(&self, host: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
        self.graph(Some(host), path, token, body).await
    }

    async fn graph(&self, host: Option<&str>, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let mut request = self
            .http
            .post(format!("{}{path}", self.platform))
            .bearer_auth(token)
            .json(body);
        if let Some(host) = host {
            request = request.header(header::HOST, host);
        }
        let response = request.send().await.expect("the platform answers");
        let status = response.status().as_u16();
        (status, response.json().await.expect("Graph answers are JSON"))
    }

    /// Delivers `body` to the gateway's webhook as Meta would: signed with the demo app's Instagram secret.
    pub async fn webhook(&self, body: &Value) {
        let world = self.world().await;
        let secret = string(&world["apps"][0]["instagram_app_secret"]);
        let body = body.to_string();
        let signatures = sign(&AppSecret::new(secret), body.as_bytes());
        let response = self
            .http
            .post(format!("{}/webhooks/instagram", self.gateway))
            .header(header::CONTENT_TYPE, "application/json")
            .header("X-Hub-Signature-256", signatures.sha256)
            .body(body)
            .send()
            .await
            .expect("the gateway answers");
        assert_eq!(response.status(), 200);
    }

    async fn wait(&self, filters: &[(&str, &str)]) -> Value {
        let mut query = form(filters);
        query.push_str("&timeout=");
        query.push_str(PATIENCE);
        let found = self.sim_get(&format!("wait?{query}")).await;
        assert_eq!(found["matched"], true, "nothing matched {filters:?} within {PATIENCE}");
        found["item"].clone()
    }

    async fn call(&self, method: Method, url: &str, body: Option<&Value>) -> Value {
        let mut request = self.http.request(method.clone(), url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request
            .send()
            .await
            .unwrap_or_else(|error| panic!("{method} {url}: {error}"));
        let status = response.status();
        let text = response.text().await.unwrap_or_default();
        assert!(
            status.is_success(),
            "{method} {url} {}: {status} {text}",
            body.unwrap_or(&Value::Null)
        );
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{method} {url}: {error}: {text}"))
    }
}

fn form(pairs: &[(&str, &str)]) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(name);
        query.push('=');
        query.extend(url::form_urlencoded::byte_serialize(value.as_bytes()));
    }
    query
}

fn find(list: &Value, key: &str, wanted: &str) -> Value {
    list.as_array()
        .into_iter()
        .flatten()
        .find(|item| item[key] == wanted)
        .unwrap_or_else(|| panic!("nothing with {key} {wanted} in {list}"))
        .clone()
}

fn first_id(notifications: &Value) -> i64 {
    notifications[0]
        .as_i64()
        .unwrap_or_else(|| panic!("no notification in {notifications}"))
}

fn string(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no string"))
        .to_owned()
}
