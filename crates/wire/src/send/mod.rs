//! Send requests: what an app asks, what the platform accepts, what it answers (contract "Send API").

mod decode;
pub mod limits;
mod outgoing;
mod refusal;
mod request;
mod response;

pub use outgoing::{Outgoing, OutgoingMessage, PersonRecipient};
pub use refusal::SendRefusal;
pub use request::{
    Button, Element, MediaKind, MediaSource, MessageContent, OutboundMedia, QuickReply, Recipient, SendBody,
    SendRequest, SenderAction,
};
pub use response::SendResponse;
