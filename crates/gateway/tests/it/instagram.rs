//! A scripted Instagram: what its calls answer is said call by call, and its webhooks wait until the
//! test delivers them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{Request, Response, StatusCode};
use bytes::Bytes;
use selfsame_client::transport::{Exchange, ExchangeFuture, TransportError};
use selfsame_gateway::Gateway;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::book::{ACCOUNT, SELF_IGSID};
use crate::open::{Clocks, deliver};

/// What one call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// Accepts and answers.
    Accept,
    /// Accepts, delivers the echo and lets the gateway work on it, then answers.
    EchoFirst,
    /// Accepts, delivers the echo and lets the gateway work on it, then the connection breaks.
    EchoFirstThenCut,
    /// Accepts, delivers the echo and lets the gateway work on it, then never answers: the time-out passes.
    EchoFirstThenTimeOut,
    /// Accepts, then the connection breaks.
    AcceptThenCut,
    /// The connection breaks; nothing was accepted.
    CutBefore,
    /// Accepts, then never answers: the time-out passes.
    AcceptThenTimeOut,
    /// Never answers; nothing was accepted.
    TimeOut,
    /// The gateway dies after the message was accepted.
    AcceptThenCrash,
    /// The gateway dies before the message was accepted.
    CrashBefore,
    /// Refused for now.
    RefuseForNow,
    /// Refused for good.
    RefuseForGood,
    /// Not reached at all.
    NotSent,
    /// Refused with this Graph code and subcode.
    Refuse(i64, i64),
}

/// How Instagram echoes what an app sends into the self thread: the open questions of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Echoes {
    /// Both flags, the mid of the answer.
    AsReported,
    /// None at all.
    Absent,
    /// Without any flag.
    WithoutFlags,
    /// With `is_echo` alone.
    WithoutSelfFlag,
    /// Both flags, another mid.
    OtherMid,
}

/// Whether the owner's messages come a second time, as ordinary messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Copies {
    /// They do not.
    None,
    /// With the same mid, after the echo.
    SameMid,
    /// With a mid of their own, after the echo.
    OtherMid,
}

/// How this Instagram behaves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manners {
    /// How it echoes.
    pub(crate) echoes: Echoes,
    /// Whether it sends copies.
    pub(crate) copies: Copies,
    /// Its clock minus ours.
    pub(crate) skew_ms: i64,
    /// Whether its answers carry `Date`.
    pub(crate) tells_date: bool,
}

impl Manners {
    /// What the contract takes for granted by default.
    pub(crate) const DEFAULT: Self = Self {
        echoes: Echoes::AsReported,
        copies: Copies::None,
        skew_ms: 0,
        tells_date: true,
    };
}

/// Something that was accepted by a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// Its mid or comment id.
    pub(crate) id: String,
    /// What it says.
    pub(crate) text: String,
    /// Whether it is a public reply.
    pub(crate) is_reply: bool,
    /// When, on Instagram's clock.
    pub(crate) at_ms: i64,
}

struct State {
    manners: Manners,
    script: VecDeque<Script>,
    next_id: u64,
    accepted: Vec<Accepted>,
    requests: Vec<(String, Value)>,
    pending: Vec<Vec<u8>>,
    delivered: Vec<Vec<u8>>,
    gateway: Option<Gateway>,
}

/// Instagram. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Instagram {
    state: Arc<Mutex<State>>,
    clocks: Clocks,
    crash: Arc<Notify>,
}

impl Instagram {
    /// With these manners.
    pub(crate) fn new(manners: Manners, clocks: &Clocks) -> Self {
        let state = State {
            manners,
            script: VecDeque::new(),
            next_id: 1,
            accepted: Vec::new(),
            requests: Vec::new(),
            pending: Vec::new(),
            delivered: Vec::new(),
            gateway: None,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            clocks: clocks.clone(),
            crash: Arc::default(),
        }
    }

    /// Where the webhooks go that are delivered in the middle of a call.
    pub(crate) fn set_gateway(&self, gateway: Option<&Gateway>) {
        self.state.lock().unwrap().gateway = gateway.cloned();
    }

    /// What the next calls do; afterwards calls are accepted.
    pub(crate) fn script(&self, script: impl IntoIterator<Item = Script>) {
        self.state.lock().unwrap().script.extend(script);
    }

    /// Forgets what the next calls were to do.
    pub(crate) fn clear_script(&self) {
        self.state.lock().unwrap().script.clear();
    }

    /// Ends when a call asks for the gateway to die.
    pub(crate) async fn crash_asked(&self) {
        self.crash.notified().await;
    }

    /// The owner writes to herself; answers the mid.
    pub(crate) fn owner_writes(&self, text: &str) -> String {
        let mut state = self.state.lock().unwrap();
        let mid = state.new_id("mid");
        let message = json!({"mid": mid, "text": text, "is_echo": true, "is_self": true});
        let at = self.now_ms(&state);
        state.push_message(at, SELF_IGSID, &message);
        let copy_mid = match state.manners.copies {
            Copies::None => None,
            Copies::SameMid => Some(mid.clone()),
            Copies::OtherMid => Some(state.new_id("mid")),
        };
        if let Some(copy_mid) = copy_mid {
            let body = json!({"object": "instagram", "entry": [{"id": ACCOUNT, "time": at, "messaging": [{
                "sender": {"id": SELF_IGSID}, "recipient": {"id": ACCOUNT}, "timestamp": at,
                "message": {"mid": copy_mid, "text": text}}]}]});
            state.pending.push(body.to_string().into_bytes());
        }
        mid
    }

