//! `POST /` with `batch`: several calls in one, answered in order (contract "Clients", batch).

use axum::http::Method;
use selfsame_wire::batch::{self, BatchItem};
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::authenticate::key_in;
use super::door::{Received, carry_out, take_apart};
use super::parameters::Parameters;

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
    for item in &items {
        answers.push(run_item(&received, item).await);
    }
    Ok(Answer::Ours(Value::Array(answers)))
}

async fn run_item(outer: &Received<'_>, item: &Value) -> Value {
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
        headers: outer.headers,
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
