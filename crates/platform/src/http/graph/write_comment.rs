//! `POST /{comment}/replies` and `POST /{media}/comments` — a public comment by the account (contract: other-apis §6.6).

use selfsame_wire::flow::Feature;
use selfsame_wire::graph_error::GraphError;
use serde_json::json;

use super::call::{Call, Outcome, require};
use super::refusal::GraphRefusal;
use crate::actions::{ApiComment, CommentTarget};
use crate::domain::caller::Caller;
use crate::domain::media::{Comment, Media};
use crate::store::Failure;

/// Answers the call for a comment.
pub(super) async fn reply(call: &Call, caller: &Caller, comment: &Comment) -> Outcome {
    write(call, caller, CommentTarget::Comment(comment.comment_id.clone())).await
}

/// Answers the call for media.
pub(super) async fn under_media(call: &Call, caller: &Caller, media: &Media) -> Outcome {
    write(call, caller, CommentTarget::Media(media.media_id.clone())).await
}

async fn write(call: &Call, caller: &Caller, target: CommentTarget) -> Outcome {
    require(caller, Feature::Comments)?;
    let flow = caller.flow();
    let Some(text) = call.parameters.text("message").filter(|text| !text.trim().is_empty()) else {
        return Err(GraphRefusal::new(
            GraphError::parameter_required(flow, "message"),
            "message is the text of the comment",
        ));
    };
    let comment = ApiComment {
        caller: caller.clone(),
        target,
        text,
    };
    match call.app.world.reply_to_comment(comment).await {
        Ok(written) => Ok(json!({"id": written.comment_id.as_str()})),
        Err(Failure::Refused(unknown)) => Err(GraphRefusal::unsupported(
            flow,
            &call.method,
            call.id(),
            unknown.to_string(),
        )),
        Err(Failure::Store(error)) => Err(error.into()),
    }
}
