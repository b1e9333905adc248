//! One message as the business, through the Graph API: exactly the request of Meta's documentation.

use serde::Serialize;
use serde_json::{Value, json};

use super::{GestureError, Parties};
use crate::connection::HouseClient;
use crate::world::Flow;

/// The version in the path; the platform answers any.
const GRAPH_VERSION: &str = "v24.0";

/// A message from the business.
#[derive(Debug, Clone)]
pub struct Send {
    /// The business; the only one when absent.
    pub acting: Option<String>,
    /// To whom; to itself when absent.
    pub towards: Option<String>,
    /// The `message` object.
    pub message: Value,
    /// Whose token to use.
    pub flow: Flow,
    /// The form of the request.
    pub form: SendForm,
}

/// The two documented forms of a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendForm {
    /// `POST /{SELF_IGSID}/messages` without a recipient for the self thread, the standard form otherwise.
    Documented,
    /// `POST /me/messages` with `recipient.id`, for the self thread too.
    Standard,
}

/// The request that was made and its answer.
#[derive(Debug, Clone, Serialize)]
pub struct Sent {
    /// `POST` address, without the token.
    pub url: String,
    /// The body that was sent.
    pub request: Value,
    /// What Graph answered.
    pub response: Value,
}

impl Send {
    /// Sends the message.
    ///
    /// # Errors
    /// See [`GestureError`]; also when the business has no token of this flow, or no id of the recipient is known.
    pub async fn make(self, house: &HouseClient) -> Result<Sent, GestureError> {
        let world = house.world().await?;
        let parties = Parties::meant(house, self.acting, self.towards).await?;
        let business = world.meant_account(Some(&parties.acting))?;
        let token = business.token(self.flow, None).ok_or_else(|| {
            GestureError::Missing(format!(
                "{} has granted no app anything through the {} login; `selfsame whoami {}` shows its tokens",
                parties.acting,
                self.flow.as_str(),
                parties.acting
            ))
        })?;
        let recipient = if parties.is_self_thread() {
            business.self_igsid.clone()
        } else {
            world
                .meant_account(Some(&parties.towards))?
                .scoped_ids
                .get(&parties.acting)
                .cloned()
        };
        let recipient = recipient.ok_or_else(|| {
            GestureError::Missing(if parties.is_self_thread() {
                format!("{} is no business account: it has no self IGSID", parties.acting)
            } else {
                format!(
                    "{0} has no id of {1} yet: {1} writes first, `selfsame dm hi --as {1} --to {0}`",
                    parties.acting, parties.towards
                )
            })
        })?;
        let (path, request) = if parties.is_self_thread() && self.form == SendForm::Documented {
            (
                format!("/{GRAPH_VERSION}/{recipient}/messages"),
                json!({"message": self.message}),
            )
        } else {
            (
                format!("/{GRAPH_VERSION}/me/messages"),
                json!({"recipient": {"id": recipient}, "message": self.message}),
            )
        };
        let graph = house.platform().with_bearer(token.access_token.clone());
        let response = graph.post(&path, &request).await?;
        let url = format!("{}{path}", house.platform().base().as_str().trim_end_matches('/'));
        Ok(Sent { url, request, response })
    }
}
