//! `POST /` with `batch`: several calls in one, answered in order (`clients.md`, "Batch").

use http::Method;
use selfsame_wire::graph_error::GraphError;
use serde_json::{Value, json};

use super::answer::Answer;
use super::authenticate::dialect;
use super::call::{Call, Outcome};
use super::door::{enter, log};
use super::parameters::Parameters;
use super::path::GraphPath;
use super::refusal::GraphRefusal;

/// Calls in one batch, as at Meta.
const BATCH_MAX: usize = 50;

/// Runs the items one after the other.
pub(super) async fn run(call: &Call) -> Outcome {
    let flow = dialect(call.host, call.token.as_deref());
    let refuse = |why: String| GraphRefusal::new(GraphError::invalid_parameter(flow, "Invalid batch"), why);
    let Some(Value::Array(items)) = call.parameters.json("batch") else {
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
        answers.push(run_item(call, item).await);
    }
    Ok(Value::Array(answers))
}

async fn run_item(outer: &Call, item: &Value) -> Value {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    let relative_url = text("relative_url").unwrap_or_default();
    let (path, query) = relative_url.split_once('?').unwrap_or((relative_url, ""));
    let mut parameters = Parameters::from_query(query);
    if let Some(body) = text("body") {
        parameters.read_form(body.as_bytes());
    }
    parameters.values.remove("batch");
    let method = text("method")
        .map(str::to_ascii_uppercase)
        .and_then(|name| Method::from_bytes(name.as_bytes()).ok())
        .unwrap_or(Method::GET);
    let own_token = parameters.text("access_token");
    if let (None, None, Some(proof)) = (
        &own_token,
        parameters.get("appsecret_proof"),
        outer.parameters.get("appsecret_proof"),
    ) {
        // Who borrows the token of the batch borrows its proof.
        let proof = proof.clone();
        parameters.values.insert("appsecret_proof".to_owned(), proof);
    }
    let token = own_token.or_else(|| outer.token.clone());
    let called = method.clone();
    let call = Call {
        method,
        path: GraphPath::parse(path),
        parameters,
        token,
        ..outer.clone()
    };
    let entered = enter(call).await;
    let flow = entered.flow;
    let answer = match entered.outcome {
        Ok(body) => Answer::ok(body),
        Err(refusal) => {
            log(&called, path, &refusal);
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
