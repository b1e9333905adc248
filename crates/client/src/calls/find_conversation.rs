//! `GET /me/conversations?user_id=` — the conversation with one person (contract "Conversations").
//! It never lists the thread of the account with itself.

use http::Method;
use selfsame_wire::ids::{ConversationId, IgScopedId};

use super::answer;
use crate::failure::CallFailure;
use crate::graph_client::{Body, Caller, GraphClient, read};

impl GraphClient {
    /// Finds the conversation with a person; none when there is none, or when it is the self thread.
    pub async fn find_conversation(
        &self,
        caller: &Caller,
        person: &IgScopedId,
    ) -> Result<Option<ConversationId>, CallFailure> {
        let mut url = self.graph_url(caller.flow, &["me", "conversations"]);
        url.query_pairs_mut()
            .append_pair("platform", "instagram")
            .append_pair("user_id", person.as_str());
        let response = self.call(caller, Method::GET, url, Body::None).await;
        read(response, "a list of conversations", |body| {
            let body = answer::json(body)?;
            body.get("data")?;
            let first = answer::data(&body)
                .into_iter()
                .find_map(|item| answer::text(item, "id"));
            Some(first.map(ConversationId::new))
        })
    }
}
