//! The one table of webhook events (contract "Webhooks", subscribing and event tables).
//!
//! Subscription checks, permissions, the parser, `trigger` and the fidelity page all read it.
//! `docs/adding-a-webhook.md` tells how a row is added.

use crate::flow::{Feature, LoginFlow};

/// Where an event of a kind stands inside `entry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Placement {
    /// `entry[].messaging[]`: milliseconds everywhere.
    Messaging,
    /// `entry[].changes[]` as `{field, value}`: `entry.time` in seconds.
    Changes,
    /// `entry[].standby[]`: the same objects as in `messaging`, for apps that do not own the thread.
    Standby,
}

/// What an event is, independently of where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// A message, echo, self message, or the removal of one.
    Message,
    /// A message was edited.
    Edit,
    /// A reaction was set or taken back.
    Reaction,
    /// A button, ice breaker or menu item was tapped.
    Postback,
    /// The person has seen a message.
    Read,
    /// The person came back through a link.
    Referral,
    /// The person opted in to notification messages.
    Optin,
    /// Thread control moved to this app.
    PassThreadControl,
    /// Thread control was taken from this app.
    TakeThreadControl,
    /// Another app asks for thread control.
    RequestThreadControl,
    /// The app's roles in thread control changed.
    AppRoles,
    /// A comment on a post, reel or story.
    Comment,
    /// A comment on a live broadcast.
    LiveComment,
    /// The account was mentioned.
    Mention,
    /// Final numbers of a story.
    StoryInsights,
    /// An event that nobody acts on yet, its body kept as received. Named by its key in `messaging[]`,
    /// or by its field in `changes[]`.
    Kept(&'static str),
}

/// A documented payload of an event kind, byte for byte.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// The name used by `trigger` and in the documents.
    pub name: &'static str,
    /// File name under `fixtures/`.
    pub fixture: &'static str,
    /// The bytes of that file.
    pub json: &'static str,
}

/// One row: everything that is particular to an event kind.
#[derive(Debug, Clone, Copy)]
pub struct EventSpec {
    /// What it is.
    pub kind: EventKind,
    /// The name of the subscription field that carries it.
    pub field: &'static str,
    /// The key of its payload beside `sender` and `recipient`, for events of `messaging[]`.
    pub key: Option<&'static str>,
    /// Where the platform puts it.
    pub placement: Placement,
    /// The login flows whose apps can receive it.
    pub flows: &'static [LoginFlow],
    /// What permission it needs.
    pub feature: Feature,
    /// Documented payloads.
    pub samples: &'static [Sample],
    /// Heading in `docs/contract/webhooks.md`.
    pub section: &'static str,
}

macro_rules! sample {
    ($name:literal) => {
        Sample {
            name: $name,
            fixture: concat!("wire/", $name, ".json"),
            json: include_str!(concat!("../fixtures/wire/", $name, ".json")),
        }
    };
}

const BOTH: &[LoginFlow] = &[LoginFlow::Instagram, LoginFlow::Facebook];
const FACEBOOK: &[LoginFlow] = &[LoginFlow::Facebook];
const INSTAGRAM: &[LoginFlow] = &[LoginFlow::Instagram];

/// `standby` carries any messaging event; it is a field of its own and no event kind.
pub const STANDBY_FIELD: &str = "standby";

/// Fields that can be subscribed to and are never delivered on their own here: echoes ride on
/// `messages`; the other two are Messenger leftovers.
pub const SILENT_FIELDS: &[&str] = &["message_echoes", "messaging_policy_enforcement", "response_feedback"];

/// What the "Test" buttons of the App Dashboard send: shapes and ids differ from real deliveries.
pub const DASHBOARD_SAMPLES: &[Sample] = &[
    sample!("dashboard_message"),
    sample!("dashboard_message_facebook"),
    sample!("dashboard_comment"),
];

/// A message as an app sees it that does not own the thread.
pub static STANDBY_SAMPLE: Sample = sample!("standby_message");

