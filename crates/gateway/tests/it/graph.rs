//! A Graph API that knows one account, for everything that onboarding asks; it remembers what was sent.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use selfsame_client::Transport;
use selfsame_client::transport::{Exchange, ExchangeFuture, TransportError};
use serde_json::{Value, json};

/// The account.
pub(crate) const IG_ID: &str = "17841400000000001";
/// The account as it sees itself.
pub(crate) const SELF_IGSID: &str = "1500000000000001";
/// Somebody else.
pub(crate) const SAM: &str = "1600000000000002";
/// The marker in every token: it must never be seen outside the store's sealed rows.
pub(crate) const MARKER: &str = "TOKENMARKER";

#[derive(Default)]
struct State {
    sent: Vec<(String, Value)>,
    subscribed: Vec<String>,
    asked: Vec<(String, BTreeMap<String, String>)>,
    refusals: VecDeque<(u16, Value)>,
    forgotten: usize,
    usage: Option<String>,
    told: BTreeMap<String, (u16, Value)>,
    told_headers: Vec<(&'static str, String)>,
    calls: Vec<Request<Bytes>>,
    ends: VecDeque<Result<&'static str, TransportError>>,
}

/// The scripted Graph API. Cloning shares it.
#[derive(Clone, Default)]
pub(crate) struct Graph(Arc<Mutex<State>>);

impl Graph {
    /// A way to it.
    pub(crate) fn transport(&self) -> Transport {
        Transport::new(self.clone())
    }

    /// The texts (or template texts) that were sent, in order, public replies included.
    pub(crate) fn texts(&self) -> Vec<String> {
        let state = self.0.lock().unwrap();
        state
            .sent
            .iter()
            .filter_map(|(_, body)| {
                let message = body.get("message")?;
                message
                    .as_str()
                    .or_else(|| message.get("text").and_then(Value::as_str))
                    .or_else(|| message.pointer("/attachment/payload/text").and_then(Value::as_str))
                    .map(str::to_owned)
            })
            .collect()
    }

    /// The next send is answered so.
    pub(crate) fn refuse_next(&self, status: u16, error: Value) {
        self.0.lock().unwrap().refusals.push_back((status, error));
    }

    /// The next answer tells this `X-Business-Use-Case-Usage`.
    pub(crate) fn tell_usage(&self, usage: &str) {
        self.0.lock().unwrap().usage = Some(usage.to_owned());
    }

    /// Forgets what was sent; ids go on.
    pub(crate) fn forget_sent(&self) {
        let mut state = self.0.lock().unwrap();
        state.forgotten += state.sent.len();
        state.sent.clear();
    }

    /// The id that what was said so was answered with.
    pub(crate) fn id_of(&self, text: &str) -> String {
        let state = self.0.lock().unwrap();
        let position = state.sent.iter().position(|(_, body)| body.to_string().contains(text));
        format!("mid-{}", state.forgotten + position.unwrap() + 1)
    }

    /// Path and body of everything that was sent, in order.
    pub(crate) fn sent(&self) -> Vec<(String, Value)> {
        self.0.lock().unwrap().sent.clone()
    }

    /// Answers the GET calls to a path with this from now on.
    pub(crate) fn tell(&self, path: &str, status: u16, body: Value) {
        self.0.lock().unwrap().told.insert(path.to_owned(), (status, body));
    }

