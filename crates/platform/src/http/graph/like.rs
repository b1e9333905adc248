//! `POST|DELETE /{IG_ID}/likes` — the account likes media or a comment, or takes the like back (contract: other-apis §6.6 "Likes").
//! The Facebook login's alone. Meta's lock after 50 calls in 5 seconds is not imitated.

use http::Method;
use selfsame_wire::flow::Feature;
use selfsame_wire::graph_error::GraphError;
use serde_json::json;

use super::call::{Call, Outcome, require, require_facebook_login};
use super::refusal::GraphRefusal;
use crate::actions::{ApiLike, LikeTarget};
use crate::domain::caller::Caller;
use crate::store::Failure;

/// Answers the call.
pub(super) async fn handle(call: &Call, caller: &Caller) -> Outcome {
    require_facebook_login(call, caller)?;
    require(caller, Feature::Engagement)?;
    let flow = caller.flow();
    let target = match (call.parameters.text("media_id"), call.parameters.text("comment_id")) {
        (Some(media), None) => LikeTarget::Media(media),
        (None, Some(comment)) => LikeTarget::Comment(comment),
        _ => {
            return Err(GraphRefusal::new(
                GraphError::parameter_required(flow, "media_id"),
                "name either media_id or comment_id",
            ));
        }
    };
    let (LikeTarget::Media(id) | LikeTarget::Comment(id)) = target.clone();
    let like = ApiLike {
        caller: caller.clone(),
        target,
        likes: call.method == Method::POST,
    };
    match call.app.world.like_by_app(like).await {
        Ok(()) => Ok(json!({"success": true})),
        Err(Failure::Refused(refusal)) => Err(GraphRefusal::unsupported(flow, &call.method, &id, refusal.to_string())),
        Err(Failure::Store(error)) => Err(error.into()),
    }
}