    /// The mid that the next message will have, whoever says it.
    pub(crate) fn next_mid(&self) -> String {
        format!("mid_{}", self.state.lock().unwrap().next_id + 1)
    }

    /// The owner comments under her own post; answers the comment id.
    pub(crate) fn owner_comments(&self, text: &str) -> String {
        let mut state = self.state.lock().unwrap();
        let id = state.new_id("comment");
        let at = self.now_ms(&state);
        state.push_comment(at, &id, text);
        id
    }

    /// Some other webhook of the account.
    pub(crate) fn something_happens(&self, entry: &Value) {
        let body = json!({"object": "instagram", "entry": [entry]});
        self.state.lock().unwrap().pending.push(body.to_string().into_bytes());
    }

    /// How many webhooks wait to be delivered.
    pub(crate) fn n_pending(&self) -> usize {
        self.state.lock().unwrap().pending.len()
    }

    /// Takes a waiting webhook out, by any number.
    pub(crate) fn take_pending(&self, pick: usize) -> Option<Vec<u8>> {
        let mut state = self.state.lock().unwrap();
        let n_pending = state.pending.len();
        let body = (n_pending > 0).then(|| state.pending.remove(pick % n_pending))?;
        state.delivered.push(body.clone());
        Some(body)
    }

    /// A webhook that was delivered before, by any number.
    pub(crate) fn repeat_delivered(&self, pick: usize) -> Option<Vec<u8>> {
        let state = self.state.lock().unwrap();
        let n_delivered = state.delivered.len();
        (n_delivered > 0).then(|| state.delivered[pick % n_delivered].clone())
    }

    /// Everything that calls made, in order.
    pub(crate) fn accepted(&self) -> Vec<Accepted> {
        self.state.lock().unwrap().accepted.clone()
    }

    /// Path and body of every call, in order.
    pub(crate) fn requests(&self) -> Vec<(String, Value)> {
        self.state.lock().unwrap().requests.clone()
    }

    fn now_ms(&self, state: &State) -> i64 {
        self.clocks.world.now().as_millisecond() + state.manners.skew_ms
    }

