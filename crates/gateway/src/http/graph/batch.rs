//! `POST /` with `batch`: several calls in one, answered in order (contract "Clients", batch).

use axum::http::Method;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::parameters;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::authenticate::key_in;
use super::door::{Received, carry_out, take_apart};
use super::parameters::Parameters;

/// Calls in one batch, as at Meta.
const BATCH_MAX: usize = 50;

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
    let batch = match received.parameters.values.get("batch") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or(Value::Null),
        Some(other) => other.clone(),
        None => Value::Null,
    };
    let Value::Array(items) = batch else {
        return Err(refuse(
            "batch is a JSON array of {method, relative_url, body}".to_owned(),
        ));
    };
    if items.len() > BATCH_MAX {
        return Err(refuse(format!(
            "batch has {} items; at most {BATCH_MAX} are allowed",
            items.len()
        )));
    }
    let mut answers = Vec::with_capacity(items.len());
    for item in &items {
        answers.push(run_item(&received, item).await);
    }
    Ok(Answer::Ours(Value::Array(answers)))
}

async fn run_item(outer: &Received<'_>, item: &Value) -> Value {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    let relative_url = text("relative_url").unwrap_or_default();
    let (path, query) = relative_url.split_once('?').unwrap_or((relative_url, ""));
    let mut inner = Parameters::of_query(query);
    if let Some(body) = text("body") {
        parameters::read_form(&mut inner.values, body.as_bytes());
    }
    let own_key = key_in(&inner.values);
    if own_key.is_none() {
        // Who borrows the token of the batch borrows its proof.
        for name in ["appsecret_proof", "appsecret_time"] {
            if let (None, Some(value)) = (inner.values.get(name), outer.parameters.values.get(name)) {
                let value = value.clone();
                inner.values.insert(name.to_owned(), value);
            }
        }
    }
    let method = text("method")
        .map(str::to_ascii_uppercase)
        .and_then(|name| Method::from_bytes(name.as_bytes()).ok())
        .unwrap_or(Method::GET);
    let (version, segments) = take_apart(&format!("/graph/{path}"));
    let mut flow = LoginFlow::Instagram;
    let received = Received {
        app: outer.app,
        headers: outer.headers,
        method,
        version,
        segments,
        parameters: inner,
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
