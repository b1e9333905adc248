//! What people and apps do, one file per act. Each is one transaction: it loads what the rules need, asks the domain,
//! and stores rows, delivery jobs and stream rows together.
//!
//! `/_sim`, the phone and the Graph API all come through here, so a gesture means the same wherever it was made.

mod refusal;
mod gesture;
mod scene;
mod notify;
mod dm;
mod tap;
mod comment;
mod react;
mod seen;
mod edit;
mod unsend;
mod setup;
mod create_app;
mod create_account;
mod publish_media;
mod grant_access;
mod trigger;
mod resolve_recipient;
mod send_message;
mod sender_action;
mod reply_to_comment;

pub use comment::{Commented, PhoneComment};
pub use dm::{Dm, DmAttachment};
pub use edit::EditMessage;
pub use gesture::Gesture;
pub use react::React;
pub use refusal::GestureRefusal;
pub use reply_to_comment::{ApiComment, CommentTarget, UnknownTarget};
pub use seen::Seen;
pub use send_message::{ApiMessage, SendForm, Sent};
pub use sender_action::ApiAction;
pub use tap::{Tap, TapTarget};
pub use unsend::Unsend;
pub use create_account::{ChangeAccount, CreateAccount};
pub use create_app::{ChangeApp, CreateApp, DEFAULT_FIELDS};
pub use grant_access::{
    APP_REMOVED_SUBCODE, FACEBOOK_SCOPES, GrantAccess, Granted, INSTAGRAM_SCOPES, default_scopes, lifetime_ms, revoke_in,
};
pub use publish_media::PublishMedia;
pub use setup::SetupRefusal;
pub use trigger::Trigger;

pub(crate) use notify::notify;
pub(crate) use notify::HOLD_SETTING;
