//! What people and apps do, one file per act. Each is one transaction: it loads what the rules need, asks the domain,
//! and stores rows, delivery jobs and stream rows together.
//!
//! `/_sim`, the phone and the Graph API all come through here, so a gesture means the same wherever it was made.

mod comment;
mod control_thread;
mod create_account;
mod create_app;
mod dm;
mod edit;
mod gesture;
mod grant_access;
mod like;
mod notify;
mod phone_files;
mod publish_container;
mod publish_media;
mod reach;
mod react;
mod refer;
mod refusal;
mod reply_to_comment;
mod resolve_recipient;
mod roles;
mod scene;
mod seen;
mod send_message;
mod sender_action;
mod setup;
mod tap;
mod trigger;
mod unsend;

pub use comment::{Commented, PhoneComment};
pub use control_thread::{Control, ControlThread};
pub use create_account::{ChangeAccount, CreateAccount};
pub use create_app::{ChangeApp, CreateApp, DEFAULT_FIELDS};
pub use dm::{Dm, DmAttachment};
pub use edit::EditMessage;
pub use gesture::Gesture;
pub use grant_access::{
    APP_REMOVED_SUBCODE, FACEBOOK_SCOPES, GrantAccess, Granted, INSTAGRAM_SCOPES, default_scopes, lifetime_ms,
    permissions, revoke_in,
};
pub use like::{ApiLike, Like, LikeRefusal, LikeTarget};
pub use phone_files::{PhoneFile, PhoneFiles};
pub use publish_container::{PrepareMedia, PublishRefusal};
pub use publish_media::PublishMedia;
pub use react::React;
pub use refer::{Refer, Referred};
pub use refusal::GestureRefusal;
pub use reply_to_comment::{ApiComment, CommentTarget, NotAnswerable};
pub use roles::{GiveRole, Shut};
pub use seen::Seen;
pub use send_message::{ApiMessage, SendForm, Sent};
pub use sender_action::ApiAction;
pub use setup::SetupRefusal;
pub use tap::{Tap, TapTarget};
pub use trigger::{DashboardTest, Trigger};
pub use unsend::Unsend;

pub(crate) use notify::HOLD_SETTING;
pub(crate) use notify::notify;