    /// Every answer has these headers from now on.
    pub(crate) fn tell_headers(&self, headers: &[(&'static str, &str)]) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned()));
        self.0.lock().unwrap().told_headers = headers.collect();
    }

    /// The next call is answered 200 with this text, or not at all.
    pub(crate) fn end_next(&self, end: Result<&'static str, TransportError>) {
        self.0.lock().unwrap().ends.push_back(end);
    }

    /// Every request, in order, and forgets them.
    pub(crate) fn take_calls(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut self.0.lock().unwrap().calls)
    }

    /// The `subscribed_fields` of each subscription.
    pub(crate) fn subscribed(&self) -> Vec<String> {
        self.0.lock().unwrap().subscribed.clone()
    }

    /// The parameters of the calls to a path.
    pub(crate) fn asked(&self, path: &str) -> Vec<BTreeMap<String, String>> {
        let state = self.0.lock().unwrap();
        state
            .asked
            .iter()
            .filter(|(asked, _)| asked == path)
            .map(|(_, query)| query.clone())
            .collect()
    }

    fn answer(&self, request: &Request<Bytes>) -> (u16, Value) {
        let mut state = self.0.lock().unwrap();
        state.calls.push(request.clone());
        let host = request.uri().host().unwrap_or_default();
        let path = request.uri().path().trim_start_matches("/v25.0").to_owned();
        let token = request
            .headers()
            .get("authorization")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .trim_start_matches("Bearer ")
            .to_owned();
        let mut parameters: BTreeMap<String, String> =
            form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        parameters.extend(form_urlencoded::parse(request.body()).into_owned());
        state.asked.push((path.clone(), parameters.clone()));
        if token.contains("DEAD") {
            return (
                400,
                json!({"error": {"message": "Error validating access token", "type": "OAuthException", "code": 190, "error_subcode": 460}}),
            );
        }
        if matches!(request.method().as_str(), "GET" | "DELETE")
            && let Some(told) = state.told.get(&path)
        {
            return told.clone();
        }
        let is_facebook = host.starts_with("facebook");
        match (request.method().as_str(), path.as_str()) {
            ("GET", "/me") if !is_facebook => (
                200,
                json!({"user_id": IG_ID, "id": "25600000000000001", "username": "luna.coffee", "name": "Luna", "account_type": "BUSINESS"}),
            ),
            ("GET", "/me") if token.contains("PAGE") => (
                200,
                json!({"id": "9001", "name": "Luna Page", "instagram_business_account": {"id": IG_ID, "username": "luna.coffee"}}),
            ),
            ("GET", "/me") => (
                400,
                json!({"error": {"message": "(#100) Tried accessing nonexisting field (instagram_business_account)", "type": "OAuthException", "code": 100}}),
            ),
            ("GET", "/me/accounts") => (
                200,
                json!({"data": [
                    {"id": "9001", "name": "Luna Page", "access_token": format!("EAA{MARKER}PAGE1"), "tasks": ["MESSAGING"], "instagram_business_account": {"id": IG_ID, "username": "luna.coffee"}},
                    {"id": "9002", "name": "Other Page", "access_token": format!("EAA{MARKER}PAGE2"), "tasks": ["MESSAGING"], "instagram_business_account": {"id": "17841400000000009", "username": "other"}},
                ]}),
            ),
            ("POST", "/me/subscribed_apps") => {
                state
                    .subscribed
                    .push(parameters.get("subscribed_fields").cloned().unwrap_or_default());
                (200, json!({"success": true}))
            }
            ("DELETE", "/me/subscribed_apps") => (200, json!({"success": true})),
            ("POST", "/me/message_attachments") => (200, json!({"attachment_id": "9007"})),
            ("POST", "/oauth/access_token") => (
                200,
                json!({"data": [{"access_token": format!("IGAA{MARKER}SHORT"), "user_id": "1", "permissions": "instagram_business_basic,instagram_business_manage_messages"}]}),
            ),
            ("GET", "/access_token" | "/refresh_access_token") => (
                200,
                json!({"access_token": format!("IGAA{MARKER}LONG"), "token_type": "bearer", "expires_in": 5_183_944}),
            ),
            ("GET", "/oauth/access_token") => (
                200,
                json!({"access_token": format!("EAA{MARKER}USER"), "token_type": "bearer", "expires_in": 5_183_944}),
            ),
            ("POST", path)
                if ["/messages", "/replies", "/comments", "/mentions"]
                    .iter()
                    .any(|edge| path.ends_with(edge)) =>
            {
                if let Some(refusal) = state.refusals.pop_front() {
                    return refusal;
                }
                let body = serde_json::from_slice(request.body()).unwrap_or_else(|_form| json!(parameters));
                state.sent.push((path.to_owned(), body));
                let id = format!("mid-{}", state.forgotten + state.sent.len());
                if body_names_nobody(&state.sent) {
                    (200, json!({"id": id}))
                } else {
                    (200, json!({"recipient_id": SAM, "message_id": id}))
                }
            }
            _ => (200, json!({"data": []})),
        }
    }
}

/// Whether the newest call was one that is answered with nothing but an id.
fn body_names_nobody(sent: &[(String, Value)]) -> bool {
    sent.last().is_some_and(|(_, body)| body.get("recipient").is_none())
}

impl Exchange for Graph {
    fn exchange(&self, request: Request<Bytes>) -> ExchangeFuture<'_> {
        Box::pin(async move {
            let (status, body) = self.answer(&request);
            match self.0.lock().unwrap().ends.pop_front() {
                Some(Ok(text)) => return Ok(Response::new(Bytes::from_static(text.as_bytes()))),
                Some(Err(error)) => return Err(error),
                None => {}
            }
            let mut response = Response::builder().status(status);
            for (name, value) in &self.0.lock().unwrap().told_headers {
                response = response.header(*name, value);
            }
            if request.method() == "POST"
                && let Some(usage) = self.0.lock().unwrap().usage.take()
            {
                response = response.header("x-business-use-case-usage", usage);
            }
            response
                .body(Bytes::from(body.to_string()))
                .map_err(|error| TransportError::Cut {
                    cause: error.to_string(),
                })
        })
    }
}
