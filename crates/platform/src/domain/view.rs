//! Read models in the fixed shapes of `/_sim` (design §6). Pages draw from the same values.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::message::{Button, Origin, QuickReply};
use super::thread::Side;

/// One thread with its messages, oldest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Thread)]
pub struct ThreadView {
    /// Thread id.
    pub id: i64,
    /// Business side, without `@`.
    pub a: String,
    /// The other side, without `@`.
    pub b: String,
    /// The thread of an account with itself.
    #[serde(rename = "self")]
    pub is_self: bool,
    /// Whether the API may send here as far as the self-thread opening rule goes: the owner has messaged herself once.
    pub open: bool,
    /// `primary`, `general` or `requests`.
    pub folder: String,
    /// Id on the conversations edge.
    pub conversation_id: String,
    /// Newest message that `a` has seen.
    #[schema(required)]
    pub a_seen_mid: Option<String>,
    /// Newest message that `b` has seen.
    #[schema(required)]
    pub b_seen_mid: Option<String>,
    /// RFC 3339.
    pub updated_at: String,
    /// Oldest first.
    pub messages: Vec<MessageView>,
}

/// One message.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageView {
    /// Sequence of the message in the world; `after` of paging.
    pub id: i64,
    /// Message id.
    pub mid: String,
    /// Thread id.
    pub thread_id: i64,
    /// Author, without `@`.
    pub from: String,
    /// In the self thread: the phone is the person, the API is the business.
    #[schema(value_type = String)]
    pub side: Side,
    /// Phone or API.
    #[schema(value_type = String)]
    pub origin: Origin,
    /// Name of the app for API messages.
    #[schema(required)]
    pub app: Option<String>,
    /// Text as typed; null once unsent.
    #[schema(required)]
    pub text: Option<String>,
    /// As in webhooks.
    #[schema(value_type = Vec<Object>)]
    pub attachments: Vec<Value>,
    /// Every tappable button in order.
    #[schema(value_type = Vec<Object>)]
    pub buttons: Vec<Button>,
    /// Chips.
    #[schema(value_type = Vec<Object>)]
    pub quick_replies: Vec<QuickReply>,
    /// Payload of the chip this message answers.
    #[schema(required)]
    pub quick_reply: Option<String>,
    /// `{"mid"}` or `{"story"}`.
    #[schema(value_type = Option<Object>, required)]
    pub reply_to: Option<Value>,
    /// Who reacted how.
    pub reactions: Vec<ReactionView>,
    /// Unsent.
    pub deleted: bool,
    /// Edited at least once.
    pub edited: bool,
    /// Comment that a private reply answers.
    #[schema(required)]
    pub comment_id: Option<String>,
    /// RFC 3339.
    pub created_at: String,
}

/// One reaction.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Reaction)]
pub struct ReactionView {
    /// Without `@`.
    pub username: String,
    /// `love`, `laugh`, …
    pub reaction: String,
    /// The character.
    pub emoji: String,
}

/// One post with its comments, oldest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Media)]
pub struct MediaView {
    /// Graph id.
    pub id: String,
    /// Owner, without `@`.
    pub account: String,
    /// `FEED`, `REELS`, …
    pub media_product_type: String,
    /// Text under the post.
    #[schema(required)]
    pub caption: Option<String>,
    /// Address on Instagram.
    pub permalink: String,
    /// Where the picture lies, if anywhere.
    #[schema(required)]
    pub media_url: Option<String>,
    /// A broadcast that still runs.
    pub live: bool,
    /// Whether people may comment.
    pub comments_enabled: bool,
    /// How many like it.
    pub likes: i64,
    /// RFC 3339.
    pub created_at: String,
    /// Oldest first; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments: Option<Vec<CommentView>>,
}

/// One comment.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Comment)]
pub struct CommentView {
    /// Graph id.
    pub id: String,
    /// Author, without `@`.
    pub username: String,
    /// Text as typed.
    pub text: String,
    /// Graph id of the comment it answers.
    #[schema(required)]
    pub parent_id: Option<String>,
    /// Hidden by the owner.
    pub hidden: bool,
    /// Whether a private reply was sent.
    pub private_replied: bool,
    /// How many like it.
    pub likes: i64,
    /// Phone or API.
    #[schema(value_type = String)]
    pub origin: Origin,
    /// RFC 3339.
    pub created_at: String,
}

/// One delivery with its attempts.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct DeliveryView {
    /// Delivery id.
    pub id: i64,
    /// App name; null when the account is connected to none.
    #[schema(required)]
    pub app: Option<String>,
    /// Account name, without `@`.
    pub account: String,
    /// Login flow whose secret signs it.
    #[schema(required)]
    pub flow: Option<String>,
    /// Webhook field.
    pub field: String,
    /// Message it is about.
    #[schema(required)]
    pub mid: Option<String>,
    /// Comment it is about.
    #[schema(required)]
    pub comment_id: Option<String>,
    /// `pending`, `delivered`, `failed`, `dead`, `suppressed`.
    pub status: String,
    /// Why it was suppressed or given up; a stable code.
    #[schema(required)]
    pub reason: Option<String>,
    /// What to do about it.
    #[schema(required)]
    pub remedy: Option<String>,
    /// `raw` parsed.
    #[schema(value_type = Object)]
    pub payload: Value,
    /// The exact body.
    pub raw: String,
    /// Deliveries that shared a POST have the same number.
    #[schema(required)]
    pub batch: Option<i64>,
    /// RFC 3339.
    #[schema(required)]
    pub next_attempt_at: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// Oldest first.
    pub attempts: Vec<AttemptView>,
}

/// One attempt at a delivery.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Attempt)]
pub struct AttemptView {
    /// Attempt id.
    pub id: i64,
    /// Its delivery.
    pub delivery_id: i64,
    /// RFC 3339.
    pub at: String,
    /// Callback.
    pub url: String,
    /// HTTP status, if there was an answer.
    #[schema(required)]
    pub status: Option<u16>,
    /// Why there was none.
    #[schema(required)]
    pub error: Option<String>,
    /// Real time.
    pub latency_ms: i64,
    /// Lower-case names.
    #[schema(value_type = Object)]
    pub request_headers: Value,
    /// At most the first 4 KiB.
    pub response_body: String,
}

/// One call to the Graph API or to OAuth.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Call)]
pub struct CallView {
    /// Call id.
    pub id: i64,
    /// RFC 3339, world time.
    pub at: String,
    /// As the client addressed it.
    pub host: String,
    /// Upper case.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Without the `?`.
    pub query: String,
    /// Lower-case names.
    #[schema(value_type = Object)]
    pub request_headers: Value,
    /// At most the first 64 KiB.
    pub request_body: String,
    /// HTTP status.
    pub status: u16,
    /// At most the first 64 KiB.
    pub response_body: String,
    /// App name, when the call named one that exists.
    #[schema(required)]
    pub app: Option<String>,
    /// Account name, without `@`, when the call carried a token of one.
    #[schema(required)]
    pub account: Option<String>,
    /// Real time.
    pub latency_ms: i64,
    /// Cause and remedy of a refusal.
    #[schema(required)]
    pub why: Option<String>,
}

/// An instant as `/_sim` writes it.
pub fn rfc3339(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map_or_else(|_| at_ms.to_string(), |at| at.to_string())
}
