//! `POST /{IG_ID}/mentions` — a public answer where the account was mentioned (contract "mentions").

use http::Method;
use selfsame_wire::ids::{CommentId, IgUserId, MediaId};

use super::answer;
use crate::graph_client::{Body, Caller, GraphClient};
use crate::outcome::Outcome;

impl GraphClient {
    /// Answers a mention under somebody's post, for everybody to see: under the comment that mentions the account,
    /// or under the post whose caption does. Facebook login only.
    pub async fn reply_to_mention(
        &self,
        caller: &Caller,
        account: &IgUserId,
        media: &MediaId,
        comment: Option<&CommentId>,
        text: &str,
    ) -> Outcome<CommentId> {
        let url = self.graph_url(caller.flow, &[account.as_str(), "mentions"]);
        let mut form = vec![("media_id", media.as_str()), ("message", text)];
        form.extend(comment.map(|comment| ("comment_id", comment.as_str())));
        let response = self.call(caller, Method::POST, url, Body::Form(&form)).await;
        Outcome::read(response, |body| {
            answer::text(&answer::json(body)?, "id").map(CommentId::new)
        })
    }
}
