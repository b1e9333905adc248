//! What a person does on her phone, and what the business sends, as typed calls of `/_sim` and of the Graph API.
//!
//! Each gesture is one file: the request, its defaults, and what came of it.

mod answers;
mod attempts;
mod comment;
mod dm;
mod message_gestures;
mod parties;
mod send;
mod tap;
mod trigger;

pub use answers::{Answer, Button, Wait, is_self_thread_open};
pub use attempts::{DeliveryNote, explain_silence};
pub use comment::{Comment, Commented};
pub use dm::{Attachment, AttachmentSource, Dm, Gestured};
pub use message_gestures::{Edit, React, Seen, Unsend};
pub use parties::{GestureError, Parties};
pub use send::{Send, SendForm, Sent};
pub use tap::{Tap, Tapped};
pub use trigger::{Trigger, Triggered};
