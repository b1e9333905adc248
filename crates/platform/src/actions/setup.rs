//! Why the world cannot be set up as asked, in the words of `/_sim`.

/// An app, account, post or grant that cannot be made or changed as asked. `code` is stable; `field` names the input at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupRefusal {
    /// No app of this name.
    #[error("there is no app {name:?}; see `selfsame world` for the apps")]
    UnknownApp {
        /// As given.
        name: String,
    },
    /// No account of this name.
    #[error("there is no account {reference:?}; see `selfsame world` for the accounts")]
    UnknownAccount {
        /// Input that named it.
        field: &'static str,
        /// As given.
        reference: String,
    },
    /// No media of this id.
    #[error("there is no media {media:?}")]
    UnknownMedia {
        /// As given.
        media: String,
    },
    /// Name, id or token of something that exists already.
    #[error("{value:?} exists already")]
    Taken {
        /// Input at fault.
        field: &'static str,
        /// As given.
        value: String,
    },
    /// A value outside what the input may hold.
    #[error("{value:?} is not possible here: {rule}")]
    Invalid {
        /// Input at fault.
        field: &'static str,
        /// As given.
        value: String,
        /// What would be possible.
        rule: String,
    },
    /// Only professional accounts can be connected to apps and publish for them.
    #[error("@{username} is a personal account; make it professional first (kind: business or creator)")]
    NotProfessional {
        /// Which account.
        username: String,
    },
    /// The Facebook login needs a Page.
    #[error("@{username} has no Facebook Page, which the Facebook login needs; link one (page: true)")]
    NoPage {
        /// Which account.
        username: String,
    },
    /// Fields without a callback to carry them.
    #[error("{field} needs a callback_url on the app")]
    NoCallback {
        /// Input at fault.
        field: &'static str,
    },
    /// The account has not granted this app anything.
    #[error("@{username} is not connected to the app {app:?}")]
    NotGranted {
        /// Which account.
        username: String,
        /// Which app.
        app: String,
    },
    /// The account has no role on the app and no invitation to one.
    #[error("@{username} has no role on the app {app:?}, and no invitation to one; give it one with POST /_sim/roles")]
    NoRole {
        /// Which account.
        username: String,
        /// Which app.
        app: String,
    },
    /// An app in development can be connected by people with a role only.
    #[error(
        "Insufficient Developer Role: the app {app:?} is in development, and @{username} holds no role on it (or has not accepted one); give it a role, or set the app live"
    )]
    InsufficientRole {
        /// Which account.
        username: String,
        /// Which app.
        app: String,
    },
    /// A broadcast that is none or is over.
    #[error("media {media:?} is no running broadcast")]
    NotLive {
        /// As given.
        media: String,
    },
}

impl SetupRefusal {
    /// Stable code of the error object.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownApp { .. } => "unknown_app",
            Self::UnknownAccount { .. } => "unknown_account",
            Self::UnknownMedia { .. } => "unknown_media",
            Self::Taken { .. } => "taken",
            Self::Invalid { .. } => "invalid_value",
            Self::NotProfessional { .. } => "not_professional",
            Self::NoPage { .. } => "no_page",
            Self::NoCallback { .. } => "no_callback",
            Self::NotGranted { .. } => "not_granted",
            Self::NoRole { .. } => "no_role",
            Self::InsufficientRole { .. } => "insufficient_role",
            Self::NotLive { .. } => "not_live",
        }
    }

    /// The input at fault.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Self::UnknownApp { .. } => Some("app"),
            Self::UnknownMedia { .. } | Self::NotLive { .. } => Some("media"),
            Self::UnknownAccount { field, .. }
            | Self::Taken { field, .. }
            | Self::Invalid { field, .. }
            | Self::NoCallback { field } => Some(field),
            Self::NotProfessional { .. }
            | Self::NoPage { .. }
            | Self::NotGranted { .. }
            | Self::NoRole { .. }
            | Self::InsufficientRole { .. } => Some("account"),
        }
    }

    /// Whether the input names something that does not exist (404), rather than something that makes no sense (400).
    pub const fn is_not_found(&self) -> bool {
        matches!(
            self,
            Self::UnknownApp { .. }
                | Self::UnknownAccount { .. }
                | Self::UnknownMedia { .. }
                | Self::NotGranted { .. }
                | Self::NoRole { .. }
        )
    }

    /// Whether the input collides with something that exists (409).
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Taken { .. })
    }
}
