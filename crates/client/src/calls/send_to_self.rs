//! `POST /{SELF_IGSID}/messages` — the documented self form: the path names the recipient and the
//! body has only `message` (contract "Send API", endpoints).

use http::Method;
use selfsame_wire::ids::{IgScopedId, MessageId};
use selfsame_wire::send::{Outgoing, OutgoingMessage};

use super::send_message::message_id;
use crate::graph_client::{Body, Caller, GraphClient};
use crate::outcome::Outcome;

impl GraphClient {
    /// Sends into the thread of the account with itself, by the path form.
    pub async fn send_to_self(
        &self,
        caller: &Caller,
        self_igsid: &IgScopedId,
        message: &OutgoingMessage,
    ) -> Outcome<MessageId> {
        let outgoing = Outgoing::ToSelf {
            to: self_igsid.clone(),
            message: message.clone(),
        };
        let url = self.graph_url(caller.flow, &[self_igsid.as_str(), "messages"]);
        let body = outgoing.to_path_form_body();
        let answer = self.call(caller, Method::POST, url, Body::Json(&body)).await;
        Outcome::read(answer, message_id)
    }
}
