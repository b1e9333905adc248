//! `POST /{comment}/replies`, `POST /{media}/comments` and `POST /{IG_ID}/mentions` — a public comment by the account
//! (contract: other-apis §6.6, webhooks §4.7 "mentions").

use selfsame_wire::flow::Feature;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::ids::{CommentId, MediaId};
use serde_json::json;

use super::call::{Call, Outcome, require, require_facebook_login};
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

/// Answers a mention: in the caption of the media, or in a comment under it.
pub(super) async fn to_mention(call: &Call, caller: &Caller) -> Outcome {
    require_facebook_login(call, caller)?;
    let Some(media) = call.parameters.text("media_id") else {
        return Err(GraphRefusal::new(
            GraphError::parameter_required(caller.flow(), "media_id"),
            "media_id and, for a comment, comment_id are those of the mentions webhook",
        ));
    };
    let comment = call.parameters.text("comment_id").map(CommentId::new);
    let media = MediaId::new(media);
    write(call, caller, CommentTarget::Mention { media, comment }).await
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
        Err(Failure::Refused(refusal)) => Err(GraphRefusal::unsupported(
            flow,
            &call.method,
            call.id(),
            refusal.to_string(),
        )),
        Err(Failure::Store(error)) => Err(error.into()),
    }
}
