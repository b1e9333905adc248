//! `GET /{media}/comments` (contract "Comments"): what was said under a post.

use http::Method;
use jiff::Timestamp;
use selfsame_wire::ids::{CommentId, MediaId, ParticipantId};
use serde_json::Value;

use super::answer;
use super::list_comment_replies::{CommentReply, read_reply};
use crate::failure::CallFailure;
use crate::graph_client::{Body, Caller, GraphClient, read};

const FIELDS: &str = "id,text,timestamp,username,from,replies.limit(50){id,text,timestamp,username,from}";
/// Comments asked for at once; Graph allows no more.
const PAGE_SIZE: &str = "50";

/// A comment under a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaComment {
    /// Its id.
    pub id: CommentId,
    /// What it says.
    pub text: Option<String>,
    /// When it was written, to the second.
    pub created_at: Option<Timestamp>,
    /// User name of its author.
    pub username: Option<String>,
    /// Its author.
    pub from: Option<ParticipantId>,
    /// The first replies to it.
    pub replies: Vec<CommentReply>,
    /// Whether it has more, which [`GraphClient::list_comment_replies`] tells.
    pub has_more_replies: bool,
}

impl GraphClient {
    /// Lists one page of the comments under a post, newest first, with the replies to each.
    pub async fn list_comments(&self, caller: &Caller, media: &MediaId) -> Result<Vec<MediaComment>, CallFailure> {
        let mut url = self.graph_url(caller.flow, &[media.as_str(), "comments"]);
        url.query_pairs_mut()
            .append_pair("fields", FIELDS)
            .append_pair("limit", PAGE_SIZE);
        let response = self.call(caller, Method::GET, url, Body::None).await;
        read(response, "a list of comments", |body| {
            let body = answer::json(body)?;
            body.get("data")?;
            Some(answer::data(&body).into_iter().filter_map(read_comment).collect())
        })
    }
}

fn read_comment(comment: &Value) -> Option<MediaComment> {
    let (from, replies) = (comment.get("from"), comment.get("replies"));
    Some(MediaComment {
        id: answer::text(comment, "id").map(CommentId::new)?,
        text: answer::text(comment, "text"),
        created_at: answer::time(comment, "timestamp"),
        username: answer::text(comment, "username").or_else(|| from.and_then(|from| answer::text(from, "username"))),
        from: from.and_then(|from| answer::text(from, "id")).map(ParticipantId::new),
        replies: replies.map_or_else(Vec::new, |replies| {
            answer::data(replies).into_iter().filter_map(read_reply).collect()
        }),
        has_more_replies: replies.is_some_and(|replies| answer::next_cursor(replies).is_some()),
    })
}
