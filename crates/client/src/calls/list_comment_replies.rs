//! `GET /{comment}/replies` — the replies under a comment (contract "Comments"). Settles a public
//! reply of which nobody knows whether it was written.

use http::Method;
use jiff::Timestamp;
use selfsame_wire::ids::{CommentId, ParticipantId};
use serde_json::Value;

use super::answer;
use crate::failure::CallFailure;
use crate::graph_client::{Body, Caller, GraphClient, read};

const FIELDS: &str = "id,text,timestamp,username,from";
/// Replies asked for at once; Graph allows no more.
const PAGE_SIZE: &str = "50";
/// Answers read before giving up.
const ANSWERS_MAX: usize = 10;

/// A reply under a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentReply {
    /// The reply, which is a comment itself.
    pub id: CommentId,
    /// What it says.
    pub text: Option<String>,
    /// When it was written, to the second.
    pub created_at: Option<Timestamp>,
    /// User name of its author.
    pub username: Option<String>,
    /// Its author.
    pub from: Option<ParticipantId>,
}

impl GraphClient {
    /// Lists the replies under a comment.
    pub async fn list_comment_replies(
        &self,
        caller: &Caller,
        comment: &CommentId,
    ) -> Result<Vec<CommentReply>, CallFailure> {
        let mut replies = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..ANSWERS_MAX {
            let mut url = self.graph_url(caller.flow, &[comment.as_str(), "replies"]);
            url.query_pairs_mut()
                .append_pair("fields", FIELDS)
                .append_pair("limit", PAGE_SIZE);
            if let Some(after) = &after {
                url.query_pairs_mut().append_pair("after", after);
            }
            let response = self.call(caller, Method::GET, url, Body::None).await;
            let body = read(response, "a list of replies", answer::json)?;
            replies.extend(answer::data(&body).into_iter().filter_map(read_reply));
            after = answer::next_cursor(&body);
            if after.is_none() {
                break;
            }
        }
        Ok(replies)
    }
}

pub(super) fn read_reply(reply: &Value) -> Option<CommentReply> {
    let from = reply.get("from");
    Some(CommentReply {
        id: answer::text(reply, "id").map(CommentId::new)?,
        text: answer::text(reply, "text"),
        created_at: answer::time(reply, "timestamp"),
        username: answer::text(reply, "username").or_else(|| from.and_then(|from| answer::text(from, "username"))),
        from: from.and_then(|from| answer::text(from, "id")).map(ParticipantId::new),
    })
}
