//! Webhook bodies of the object `instagram`: written by the platform, read by the gateway.

mod emit;
mod escape;
mod identity;
mod members;
mod normalise;
mod parse;
mod payload;
mod shadow;
mod shadow_payload;

pub use emit::{Change, Entry, Envelope, MessagingEvent, MessagingPayload, Updates};
pub use escape::{Escapes, to_wire_bytes};
pub use identity::EventIdentity;
pub use normalise::{AccountIds, AccountResolution, Normalised, Side};
pub use parse::{Delivery, Event, Found, Incoming, parse, parse_with};
pub use payload::{
    Attachment, Comment, CommentAuthor, CommentMedia, Edit, Handover, Kept, Mention, Message, Postback, QuickReplyTap,
    Reaction, Read, Referral, ReplyTo,
};
