//! Calls that say nothing: they are made at Instagram with the account's own token, and answered as Instagram answers.
//!
//! The host, the token and the proof are the account's, whatever the caller wrote; the path is one of those named here.
//! So a caller reaches what this token reaches and no other account, host or surface.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use bytes::Bytes;
use selfsame_client::transport::TransportError;
use selfsame_client::{Caller, PassedBody, PassedOn};
use selfsame_wire::graph_error::{ErrorClass, GraphError};
use serde_json::Value;

use super::answer::{Answer, Outcome, Passed, Refusal};
use super::conceal::Concealer;
use super::door::Call;
use super::ending::refuse_while_killed;
use super::messages::{in_preview, is_own};
use super::parameters::as_pairs;
use crate::onboarding::CredentialError;
use crate::store::StoreError;
use crate::store::accounts::{self, Mode};

/// Edges that may be read.
const READ_EDGES: [&str; 16] = [
    "conversations",
    "messages",
    "attachments",
    "shares",
    "media",
    "stories",
    "live_media",
    "tags",
    "children",
    "comments",
    "replies",
    "insights",
    "messenger_profile",
    "thread_owner",
    "subscribed_apps",
    "content_publishing_limit",
];
/// Characters of an id at most; the longest that Meta documents have some three hundred.
const NODE_MAX: usize = 1_000;
/// Headers of Instagram's answer that the caller gets.
const PASSED_HEADERS: [&str; 9] = [
    "x-app-usage",
    "x-business-use-case-usage",
    "x-page-usage",
    "x-fb-trace-id",
    "x-fb-request-id",
    "facebook-api-version",
    "instagram-api-version",
    "retry-after",
    "x-selfsame-why",
];

/// What of a call goes on.
pub(super) struct Passing<'a> {
    /// The node of the path.
    pub(super) node: &'a str,
    /// Its edge; none: the node itself.
    pub(super) edge: Option<&'a str>,
    /// The query.
    pub(super) query: &'a [(&'a str, &'a str)],
    /// The body.
    pub(super) body: PassedBody<'a>,
}

/// Whether an edge may be read.
pub(super) fn is_read(edge: &str) -> bool {
    READ_EDGES.contains(&edge)
}

/// Reads a node, or an edge of it.
pub(super) async fn read(call: &Call, edge: Option<&str>) -> Outcome {
    let pairs = as_pairs(&call.values);
    if let Some((name, _)) = pairs.iter().find(|(_, value)| asks_for_token(value)) {
        return Err(Refusal::new(
            GraphError::nonexisting_field(call.speaker.flow, "access_token"),
            format!("{name} asks for an access token; Instagram's own tokens stay inside the gateway"),
        ));
    }
    let query = borrowed(&pairs);
    pass(
        call,
        Passing {
            node: &call.node,
            edge,
            query: &query,
            body: PassedBody::None,
        },
    )
    .await
}

fn asks_for_token(value: &str) -> bool {
    value.to_ascii_lowercase().contains("access_token")
}

/// Sets or deletes what stands in the account's profile for messages: ice breakers, the menu.
pub(super) async fn change_profile(call: &Call) -> Outcome {
    if !is_own(call) {
        return Err(Refusal::unsupported(
            call.speaker.flow,
            call.method.as_str(),
            &call.node,
            "the profile for messages is the account's own: /me/messenger_profile",
        ));
    }
    refuse_while_killed(call).await?;
    if call.speaker.account.mode == Mode::PreviewOnly {
        return Err(in_preview(call));
    }
    change(call, Some("messenger_profile")).await
}

