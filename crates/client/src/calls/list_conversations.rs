//! `GET /me/conversations` (contract "Conversations"). The self thread is not among them.

use http::Method;
use jiff::Timestamp;
use selfsame_wire::ids::ConversationId;

use super::answer;
use crate::failure::CallFailure;
use crate::graph_client::{Body, Caller, GraphClient, read};

/// Conversations asked for at once.
const PAGE_SIZE: &str = "25";

/// A conversation as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationSummary {
    /// Its id.
    pub id: ConversationId,
    /// When something was last said in it.
    pub updated_at: Option<Timestamp>,
}

/// A page of conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationPage {
    /// The most recently used first.
    pub conversations: Vec<ConversationSummary>,
    /// The `after` of the next page; none on the last.
    pub next: Option<String>,
}

impl GraphClient {
    /// Lists a page of conversations. Those in the Requests folder that were idle for 30 days, and the
    /// self thread, are never listed.
    pub async fn list_conversations(
        &self,
        caller: &Caller,
        after: Option<&str>,
    ) -> Result<ConversationPage, CallFailure> {
        let mut url = self.graph_url(caller.flow, &["me", "conversations"]);
        url.query_pairs_mut()
            .append_pair("platform", "instagram")
            .append_pair("fields", "id,updated_time")
            .append_pair("limit", PAGE_SIZE);
        if let Some(after) = after {
            url.query_pairs_mut().append_pair("after", after);
        }
        let response = self.call(caller, Method::GET, url, Body::None).await;
        read(response, "a list of conversations", |body| {
            let body = answer::json(body)?;
            body.get("data")?;
            let conversations = answer::data(&body).into_iter().filter_map(|item| {
                Some(ConversationSummary {
                    id: answer::text(item, "id").map(ConversationId::new)?,
                    updated_at: answer::time(item, "updated_time"),
                })
            });
            Some(ConversationPage {
                conversations: conversations.collect(),
                next: answer::next_cursor(&body),
            })
        })
    }
}
