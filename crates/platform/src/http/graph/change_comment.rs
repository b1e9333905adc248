//! `POST /{comment}?hide=`, `DELETE /{comment}`, `POST /{media}?comment_enabled=` (contract: other-apis §6.6).

use selfsame_wire::flow::Feature;
use selfsame_wire::graph_error::GraphError;
use serde_json::json;

use super::call::{Call, Outcome, require};
use super::refusal::GraphRefusal;
use super::subscribed_apps::settle;
use crate::domain::caller::Caller;
use crate::domain::media::{Comment, Media};
use crate::hub::StreamEvent;
use crate::store::{Durability, comments, media};

/// Hides a comment or shows it. The owner's own comments stay visible.
pub(super) async fn hide(call: &Call, caller: &Caller, comment: &Comment) -> Outcome {
    require(caller, Feature::Comments)?;
    let Some(hide) = call.parameters.flag("hide") else {
        let error = GraphError::parameter_required(caller.flow(), "hide");
        return Err(GraphRefusal::new(
            error,
            "a comment is changed with hide=true or hide=false",
        ));
    };
    if comment.author != caller.account.key {
        let key = comment.key;
        settle(
            call.app
                .world
                .store
                .write(Durability::Durable, move |tx| {
                    comments::hide(tx, key, hide)?;
                    Ok(tx.tell(StreamEvent::Comment, key.0)?)
                })
                .await,
        )?;
    }
    Ok(json!({"success": true}))
}

/// Deletes a comment with its replies.
pub(super) async fn delete(call: &Call, caller: &Caller, comment: &Comment) -> Outcome {
    require(caller, Feature::Comments)?;
    let (key, now_ms) = (comment.key, call.app.world.clock.now_ms());
    settle(
        call.app
            .world
            .store
            .write(Durability::Durable, move |tx| {
                comments::delete(tx, key, now_ms)?;
                Ok(tx.tell(StreamEvent::Comment, key.0)?)
            })
            .await,
    )?;
    Ok(json!({"success": true}))
}

/// Allows or forbids comments under media.
pub(super) async fn enable_comments(call: &Call, caller: &Caller, media: &Media) -> Outcome {
    require(caller, Feature::Comments)?;
    let Some(enabled) = call.parameters.flag("comment_enabled") else {
        let error = GraphError::parameter_required(caller.flow(), "comment_enabled");
        return Err(GraphRefusal::new(
            error,
            "media is changed with comment_enabled=true or comment_enabled=false",
        ));
    };
    let key = media.key;
    settle(
        call.app
            .world
            .store
            .write(Durability::Durable, move |tx| {
                Ok(media::enable_comments(tx, key, enabled)?)
            })
            .await,
    )?;
    Ok(json!({"success": true}))
}
