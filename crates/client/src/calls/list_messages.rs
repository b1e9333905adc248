//! `GET /{conversation}?fields=messages{…}` — the newest messages of a conversation (contract
//! "Conversations"). Graph shows details of the 20 newest only, so one page is all there is.

use http::Method;
use jiff::Timestamp;
use selfsame_wire::ids::{ConversationId, MessageId, ParticipantId};
use serde_json::Value;

use super::answer;
use crate::failure::CallFailure;
use crate::graph_client::{Body, Caller, GraphClient, read};

const FIELDS: &str = "messages.limit(20){id,created_time,from,to,message}";

/// A message as the conversations edge shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationMessage {
    /// Its id.
    pub mid: MessageId,
    /// When it was sent, to the second.
    pub created_at: Option<Timestamp>,
    /// Who sent it.
    pub from: Option<ParticipantId>,
    /// Whom it went to.
    pub to: Option<ParticipantId>,
    /// Its text; none for media and templates.
    pub text: Option<String>,
}

impl GraphClient {
    /// Lists the newest messages of a conversation, newest first.
    pub async fn list_messages(
        &self,
        caller: &Caller,
        conversation: &ConversationId,
    ) -> Result<Vec<ConversationMessage>, CallFailure> {
        let mut url = self.graph_url(caller.flow, &[conversation.as_str()]);
        url.query_pairs_mut().append_pair("fields", FIELDS);
        let response = self.call(caller, Method::GET, url, Body::None).await;
        read(response, "a conversation", |body| {
            let body = answer::json(body)?;
            let messages = body.get("messages")?;
            Some(answer::data(messages).into_iter().filter_map(read_message).collect())
        })
    }
}

fn read_message(message: &Value) -> Option<ConversationMessage> {
    Some(ConversationMessage {
        mid: answer::text(message, "id").map(MessageId::new)?,
        created_at: answer::time(message, "created_time"),
        from: message
            .get("from")
            .and_then(|from| answer::text(from, "id"))
            .map(ParticipantId::new),
        to: message
            .get("to")
            .and_then(|to| answer::data(to).into_iter().find_map(|to| answer::text(to, "id")))
            .map(ParticipantId::new),
        text: answer::text(message, "message"),
    })
}
