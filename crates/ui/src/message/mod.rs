//! One entry of a thread: what somebody said, or what happened.

mod attachment;
mod entry;
mod gestures;
mod receipt;

pub use attachment::{Attachment, Button, Card};
pub use entry::{Body, Entry, Message, QuickReply, Quote, Reaction, Side, SystemNote};
pub use receipt::{Receipt, ReceiptState};

pub(crate) use entry::node_id;
