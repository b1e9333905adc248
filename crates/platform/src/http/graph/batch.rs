//! `POST /` with `batch`: several calls in one, answered in order (`clients.md`, "Batch").

use http::Method;
use selfsame_wire::batch::{self, BatchItem};
use selfsame_wire::graph_error::GraphError;
use serde_json::{Value, json};

use super::answer::Answer;
use super::authenticate::dialect;
use super::call::{Call, Outcome};
use super::door::{enter, log};
use super::parameters::Parameters;
use super::path::GraphPath;
use super::refusal::GraphRefusal;

/// Runs the items one after the other.
pub(super) async fn run(call: &Call) -> Outcome {
    let flow = dialect(call.host, call.token.as_deref());
    let refuse = |why: String| GraphRefusal::new(GraphError::invalid_parameter(flow, "Invalid batch"), why);
    let items = batch::items(call.parameters.get("batch")).map_err(refuse)?;
    let mut answers = Vec::with_capacity(items.len());
    for item in &items {
        answers.push(run_item(call, item).await);
    }
    Ok(Value::Array(answers))
}

async fn run_item(outer: &Call, item: &Value) -> Value {
    let mut item = BatchItem::read(item);
    let own_token = item
        .values
        .get("access_token")
        .and_then(Value::as_str)
        .map(str::to_owned);
    if own_token.is_none() {
        item.borrow_proofs(&outer.parameters.values);
    }
    let method = Method::from_bytes(item.method.as_bytes()).unwrap_or(Method::GET);
    let call = Call {
        method: method.clone(),
        path: GraphPath::parse(item.path),
        parameters: Parameters {
            values: item.values,
            file: None,
        },
        token: own_token.or_else(|| outer.token.clone()),
        ..outer.clone()
    };
    let entered = enter(call).await;
    let flow = entered.flow;
    let answer = match entered.outcome {
        Ok(body) => Answer::ok(body),
        Err(refusal) => {
            log(&method, item.path, &refusal);
            Answer::refusal(
                refusal,
                flow,
                &outer.app.world.switches.current(),
                &outer.app.world.random,
            )
        }
    };
    let mut headers = vec![json!({"name": "Content-Type", "value": "application/json; charset=UTF-8"})];
    headers.extend(
        answer
            .headers
            .iter()
            .map(|(name, value)| json!({"name": name.as_str(), "value": String::from_utf8_lossy(value.as_bytes())})),
    );
    json!({"code": answer.status.as_u16(), "headers": headers, "body": answer.body.to_string()})
}
