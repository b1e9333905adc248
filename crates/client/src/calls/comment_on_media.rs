//! `POST /{media}/comments` — a comment of the account under a post (contract "Comments").

use http::Method;
use selfsame_wire::ids::{CommentId, MediaId};

use super::answer;
use crate::graph_client::{Body, Caller, GraphClient};
use crate::outcome::Outcome;

impl GraphClient {
    /// Comments under a post, for everybody to see.
    pub async fn comment_on_media(&self, caller: &Caller, media: &MediaId, text: &str) -> Outcome<CommentId> {
        let url = self.graph_url(caller.flow, &[media.as_str(), "comments"]);
        let response = self
            .call(caller, Method::POST, url, Body::Form(&[("message", text)]))
            .await;
        Outcome::read(response, |body| {
            answer::text(&answer::json(body)?, "id").map(CommentId::new)
        })
    }
}
