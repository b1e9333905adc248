//! The one door: from an HTTP request to a call and back.

use std::sync::{Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use percent_encoding::percent_decode_str;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::parameters::Values;

use super::answer::{Answer, Outcome, Passed, Refusal, write};
use super::authenticate::{Key, Speaker, authenticate, check_proof, key_in, key_of};
use super::body::take_in;
use super::parameters::{Parameters, UploadedFile};
use super::{batch, comments, messages, pass, upload};
use crate::api_key::Scope;
use crate::http::App;
use crate::http::connect::address::public_base;

/// The version that unversioned calls are answered by.
const UNVERSIONED: &str = "v21.0";
/// Parameters that go no further: those that are the gateway's business, and those by which Graph would answer in
/// another form or about another object than the path says.
const OURS: [&str; 8] = [
    "access_token",
    "appsecret_proof",
    "appsecret_time",
    "method",
    "batch",
    "ids",
    "callback",
    "suppress_http_code",
];

/// A call in the name of an account.
pub(super) struct Call {
    /// What every handler shares.
    pub(super) app: App,
    /// In whose name.
    pub(super) speaker: Speaker,
    /// The method, as `method` means it.
    pub(super) method: Method,
    /// The version.
    pub(super) version: String,
    /// The node of the path.
    pub(super) node: String,
    /// The parameters, ours taken out.
    pub(super) values: Values,
    /// Files of a multipart body.
    pub(super) files: Vec<UploadedFile>,
    /// What makes two requests the same, if the caller said.
    pub(super) idempotency_key: Option<String>,
    /// The caller's key, if it stood among the parameters.
    pub(super) key_for_addresses: Option<String>,
    /// Where the caller reached us, without a slash at its end.
    pub(super) base: String,
    /// The headers by which Instagram told how much of the allowances is used up, for the answer of a send.
    pub(super) usage: Mutex<Vec<(HeaderName, HeaderValue)>>,
}

impl Call {
    /// Keeps these headers for the answer.
    pub(super) fn told_usage(&self, headers: &[(&'static str, String)]) {
        let headers = headers.iter().filter_map(|(name, value)| {
            let value = HeaderValue::try_from(value).ok()?;
            Some((HeaderName::from_static(name), value))
        });
        *self.usage.lock().unwrap_or_else(PoisonError::into_inner) = headers.collect();
    }
}

/// A request that was read, and who makes it is not known yet.
pub(super) struct Received<'a> {
    /// What every handler shares.
    pub(super) app: &'a App,
    /// Its headers.
    pub(super) headers: &'a HeaderMap,
    /// The method of its first line.
    pub(super) method: Method,
    /// The version.
    pub(super) version: String,
    /// The segments after the version.
    pub(super) segments: Vec<String>,
    /// Its parameters.
    pub(super) parameters: Parameters,
    /// The key that it comes with.
    pub(super) key: Option<Key>,
}

/// Answers a request below `/graph`.
pub(super) async fn answer(State(app): State<App>, request: Request) -> Response {
    let (version, _) = take_apart(request.uri().path());
    let random = app.random.clone();
    let mut flow = LoginFlow::Instagram;
    let outcome = enter(&app, request, &mut flow).await;
    write(outcome, flow, &version, &random)
}

async fn enter(app: &App, request: Request, flow: &mut LoginFlow) -> Outcome {
    let (parts, body) = request.into_parts();
    let (version, segments) = take_apart(parts.uri.path());
    let mut parameters = Parameters::of_query(parts.uri.query().unwrap_or_default());
    let early = key_of(&parts.headers, &parameters.values);
    // Whose call it is decides whether a large body is read at all; those of a batch are small.
    let is_known = early.is_some() && !segments.is_empty();
    if is_known {
        *flow = authenticate(app, early.as_ref(), node_of(&segments)).await?.flow;
    }
    let taken = take_in(app, *flow, &parts.headers, body, is_known).await?;
    let read = parameters.read_body(&parts.headers, taken.bytes.clone()).await;
    read.map_err(|why| Refusal::new(GraphError::invalid_parameter(*flow, "Invalid request body"), why))?;
    let received = Received {
        app,
        headers: &parts.headers,
        method: parts.method,
        version,
        key: early.or_else(|| key_in(&parameters.values)),
        segments,
        parameters,
    };
    if received.segments.is_empty() && received.parameters.values.contains_key("batch") {
        return batch::run(received).await;
    }
    carry_out(received, flow).await
}

/// Makes one call.
pub(super) async fn carry_out(received: Received<'_>, flow: &mut LoginFlow) -> Outcome {
    let Received {
        app,
        headers,
        method,
        version,
        segments,
        parameters: Parameters { mut values, files },
        key,
    } = received;
    let node = node_of(&segments).to_owned();
    let speaker = authenticate(app, key.as_ref(), &node).await?;
    *flow = speaker.flow;
    if let Some(key) = &key {
        check_proof(app, key, &values)?;
    }
    let method = method_meant(method, &values);
    speaker.require(if method == Method::GET {
        Scope::Read
    } else {
        Scope::Send
    })?;
    for name in OURS {
        values.shift_remove(name);
    }
    let call = Call {
        app: app.clone(),
        speaker,
        method,
        version,
        node,
        values,
        files,
        idempotency_key: idempotency_key(headers, *flow)?,
        key_for_addresses: key.filter(|key| key.is_parameter).map(|key| key.text),
        base: public_base(app, headers),
        usage: Mutex::default(),
    };
    let edge = segments.get(1).map(|edge| edge_meant(edge));
    let outcome = match (&call.method, edge, segments.len()) {
        (&Method::POST, Some("messages"), 2) => messages::handle(&call).await.map(Answer::Ours),
        (&Method::POST, Some("replies"), 2) => comments::reply(&call).await.map(Answer::Ours),
        (&Method::POST, Some("comments"), 2) => comments::under_media(&call).await.map(Answer::Ours),
        (&Method::POST, Some("message_attachments"), 2) => upload::handle(&call).await,
        (&Method::POST | &Method::DELETE, None, 1) => comments::change(&call).await,
        (&Method::POST | &Method::DELETE, Some("messenger_profile"), 2) => pass::change_profile(&call).await,
        (&Method::GET, edge, 1 | 2) if edge.is_none_or(pass::is_read) => pass::read(&call, edge).await,
        _ => Err(Refusal::unsupported(*flow, call.method.as_str(), &call.node, SERVED)),
    };
    let usage = call.usage.into_inner().unwrap_or_else(PoisonError::into_inner);
    match outcome {
        Ok(Answer::Ours(body)) => Ok(Answer::Instagrams(Passed {
            status: StatusCode::OK,
            headers: usage,
            body,
        })),
        Ok(answer @ Answer::Instagrams(_)) => Ok(answer),
        Err(refusal) => Err(refusal.with_headers(usage)),
    }
}

const SERVED: &str = "the gateway serves GET of a node and of its messages, conversations, media, comments, replies and the \
    like; POST of messages, replies, comments, message_attachments and messenger_profile; hiding and deleting of comments. \
    Webhooks, tokens and publishing are the gateway's business or none of it";

/// The node of a path; `me` without one.
fn node_of(segments: &[String]) -> &str {
    segments.first().map_or("me", String::as_str)
}

/// The edge that a name means: clients made from Meta's older reference write it without its underscore.
fn edge_meant(name: &str) -> &str {
    match name {
        "messageattachments" => "message_attachments",
        other => other,
    }
}

/// `POST ?method=delete` means DELETE, and `POST ?method=get` GET.
fn method_meant(method: Method, values: &Values) -> Method {
    let asked = values.get("method").and_then(|name| name.as_str());
    match asked.map(str::to_ascii_uppercase).as_deref() {
        Some("DELETE") if method == Method::POST => Method::DELETE,
        Some("GET") if method == Method::POST => Method::GET,
        _ => method,
    }
}

/// Version and decoded segments of a path below `/graph`. Doubled and trailing slashes do not matter.
pub(super) fn take_apart(path: &str) -> (String, Vec<String>) {
    let mut segments: Vec<String> = path
        .strip_prefix("/graph")
        .unwrap_or(path)
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    let version = if segments.first().is_some_and(|first| is_version(first)) {
        segments.remove(0)
    } else {
        UNVERSIONED.to_owned()
    };
    (version, segments)
}

/// `v` and two numbers, as in `v24.0`.
fn is_version(segment: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    segment
        .strip_prefix('v')
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

fn idempotency_key(headers: &HeaderMap, flow: LoginFlow) -> Result<Option<String>, Refusal> {
    crate::http::api::idempotency_key(headers).map_err(|error| {
        Refusal::new(
            GraphError::invalid_parameter(flow, "Invalid Idempotency-Key"),
            error.message(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_version_a_node_and_an_edge() {
        for (path, version, segments) in [
            ("/graph/v25.0/me/messages", "v25.0", vec!["me", "messages"]),
            ("/graph//v2.6/17/messages/", "v2.6", vec!["17", "messages"]),
            ("/graph/17/messages", UNVERSIONED, vec!["17", "messages"]),
            ("/graph/v25/me", UNVERSIONED, vec!["v25", "me"]),
            ("/graph", UNVERSIONED, vec![]),
            ("/graph/a%2Fb/messages", UNVERSIONED, vec!["a/b", "messages"]),
        ] {
            let (told, parts) = take_apart(path);
            assert_eq!(
                (told.as_str(), parts),
                (version, segments.into_iter().map(str::to_owned).collect()),
                "{path}"
            );
        }
    }
}