/// Makes a change, its parameters as a form, or as a query when something is deleted.
pub(super) async fn change(call: &Call, edge: Option<&str>) -> Outcome {
    let pairs = as_pairs(&call.values);
    let pairs = borrowed(&pairs);
    let passing = if call.method == Method::POST {
        Passing {
            node: &call.node,
            edge,
            query: &[],
            body: PassedBody::Form(&pairs),
        }
    } else {
        Passing {
            node: &call.node,
            edge,
            query: &pairs,
            body: PassedBody::None,
        }
    };
    pass(call, passing).await
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// Makes the call at Instagram and takes its answer over.
pub(super) async fn pass(call: &Call, passing: Passing<'_>) -> Outcome {
    check_node(call, passing.node).await?;
    let Some(_under_way) = call.app.graph_room.begin(&call.speaker.account.ig_id) else {
        return Err(Refusal::new(
            GraphError::temporary(),
            "the account has as many calls under way as it may: wait for their answers",
        ));
    };
    let caller = caller_of(call).await?;
    let segments: Vec<&str> = std::iter::once(passing.node).chain(passing.edge).collect();
    let passed_on = PassedOn {
        method: call.method.clone(),
        version: &call.version,
        segments: &segments,
        query: passing.query,
        body: passing.body,
    };
    match call.app.client.pass_on(&caller, passed_on).await {
        Ok(response) => take_over(call, &caller, response).await,
        Err(error) => Err(unanswered(&error)),
    }
}

/// In whose name Instagram is called.
pub(super) async fn caller_of(call: &Call) -> Result<Caller, Refusal> {
    match call.app.credentials.caller_for(&call.speaker.account.ig_id).await {
        Ok(caller) => Ok(caller),
        Err(CredentialError::Store(error)) => Err(error.into()),
        Err(error) => Err(Refusal::new(
            GraphError::token_invalidated(call.speaker.flow),
            error.to_string(),
        )),
    }
}

/// The node is `me` or an id, and no other connected account.
async fn check_node(call: &Call, node: &str) -> Result<(), Refusal> {
    let refuse = |why: &str| Err(Refusal::unsupported(call.speaker.flow, call.method.as_str(), node, why));
    if !is_node(node) {
        return refuse("a node is `me` or an id");
    }
    let wanted = node.to_owned();
    let found = call
        .app
        .database
        .read(move |connection| accounts::find_by_any_name(connection, &wanted))
        .await
        .map_err(StoreError::from)?;
    match found {
        Some(other) if other.ig_id != call.speaker.account.ig_id => refuse("that is another account than the key's"),
        _ => Ok(()),
    }
}

/// `me`, or something that can only be an id: ids have a digit, and Graph's own words at this place (`oauth`, `debug_token`)
/// have none.
fn is_node(node: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'=' | b':' | b'.' | b'$');
    node == "me"
        || (node.len() <= NODE_MAX && node.bytes().all(is_plain) && node.bytes().any(|byte| byte.is_ascii_digit()))
}

async fn take_over(call: &Call, caller: &Caller, response: Response<Bytes>) -> Outcome {
    let (status, headers) = (response.status(), response.headers());
    let Ok(mut body) = serde_json::from_slice::<Value>(response.body()) else {
        return Err(Refusal::new(
            GraphError::temporary(),
            format!(
                "Instagram answered HTTP {} with something that is not JSON",
                status.as_u16()
            ),
        ));
    };
    if let Some(error) = GraphError::parse(response.body(), status.as_u16())
        && error.classify() == ErrorClass::Reauth
    {
        let account = &call.speaker.account.ig_id;
        call.app.credentials.broke(account, caller, &error).await?;
    }
    let graph = call.app.client.base_urls().graph(caller.flow);
    let key = call.key_for_addresses.as_deref();
    let concealer = Concealer::new(caller.token.expose(), graph, &call.base, key);
    concealer.conceal(&mut body);
    Ok(Answer::Instagrams(Passed {
        status,
        headers: passed_headers(headers, &concealer),
        body,
    }))
}

fn passed_headers(headers: &HeaderMap, concealer: &Concealer<'_>) -> Vec<(HeaderName, HeaderValue)> {
    PASSED_HEADERS
        .into_iter()
        .filter_map(|name| {
            let value = headers.get(name)?;
            let text = value.to_str().ok()?;
            (!concealer.shows(text)).then(|| (HeaderName::from_static(name), value.clone()))
        })
        .collect()
}

fn unanswered(error: &TransportError) -> Refusal {
    let why = match error {
        TransportError::NotSent { .. } => format!("Instagram was not reached, and nothing happened: {error}"),
        TransportError::TimedOut | TransportError::Cut { .. } | TransportError::TooLarge { .. } => {
            format!("Instagram may have acted on it: {error}")
        }
    };
    Refusal::new(GraphError::temporary(), why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_me_or_an_id() {
        for node in [
            "me",
            "17841400000000001",
            "aWdfZAG06MTpJ",
            "t_10",
            "1_2",
            "m_AbC-9=:$x",
            "aWc.1",
        ] {
            assert!(is_node(node), "{node}");
        }
        for node in [
            "",
            "..",
            ".",
            "oauth",
            "access_token",
            "debug_token",
            "_sim",
            "ig_hashtag_search",
            "a/1",
            "1?x",
            "1#x",
            "1%2f",
            "@1",
            "1 2",
            "1\r\n2",
            "http://127.0.0.1",
        ] {
            assert!(!is_node(node), "{node}");
        }
        assert!(!is_node(&"1".repeat(NODE_MAX + 1)));
    }
}
