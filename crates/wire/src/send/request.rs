//! A send request, decoded and within its limits.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{AttachmentId, CommentId, MediaId, MessageId, ParticipantId};

/// What an app asks of `POST /{node}/messages`.
#[derive(Debug, Clone, PartialEq)]
pub struct SendRequest {
    /// Absent in the documented self form, where the path names the recipient.
    pub recipient: Option<Recipient>,
    /// A message or an action, never both.
    pub body: SendBody,
    /// The message that this one answers inline.
    pub reply_to: Option<MessageId>,
    /// `RESPONSE`, `UPDATE` or `MESSAGE_TAG`, upper case.
    pub messaging_type: Option<String>,
    /// `HUMAN_AGENT`, upper case.
    pub tag: Option<String>,
}

/// `recipient`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// `id`: should be an IGSID of this account; developers also send the account's own id.
    Id(ParticipantId),
    /// `comment_id`: a private reply.
    Comment(CommentId),
}

/// What is sent.
#[derive(Debug, Clone, PartialEq)]
pub enum SendBody {
    /// `message`
    Message {
        /// Text, media or template.
        content: MessageContent,
        /// Choices under the message; refused in the self thread.
        quick_replies: Vec<QuickReply>,
        /// `message.metadata` and whatever else stood in the message, ignored but shown.
        ignored: Vec<String>,
    },
    /// `sender_action`
    Action(SenderAction),
}

/// The content of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum MessageContent {
    /// `text`
    Text(String),
    /// One attachment, or several images.
    Media(Vec<OutboundMedia>),
    /// `like_heart`
    LikeHeart,
    /// `MEDIA_SHARE`: a post of the account's own.
    MediaShare(MediaId),
    /// The generic template.
    Generic(Vec<Element>),
    /// The button template.
    Buttons {
        /// Text above the buttons.
        text: String,
        /// One to three.
        buttons: Vec<Button>,
    },
}

/// One media attachment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundMedia {
    /// Image, audio, video or file.
    pub kind: MediaKind,
    /// Where it comes from.
    pub source: MediaSource,
}

/// Kind of a media attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaKind {
    /// png, jpeg, gif
    Image,
    /// aac, m4a, wav, mp4
    Audio,
    /// mp4, ogg, avi, mov, webm
    Video,
    /// pdf
    File,
}

impl MediaKind {
    /// The value of `type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::File => "file",
        }
    }

    /// The kind of that name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Image, Self::Audio, Self::Video, Self::File]
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

/// Where a media attachment comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaSource {
    /// Fetched by the platform at send time.
    Url(String),
    /// Uploaded before.
    Attachment(AttachmentId),
    /// `filedata` of the same multipart request: the payload names nothing.
    Filedata,
}

/// One card of a generic template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// Title.
    pub title: String,
    /// Text under the title.
    #[serde(default)]
    pub subtitle: Option<String>,
    /// Picture.
    #[serde(default)]
    pub image_url: Option<String>,
    /// Where a tap on the card leads.
    #[serde(default)]
    pub default_action_url: Option<String>,
    /// At most three.
    #[serde(default)]
    pub buttons: Vec<Button>,
}

/// A button of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Button {
    /// Opens a page.
    WebUrl {
        /// What it says.
        title: String,
        /// What it opens.
        url: String,
    },
    /// Comes back as a postback webhook.
    Postback {
        /// What it says.
        title: String,
        /// What comes back.
        payload: String,
    },
}

impl Button {
    /// What the button says.
    pub fn title(&self) -> &str {
        match self {
            Self::WebUrl { title, .. } | Self::Postback { title, .. } => title,
        }
    }
}

/// A choice under a message; its tap comes back as a message with `quick_reply`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuickReply {
    /// What it says.
    pub title: String,
    /// What comes back.
    pub payload: String,
}

/// `sender_action`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SenderAction {
    /// Shows that the account is typing.
    TypingOn,
    /// Stops it.
    TypingOff,
    /// Marks the thread as seen.
    MarkSeen,
    /// Reacts to a message.
    React {
        /// The message.
        message_id: MessageId,
        /// An emoji or a name such as `love`.
        reaction: String,
    },
    /// Takes the reaction back.
    Unreact {
        /// The message.
        message_id: MessageId,
    },
}

impl SendRequest {
    /// Decodes the parameters of the call, wherever they came from, and checks every limit.
    pub fn decode(parameters: &Value) -> Result<Self, super::SendRefusal> {
        super::decode::decode(parameters)
    }
}
