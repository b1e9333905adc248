//! `POST /{comment}/replies` — a public reply (contract "Comments").

use http::Method;
use selfsame_wire::ids::CommentId;

use super::answer;
use crate::graph_client::{Body, Caller, GraphClient};
use crate::outcome::Outcome;

impl GraphClient {
    /// Replies under a comment, for everybody to see.
    pub async fn reply_to_comment(&self, caller: &Caller, comment: &CommentId, text: &str) -> Outcome<CommentId> {
        let url = self.graph_url(caller.flow, &[comment.as_str(), "replies"]);
        let response = self
            .call(caller, Method::POST, url, Body::Form(&[("message", text)]))
            .await;
        Outcome::read(response, |body| {
            answer::text(&answer::json(body)?, "id").map(CommentId::new)
        })
    }
}
