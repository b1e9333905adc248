//! `POST /{account or page}/pass_thread_control`, `take_thread_control`, `request_thread_control`, `release_thread_control`
//! (contract: other-apis §6.8).

use selfsame_wire::flow::Feature;
use selfsame_wire::graph_error::GraphError;
use serde_json::json;

use super::call::{Call, Outcome, require, require_page_token};
use super::refusal::GraphRefusal;
use crate::actions::{Control, ControlThread};
use crate::domain::caller::Caller;

/// Answers the call; `edge` is one of the four.
pub(super) async fn handle(call: &Call, caller: &Caller, edge: &str) -> Outcome {
    require(caller, Feature::Messaging)?;
    require_page_token(caller)?;
    let flow = caller.flow();
    let required = |name: &str, why: &str| GraphRefusal::new(GraphError::parameter_required(flow, name), why);
    let recipient = call
        .parameters
        .json("recipient")
        .and_then(|recipient| recipient.get("id")?.as_str().map(str::to_owned));
    let Some(recipient) = recipient else {
        return Err(required(
            "recipient",
            "recipient names the person of the thread: {\"id\": IGSID}",
        ));
    };
    let control = match edge {
        "take_thread_control" => Control::Take,
        "request_thread_control" => Control::Request,
        "release_thread_control" => Control::Release,
        _ => {
            let why = "target_app_id is the app id of the other app, or 1217981644879628 for the inbox";
            let target_app_id = call.parameters.text("target_app_id");
            Control::Pass {
                target_app_id: target_app_id.ok_or_else(|| required("target_app_id", why))?,
            }
        }
    };
    let wish = ControlThread {
        caller: caller.clone(),
        recipient,
        control,
        metadata: call.parameters.text("metadata"),
    };
    let moved = call.app.world.control_thread(wish).await;
    moved.map_err(|failure| GraphRefusal::of_send(flow, failure))?;
    Ok(json!({"success": true}))
}
