//! `POST /` with `batch`: several calls in one, answered in order (contract "Clients", batch).

use axum::http::{HeaderMap, HeaderValue, Method};
use selfsame_wire::batch::{self, BatchItem};
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::authenticate::key_in;
use super::door::{Received, carry_out, take_apart};
use super::parameters::Parameters;
use crate::http::api::IDEMPOTENCY_KEY;

/// Makes the calls one after the other.
pub(super) async fn run(received: Received<'_>) -> Outcome {
    let refuse = |why: String| {
        Refusal::new(
            GraphError::invalid_parameter(LoginFlow::Instagram, "Invalid batch"),
            why,
        )
    };
    if received.key.is_none() {
        return Err(Refusal::new(
            GraphError::token_missing(LoginFlow::Instagram),
            "a batch needs an access token, which its calls share",
        ));
    }
    let items = batch::items(received.parameters.values.get("batch")).map_err(refuse)?;
    let mut answers = Vec::with_capacity(items.len());
    for (number, item) in items.iter().enumerate() {
        answers.push(run_item(&received, &headers_of(&received, number), item).await);
    }
    Ok(Answer::Ours(Value::Array(answers)))
}

/// The headers of a call of a batch: the key that makes its repetition harmless is its own.
fn headers_of(outer: &Received<'_>, number: usize) -> HeaderMap {
    let mut headers = outer.headers.clone();
    let key = headers
        .get(IDEMPOTENCY_KEY)
        .map(|key| [key.as_bytes(), b":", number.to_string().as_bytes()].concat());
    if let Some(key) = key.and_then(|key| HeaderValue::from_bytes(&key).ok()) {
        headers.insert(IDEMPOTENCY_KEY, key);
    }
    headers
}

async fn run_item(outer: &Received<'_>, headers: &HeaderMap, item: &Value) -> Value {
    let mut item = BatchItem::read(item);
    let own_key = key_in(&item.values);
    if own_key.is_none() {
        item.borrow_proofs(&outer.parameters.values);
    }
    let method = Method::from_bytes(item.method.as_bytes()).unwrap_or(Method::GET);
    let (version, segments) = take_apart(&format!("/graph/{}", item.path));
    let mut flow = LoginFlow::Instagram;
    let received = Received {
        app: outer.app,
        headers,
        method,
        version,
        segments,
        parameters: Parameters {
            values: item.values,
            files: Vec::new(),
        },
        key: own_key.or_else(|| outer.key.clone()),
    };
    let (status, body) = match Box::pin(carry_out(received, &mut flow)).await {
        Ok(Answer::Ours(body)) => (200, body),
        Ok(Answer::Instagrams(passed)) => (passed.status.as_u16(), passed.body),
        Err(refusal) => refusal.to_item(&outer.app.random),
    };
    json!({
        "code": status,
        "headers": [{"name": "Content-Type", "value": "application/json; charset=UTF-8"}],
        "body": body.to_string(),
    })
}