/// Every event.
pub const EVENTS: &[EventSpec] = &[
    EventSpec {
        kind: EventKind::Message,
        field: "messages",
        key: Some("message"),
        placement: Placement::Messaging,
        flows: BOTH,
        feature: Feature::Messaging,
        samples: &[
            sample!("message"),
            sample!("message_unicode"),
            sample!("message_image"),
            sample!("message_video"),
            sample!("message_audio"),
            sample!("message_file"),
            sample!("message_share"),
            sample!("message_reel"),
            sample!("message_story_mention"),
            sample!("message_ephemeral"),
            sample!("message_unsupported"),
            sample!("message_quick_reply"),
            sample!("message_inline_reply"),
            sample!("message_story_reply"),
            sample!("message_story_reply_link"),
            sample!("message_ad_referral"),
            sample!("message_shop_referral"),
            sample!("message_unsend"),
            sample!("echo"),
            sample!("echo_template"),
            sample!("self_echo"),
            sample!("self_unsend"),
        ],
        section: "messages",
    },
    EventSpec {
        kind: EventKind::Edit,
        field: "message_edit",
        key: Some("message_edit"),
        placement: Placement::Messaging,
        flows: BOTH,
        feature: Feature::Messaging,
        samples: &[sample!("message_edit"), sample!("message_edit_noise")],
        section: "message_edit",
    },
    EventSpec {
        kind: EventKind::Reaction,
        field: "message_reactions",
        key: Some("reaction"),
        placement: Placement::Messaging,
        flows: BOTH,
        feature: Feature::Messaging,
        samples: &[sample!("reaction"), sample!("unreaction")],
        section: "message_reactions",
    },
    EventSpec {
        kind: EventKind::Postback,
        field: "messaging_postbacks",
        key: Some("postback"),
        placement: Placement::Messaging,
        flows: BOTH,
        feature: Feature::Messaging,
        samples: &[sample!("postback"), sample!("self_postback")],
        section: "messaging_postbacks",
    },
    EventSpec {
        kind: EventKind::Read,
        field: "messaging_seen",
        key: Some("read"),
        placement: Placement::Messaging,
        flows: BOTH,
        feature: Feature::Messaging,
        samples: &[sample!("seen")],
        section: "messaging_seen",
    },
    EventSpec {
        kind: EventKind::Referral,
        field: "messaging_referral",
        key: Some("referral"),
        placement: Placement::Messaging,
        flows: BOTH,
        feature: Feature::Messaging,
        samples: &[sample!("referral")],
        section: "messaging_referral",
    },
    EventSpec {
        kind: EventKind::Optin,
        field: "messaging_optins",
        key: Some("optin"),
        placement: Placement::Messaging,
        flows: INSTAGRAM,
        feature: Feature::Messaging,
        samples: &[sample!("optin")],
        section: "messaging_optins",
    },
    EventSpec {
        kind: EventKind::PassThreadControl,
        field: "messaging_handover",
        key: Some("pass_thread_control"),
        placement: Placement::Messaging,
        flows: BOTH,
        feature: Feature::Messaging,
        samples: &[sample!("pass_thread_control")],
        section: "messaging_handover",
    },
    EventSpec {
        kind: EventKind::TakeThreadControl,
        field: "messaging_handover",
        key: Some("take_thread_control"),
        placement: Placement::Messaging,
        flows: BOTH,
        feature: Feature::Messaging,
        samples: &[sample!("take_thread_control")],
        section: "messaging_handover",
    },
    EventSpec {
        kind: EventKind::RequestThreadControl,
        field: "messaging_handover",
        key: Some("request_thread_control"),
        placement: Placement::Messaging,
        flows: BOTH,
        feature: Feature::Messaging,
        samples: &[sample!("request_thread_control")],
        section: "messaging_handover",
    },
    EventSpec {
        kind: EventKind::AppRoles,
        field: "messaging_handover",
        key: Some("app_roles"),
        placement: Placement::Messaging,
        flows: BOTH,
        feature: Feature::Messaging,
        samples: &[sample!("app_roles")],
        section: "messaging_handover",
    },
    EventSpec {
        kind: EventKind::Comment,
        field: "comments",
        key: None,
        placement: Placement::Changes,
        flows: BOTH,
        feature: Feature::Comments,
        samples: &[
            sample!("comment"),
            sample!("comment_reply"),
            sample!("comment_ad"),
            sample!("self_comment"),
            sample!("self_comment_reply"),
        ],
        section: "comments",
    },
    EventSpec {
        kind: EventKind::LiveComment,
        field: "live_comments",
        key: None,
        placement: Placement::Changes,
        flows: BOTH,
        feature: Feature::Comments,
        samples: &[sample!("live_comment"), sample!("self_live_comment")],
        section: "live_comments",
    },
    EventSpec {
        kind: EventKind::Mention,
        field: "mentions",
        key: None,
        placement: Placement::Changes,
        flows: FACEBOOK,
        feature: Feature::Comments,
        samples: &[sample!("mention_media"), sample!("mention_comment")],
        section: "mentions",
    },
    EventSpec {
        kind: EventKind::StoryInsights,
        field: "story_insights",
        key: None,
        placement: Placement::Changes,
        flows: FACEBOOK,
        feature: Feature::Insights,
        samples: &[sample!("story_insights")],
        section: "story_insights",
    },
];

impl EventKind {
    /// The row of this kind, if the table has one (a test makes sure that it does).
    pub fn spec(self) -> Option<&'static EventSpec> {
        EVENTS.iter().find(|spec| spec.kind == self)
    }

    /// The subscription field that carries this kind.
    pub fn field(self) -> &'static str {
        match (self.spec(), self) {
            (Some(spec), _) => spec.field,
            (None, Self::Kept(name)) => name,
            (None, _) => "",
        }
    }

    /// The payload key of this kind in `messaging[]`; empty for kinds of `changes[]`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Kept(name) => name,
            _ => self.spec().and_then(|spec| spec.key).unwrap_or(""),
        }
    }
}

/// The row whose payload stands under this key of a `messaging[]` element.
pub fn by_key(key: &str) -> Option<&'static EventSpec> {
    EVENTS.iter().find(|spec| spec.key == Some(key))
}

/// The first row of a subscription field.
pub fn by_field(field: &str) -> Option<&'static EventSpec> {
    EVENTS.iter().find(|spec| spec.field == field)
}

/// The sample of that name, with its row.
pub fn sample(name: &str) -> Option<(&'static EventSpec, &'static Sample)> {
    EVENTS.iter().find_map(|spec| {
        spec.samples
            .iter()
            .find(|sample| sample.name == name)
            .map(|sample| (spec, sample))
    })
}

/// Every name that `subscribed_fields` accepts, in table order, each once.
pub fn subscribable_fields() -> Vec<&'static str> {
    let mut fields: Vec<&'static str> = Vec::new();
    let all = EVENTS
        .iter()
        .map(|spec| spec.field)
        .chain([STANDBY_FIELD])
        .chain(SILENT_FIELDS.iter().copied());
    for field in all {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    fields
}
