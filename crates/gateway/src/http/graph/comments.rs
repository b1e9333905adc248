//! `POST /{comment}/replies` and `POST /{media}/comments` — what the account says in public (contract:
//! other-apis §6.6). It comes back as a comment of the account's own, so it is in the ledger too.
//!
//! `POST` and `DELETE /{comment}` — hiding and deleting, which say nothing and go on to Instagram.

use axum::http::Method;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::ids::{CommentId, MediaId};
use serde_json::{Value, json};

use super::answer::{Outcome, Refusal};
use super::door::Call;
use super::ending::{Asked, ask, refuse_while_killed};
use super::messages::{in_preview, is_own};
use super::pass;
use crate::automation::PlannedStep;
use crate::store::accounts::Mode;
use crate::store::events;

/// Answers the call for a comment.
pub(super) async fn reply(call: &Call) -> Result<Value, Refusal> {
    let text = text_of(call)?;
    refuse_while_killed(call).await?;
    let known = known_comment(call).await?;
    let own = known.as_ref().is_some_and(|comment| comment.own);
    if !own && call.speaker.account.mode == Mode::PreviewOnly {
        return Err(in_preview(call));
    }
    let asked = Asked {
        person: known.and_then(|comment| comment.person),
        own,
        place_of: Some(call.node.clone()),
    };
    let step = PlannedStep::Reply {
        comment_id: CommentId::new(call.node.clone()),
        text,
    };
    say(call, &asked, step).await
}

/// Answers the call for media.
pub(super) async fn under_media(call: &Call) -> Result<Value, Refusal> {
    let text = text_of(call)?;
    refuse_while_killed(call).await?;
    if call.speaker.account.mode == Mode::PreviewOnly {
        return Err(in_preview(call));
    }
    let asked = Asked {
        person: None,
        own: false,
        place_of: Some(call.node.clone()),
    };
    let step = PlannedStep::Comment {
        media_id: MediaId::new(call.node.clone()),
        text,
    };
    say(call, &asked, step).await
}

fn text_of(call: &Call) -> Result<String, Refusal> {
    call.values
        .get("message")
        .and_then(|message| message.as_str())
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
        .ok_or_else(|| {
            Refusal::new(
                GraphError::parameter_required(call.speaker.flow, "message"),
                "message is the text of the comment",
            )
        })
}

async fn say(call: &Call, asked: &Asked, step: PlannedStep) -> Result<Value, Refusal> {
    let told = ask(call, asked, vec![step]).await?;
    Ok(json!({ "id": told.first().and_then(|told| told.id.as_ref()) }))
}

/// Hides, shows or deletes a comment, or opens and closes the comments of a post.
pub(super) async fn change(call: &Call) -> Outcome {
    let flow = call.speaker.flow;
    let names_a_change = ["hide", "comment_enabled"]
        .iter()
        .any(|name| call.values.contains_key(*name));
    if is_own(call) || (call.method == Method::POST && !names_a_change) {
        return Err(Refusal::unsupported(
            flow,
            call.method.as_str(),
            &call.node,
            "a comment is hidden by POST /{comment} with hide, and deleted by DELETE /{comment}; \
             the comments of a post are closed by POST /{media} with comment_enabled",
        ));
    }
    refuse_while_killed(call).await?;
    if !is_own_comment(call).await? && call.speaker.account.mode == Mode::PreviewOnly {
        return Err(in_preview(call));
    }
    pass::change(call, None).await
}

/// What is known of the comment that the call is about.
async fn known_comment(call: &Call) -> Result<Option<events::KnownComment>, Refusal> {
    let (account, wanted) = (call.speaker.account.ig_id.clone(), call.node.clone());
    let read = call
        .app
        .database
        .read(move |connection| events::find_comment(connection, &account, &wanted));
    Ok(read.await?)
}

async fn is_own_comment(call: &Call) -> Result<bool, Refusal> {
    let known = known_comment(call).await?;
    Ok(known.is_some_and(|comment| comment.own))
}
