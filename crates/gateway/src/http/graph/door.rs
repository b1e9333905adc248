//! The one door: from an HTTP request to a call and back.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response;
use percent_encoding::percent_decode_str;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::parameters::{self, Values};

use super::answer::{Outcome, Refusal, write};
use super::authenticate::{Speaker, authenticate, key_of};
use super::{comments, messages};
use crate::http::App;

/// The version that unversioned calls are answered by.
const UNVERSIONED: &str = "v21.0";
/// Parameters that are the gateway's business and go no further.
const OURS: [&str; 4] = ["access_token", "appsecret_proof", "appsecret_time", "method"];

/// A call in the name of an account.
pub(super) struct Call {
    /// What every handler shares.
    pub(super) app: App,
    /// In whose name.
    pub(super) speaker: Speaker,
    /// The node of the path.
    pub(super) node: String,
    /// The parameters, ours taken out.
    pub(super) values: Values,
    /// What makes two requests the same, if the caller said.
    pub(super) idempotency_key: Option<String>,
}

/// Answers a request below `/graph`.
pub(super) async fn answer(
    State(app): State<App>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let (version, segments) = take_apart(uri.path());
    let random = app.random.clone();
    let mut flow = LoginFlow::Instagram;
    let outcome = match body {
        Ok(body) => enter(app, &method, &uri, &headers, &body, &segments, &mut flow).await,
        Err(rejection) => Err(Refusal::new(
            GraphError::invalid_parameter(flow, "Invalid request body"),
            rejection.body_text(),
        )),
    };
    write(outcome, flow, &version, &random)
}

async fn enter(
    app: App,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
    segments: &[String],
    flow: &mut LoginFlow,
) -> Outcome {
    let mut values = read(uri, headers, body)
        .map_err(|why| Refusal::new(GraphError::invalid_parameter(*flow, "Invalid request body"), why))?;
    let key = key_of(headers, &values);
    let node = segments.first().map_or("me", String::as_str);
    let speaker = authenticate(&app, key.as_deref(), node).await?;
    *flow = speaker.flow;
    for name in OURS {
        values.remove(name);
    }
    let call = Call {
        app,
        speaker,
        node: node.to_owned(),
        values,
        idempotency_key: idempotency_key(headers, *flow)?,
    };
    let edge = segments.get(1).map(String::as_str);
    match (method, edge, segments.len()) {
        (&Method::POST, Some("messages"), 2) => messages::handle(&call).await,
        (&Method::POST, Some("replies"), 2) => comments::reply(&call).await,
        (&Method::POST, Some("comments"), 2) => comments::under_media(&call).await,
        _ => Err(Refusal::unsupported(
            *flow,
            method.as_str(),
            node,
            "the gateway serves the calls that say something: POST /{account}/messages, /{SELF_IGSID}/messages, \
             /{comment}/replies and /{media}/comments",
        )),
    }
}

/// Version and decoded segments of a path below `/graph`. Doubled and trailing slashes do not matter.
fn take_apart(path: &str) -> (String, Vec<String>) {
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

/// Reads query and body: JSON, or urlencoded with or without brackets. The body wins.
fn read(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Values, String> {
    let mut values = Values::new();
    parameters::read_form(&mut values, uri.query().unwrap_or_default().as_bytes());
    if body.is_empty() {
        return Ok(values);
    }
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    if kind.starts_with("multipart/") {
        return Err("the gateway reads JSON and urlencoded bodies; send media by its address".to_owned());
    }
    if kind.contains("json") || (parameters::looks_like_json(body) && !kind.contains("form-urlencoded")) {
        parameters::read_json(&mut values, body)?;
    } else {
        parameters::read_form(&mut values, body);
    }
    Ok(values)
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