    async fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let path = request.uri().path().to_owned();
        let is_post = request.method() == "POST";
        let body: Value = serde_json::from_slice(request.body()).unwrap_or_else(|_form| {
            form_urlencoded::parse(request.body())
                .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
                .collect::<serde_json::Map<_, _>>()
                .into()
        });
        if !is_post {
            return Ok(self.respond(200, &self.edge(&path)));
        }
        let script = {
            let mut state = self.state.lock().unwrap();
            state.requests.push((path.clone(), body.clone()));
            state.script.pop_front().unwrap_or(Script::Accept)
        };
        match script {
            Script::NotSent => {
                return Err(TransportError::NotSent {
                    cause: "refused".to_owned(),
                });
            }
            Script::CutBefore => {
                return Err(TransportError::Cut {
                    cause: "cut".to_owned(),
                });
            }
            Script::RefuseForNow => {
                return Ok(self.respond(400, &json!({"error": {"message": "later", "code": 2}})));
            }
            Script::RefuseForGood => {
                return Ok(self.respond(403, &json!({"error": {"message": "never", "code": 10}})));
            }
            Script::Refuse(code, subcode) => {
                return Ok(self.respond(
                    400,
                    &json!({"error": {"message": "no", "code": code, "error_subcode": subcode}}),
                ));
            }
            Script::CrashBefore => return self.crash().await,
            Script::TimeOut => return self.time_out().await,
            _ => {}
        }
        let answer = self.accept(&path, &body);
        if matches!(
            script,
            Script::EchoFirst | Script::EchoFirstThenCut | Script::EchoFirstThenTimeOut
        ) {
            self.deliver_newest().await;
        }
        match script {
            Script::AcceptThenCut | Script::EchoFirstThenCut => {
                return Err(TransportError::Cut {
                    cause: "cut".to_owned(),
                });
            }
            Script::AcceptThenTimeOut | Script::EchoFirstThenTimeOut => return self.time_out().await,
            Script::AcceptThenCrash => return self.crash().await,
            _ => {}
        }
        Ok(self.respond(200, &answer))
    }

    fn accept(&self, path: &str, body: &Value) -> Value {
        let mut state = self.state.lock().unwrap();
        let at = self.now_ms(&state);
        if path.ends_with("/replies") {
            let id = state.new_id("comment");
            let text = body["message"].as_str().unwrap().to_owned();
            state.push_comment(at, &id, &text);
            state.accepted.push(Accepted {
                id: id.clone(),
                text,
                is_reply: true,
                at_ms: at,
            });
            return json!({"id": id});
        }
        if body.get("sender_action").is_some() {
            return json!({"recipient_id": SELF_IGSID});
        }
        let mid = state.new_id("mid");
        let text = body["message"]["text"].as_str().unwrap_or_default().to_owned();
        let echoes = state.manners.echoes;
        let echo_mid = if echoes == Echoes::OtherMid {
            state.new_id("mid")
        } else {
            mid.clone()
        };
        let mut message = json!({"mid": echo_mid, "text": text});
        let to = body["recipient"]["id"].as_str().unwrap_or(SELF_IGSID);
        match echoes {
            Echoes::AsReported | Echoes::OtherMid => {
                message["is_echo"] = true.into();
                if to == SELF_IGSID {
                    message["is_self"] = true.into();
                }
            }
            Echoes::WithoutSelfFlag => message["is_echo"] = true.into(),
            Echoes::WithoutFlags | Echoes::Absent => {}
        }
        if echoes != Echoes::Absent {
            state.push_message(at, to, &message);
        }
        state.accepted.push(Accepted {
            id: mid.clone(),
            text,
            is_reply: false,
            at_ms: at,
        });
        if body.get("recipient").is_some() {
            json!({"recipient_id": SELF_IGSID, "message_id": mid})
        } else {
            json!({"id": mid})
        }
    }

    /// The conversations and replies edges. One conversation holds all messages; every comment has all
    /// replies.
    fn edge(&self, path: &str) -> Value {
        let written = |at_ms: i64| {
            let at = jiff::Timestamp::from_millisecond(at_ms).unwrap();
            at.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string()
        };
        let accepted = self.accepted();
        let of_kind = |is_reply: bool| accepted.iter().filter(move |one| one.is_reply == is_reply);
        if path.ends_with("/conversations") {
            json!({"data": [{"id": "conversation"}]})
        } else if path.ends_with("/replies") {
            let replies = of_kind(true).map(
                |one| json!({"id": one.id, "text": one.text, "timestamp": written(one.at_ms), "from": {"id": ACCOUNT}}),
            );
            json!({"data": replies.collect::<Vec<_>>()})
        } else {
            let messages = of_kind(false).map(|one| {
                json!({"id": one.id, "message": one.text, "created_time": written(one.at_ms), "from": {"id": ACCOUNT}})
            });
            json!({"messages": {"data": messages.collect::<Vec<_>>()}})
        }
    }

    /// The newest webhook overtakes the answer.
    async fn deliver_newest(&self) {
        let (body, gateway) = {
            let mut state = self.state.lock().unwrap();
            let body = state.pending.pop();
            state.delivered.extend(body.clone());
            (body, state.gateway.clone())
        };
        if let (Some(body), Some(gateway)) = (body, gateway) {
            assert_eq!(deliver(&gateway, &body).await, StatusCode::OK);
            gateway.split_once().await.unwrap();
            gateway.inbox_once().await.unwrap();
        }
    }

    async fn crash(&self) -> Result<Response<Bytes>, TransportError> {
        self.crash.notify_one();
        std::future::pending().await
    }

    async fn time_out(&self) -> Result<Response<Bytes>, TransportError> {
        self.clocks.process.advance(Duration::from_secs(11));
        std::future::pending().await
    }

    fn respond(&self, status: u16, body: &Value) -> Response<Bytes> {
        let state = self.state.lock().unwrap();
        let mut response = Response::builder().status(status);
        if state.manners.tells_date {
            let now = jiff::Timestamp::from_millisecond(self.now_ms(&state)).unwrap();
            let date = jiff::fmt::rfc2822::DateTimePrinter::new()
                .timestamp_to_rfc9110_string(&now)
                .unwrap();
            response = response.header("date", date);
        }
        response.body(Bytes::from(body.to_string())).unwrap()
    }
}

impl State {
    fn new_id(&mut self, kind: &str) -> String {
        self.next_id += 1;
        format!("{kind}_{}", self.next_id)
    }

    fn push_message(&mut self, at_ms: i64, to: &str, message: &Value) {
        let body = json!({"object": "instagram", "entry": [{"id": ACCOUNT, "time": at_ms, "messaging": [{
            "sender": {"id": ACCOUNT}, "recipient": {"id": to}, "timestamp": at_ms,
            "message": message}]}]});
        self.pending.push(body.to_string().into_bytes());
    }

    fn push_comment(&mut self, at_ms: i64, id: &str, text: &str) {
        let body = json!({"object": "instagram", "entry": [{"id": ACCOUNT, "time": at_ms / 1_000, "changes": [{
            "field": "comments", "value": {
                "from": {"id": ACCOUNT, "username": "luna.coffee", "self_ig_scoped_id": SELF_IGSID},
                "id": id, "text": text, "media": {"id": "178", "media_product_type": "FEED"}}}]}]});
        self.pending.push(body.to_string().into_bytes());
    }
}

impl Exchange for Instagram {
    fn exchange(&self, request: Request<Bytes>) -> ExchangeFuture<'_> {
        Box::pin(self.answer(request))
    }
}
