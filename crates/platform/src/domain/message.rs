//! Messages and what they carry.

use selfsame_wire::ids::MessageId;
pub use selfsame_wire::send::{Button, QuickReply};
use serde_json::Value;

use super::keys::{AccountKey, AppKey, MessageKey, ThreadKey};
use super::thread::Side;

/// Where a message was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// By a person on the phone.
    Phone,
    /// By an app through the Graph API.
    Api,
}

impl Origin {
    /// The name in the database and in `/_sim`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Api => "api",
        }
    }

    /// The origin with this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "phone" => Some(Self::Phone),
            "api" => Some(Self::Api),
            _ => None,
        }
    }
}

/// What a message carries. Empty vectors and `None` mean absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Content {
    /// Text as typed.
    pub text: Option<String>,
    /// Attachments as they appear in webhooks: `{"type","payload":{…}}`.
    pub attachments: Vec<Value>,
    /// Every tappable button in order.
    pub buttons: Vec<Button>,
    /// Chips.
    pub quick_replies: Vec<QuickReply>,
    /// Payload of the chip that this message answers.
    pub quick_reply: Option<String>,
    /// `{"mid":…}` or `{"story":{…}}`.
    pub reply_to: Option<Value>,
    /// Ad or shop referral, as in webhooks.
    pub referral: Option<Value>,
}

/// A message as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Row key.
    pub key: MessageKey,
    /// Message id of the Graph API and of webhooks.
    pub mid: MessageId,
    /// Its thread.
    pub thread: ThreadKey,
    /// Who wrote it.
    pub sender: AccountKey,
    /// Which side that is; decided by `origin` in the self thread.
    pub side: Side,
    /// Phone or API.
    pub origin: Origin,
    /// The app, for `origin` API.
    pub app: Option<AppKey>,
    /// What it carries.
    pub content: Content,
    /// How often it was edited.
    pub edit_count: i64,
    /// Last edit, ms of world time.
    pub edited_at_ms: Option<i64>,
    /// Unsent, ms of world time.
    pub deleted_at_ms: Option<i64>,
    /// ms of world time.
    pub created_at_ms: i64,
}
