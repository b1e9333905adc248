//! The states of a send, and what an in-doubt call's window is.

use serde::Serialize;

/// Where a send stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SendState {
    /// Waits for its turn, or for the time to try again.
    Ready,
    /// Its call runs. Entered by a durable commit before the call begins.
    Calling,
    /// Instagram accepted it; or, for steps without a message, it is done.
    Sent,
    /// Its call ended without an answer that tells. It blocks its lane for a while.
    InDoubt,
    /// Was in doubt for too long. Shown with "send again"; a late echo still settles it.
    Parked,
    /// Refused for good.
    Failed,
    /// Turned out to answer our own words, and was taken back before it was called.
    Cancelled,
    /// Was parked, and somebody asked for it to be sent again; a late echo still settles it.
    SentAgain,
}

impl SendState {
    /// The state's name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Calling => "calling",
            Self::Sent => "sent",
            Self::InDoubt => "in_doubt",
            Self::Parked => "parked",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::SentAgain => "sent_again",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Ready,
            Self::Calling,
            Self::Sent,
            Self::InDoubt,
            Self::Parked,
            Self::Failed,
            Self::Cancelled,
            Self::SentAgain,
        ]
        .into_iter()
        .find(|state| state.as_str() == name)
    }

    /// Whether nobody knows if Instagram accepted it, so that an echo may still tell.
    pub const fn is_unsettled(self) -> bool {
        matches!(self, Self::InDoubt | Self::Parked | Self::SentAgain)
    }
}

/// What an event came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// An automation ran; what became of its answers is in their sends.
    Answered,
    /// Handed to somebody's own engine, or on its way there.
    Forwarded,
    /// No automation is meant for it.
    NoRule,
    /// Set aside by the budget of its self thread or by the kill switch. Releasable.
    Parked,
    /// Could not be decided. The reason says why.
    Failed,
    /// Our own words, recognised by what they say.
    Ours,
    /// Nothing that is answered.
    Ignored,
    /// Belongs to no connected account.
    UnknownAccount,
}

impl EventState {
    /// The state's name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Forwarded => "forwarded",
            Self::NoRule => "no_rule",
            Self::Parked => "parked",
            Self::Failed => "failed",
            Self::Ours => "ours",
            Self::Ignored => "ignored",
            Self::UnknownAccount => "unknown_account",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_found_by_its_name() {
        for state in [
            SendState::Ready,
            SendState::Calling,
            SendState::Sent,
            SendState::InDoubt,
        ] {
            assert_eq!(SendState::from_name(state.as_str()), Some(state));
        }
        for state in [
            SendState::Parked,
            SendState::Failed,
            SendState::Cancelled,
            SendState::SentAgain,
        ] {
            assert_eq!(SendState::from_name(state.as_str()), Some(state));
        }
        assert_eq!(SendState::from_name("gone"), None);
    }
}
