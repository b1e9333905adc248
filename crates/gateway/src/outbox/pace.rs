//! How fast an account may call: below the limits that Instagram documents (contract, Send API §5.8), so
//! that it never has to refuse.
//!
//! The calls of the last second or hour are remembered in memory and read back from the ledger at the
//! opening, so that a restart does not begin a new allowance. What is too much is put off to the moment when there
//! is room again; other accounts go on.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use selfsame_wire::ids::IgUserId;
use selfsame_wire::send::{
    MediaKind, MessageContent, Outgoing, OutgoingMessage, PersonRecipient, SendBody, SendRequest,
};

use crate::automation::{PlannedStep, RelayTo};

/// Accounts and classes that are remembered; beyond it those that rest are forgotten.
const MOST_WINDOWS: usize = 100_000;

/// What Instagram counts apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Texts, links, reactions, stickers; images and templates are named in no class and counted here.
    Message,
    /// Audio and video.
    AudioVideo,
    /// Private replies under posts and reels.
    PrivateReply,
    /// Private replies under live broadcasts.
    LivePrivateReply,
    /// Looking a conversation up, which takes two calls.
    Conversation,
}

/// So many calls within so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Allowance {
    calls: usize,
    within_ms: i64,
}

impl Class {
    /// A tenth below what is documented, because the two clocks count their windows differently.
    const fn allowance(self) -> Allowance {
        let (calls, within_ms) = match self {
            // Documented: 100 a second.
            Self::Message | Self::LivePrivateReply => (90, 1_000),
            // Documented: 10 a second.
            Self::AudioVideo => (9, 1_000),
            // Documented: 750 an hour.
            Self::PrivateReply => (675, 3_600_000),
            // Documented: 2 calls a second.
            Self::Conversation => (1, 1_100),
        };
        Allowance { calls, within_ms }
    }

    /// The name it is stored by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::AudioVideo => "audio_video",
            Self::PrivateReply => "private_reply",
            Self::LivePrivateReply => "live_private_reply",
            Self::Conversation => "conversation",
        }
    }

    /// The class of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Message,
            Self::AudioVideo,
            Self::PrivateReply,
            Self::LivePrivateReply,
        ]
        .into_iter()
        .find(|class| class.as_str() == name)
    }

    /// The class of a step. `is_live` says whether a comment stands under a live broadcast.
    pub(super) fn of<E>(step: &PlannedStep, is_live: impl FnOnce(&str) -> Result<bool, E>) -> Result<Self, E> {
        let private_reply = |comment: &str| {
            Ok(if is_live(comment)? {
                Self::LivePrivateReply
            } else {
                Self::PrivateReply
            })
        };
        match step {
            PlannedStep::Send {
                message:
                    Outgoing::ToPerson {
                        to: PersonRecipient::Comment(comment_id),
                        ..
                    },
            }
            | PlannedStep::Relay {
                to: RelayTo::Comment(comment_id),
                ..
            } => private_reply(comment_id.as_str()),
            PlannedStep::Send { message } => Ok(match message.message() {
                OutgoingMessage::Media { media } if media.iter().any(|one| is_heavy(one.kind)) => Self::AudioVideo,
                _ => Self::Message,
            }),
            PlannedStep::Relay { body, .. } => Ok(match SendRequest::decode(body) {
                Ok(SendRequest {
                    body:
                        SendBody::Message {
                            content: MessageContent::Media(media),
                            ..
                        },
                    ..
                }) if media.iter().any(|one| is_heavy(one.kind)) => Self::AudioVideo,
                _ => Self::Message,
            }),
            PlannedStep::Typing { .. }
            | PlannedStep::Reply { .. }
            | PlannedStep::ReplyToMention { .. }
            | PlannedStep::Comment { .. }
            | PlannedStep::React { .. } => Ok(Self::Message),
        }
    }
}

const fn is_heavy(kind: MediaKind) -> bool {
    matches!(kind, MediaKind::Audio | MediaKind::Video)
}

/// The calls of every account. Cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct Pace(Arc<Mutex<HashMap<(IgUserId, Class), Window>>>);

#[derive(Debug, Default)]
struct Window {
    /// When the calls of the last stretch began, oldest first, process time in milliseconds.
    began_ms: VecDeque<i64>,
    /// The last moment that was promised to a call that was put off.
    promised_ms: i64,
}

impl Pace {
    /// A call began before the opening.
    pub(super) fn remember(&self, account: &IgUserId, class: Class, began_ms: i64) {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry((account.clone(), class)).or_default();
        let position = window.began_ms.partition_point(|known| *known <= began_ms);
        window.began_ms.insert(position, began_ms);
        if window.began_ms.len() > class.allowance().calls {
            window.began_ms.pop_front();
        }
    }

    /// A call may begin now (process time, milliseconds), and is counted; or the moment to try again.
    pub(super) fn begin(&self, account: &IgUserId, class: Class, now_ms: i64) -> Result<(), i64> {
        let Allowance { calls, within_ms } = class.allowance();
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MOST_WINDOWS {
            windows.retain(|(_, class), window| window.is_busy(*class, now_ms));
        }
        let window = windows.entry((account.clone(), class)).or_default();
        let since_ms = now_ms.saturating_sub(within_ms);
        while window.began_ms.front().is_some_and(|began_ms| *began_ms <= since_ms) {
            window.began_ms.pop_front();
        }
        if window.began_ms.len() < calls {
            window.began_ms.push_back(now_ms);
            return Ok(());
        }
        // Those that wait get moments one after the other, so that they do not all come back at once.
        let room_ms = window
            .began_ms
            .front()
            .map_or(now_ms, |began_ms| began_ms.saturating_add(within_ms));
        let step_ms = within_ms / i64::try_from(calls).unwrap_or(i64::MAX);
        let next_ms = window.promised_ms.saturating_add(step_ms.max(1));
        window.promised_ms = room_ms.max(next_ms.min(now_ms.saturating_add(LONGEST_PROMISE_MS)));
        Err(window.promised_ms.max(now_ms.saturating_add(1)))
    }
}

/// How far ahead a call is put off at most before it is looked at again.
const LONGEST_PROMISE_MS: i64 = 3_600_000;

impl Window {
    fn is_busy(&self, class: Class, now_ms: i64) -> bool {
        let since_ms = now_ms.saturating_sub(class.allowance().within_ms);
        self.began_ms.back().is_some_and(|began_ms| *began_ms > since_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str) -> IgUserId {
        IgUserId::new(name)
    }

    /// Asks for `wanted` calls at once and lets time pass as told; when each began.
    fn run(class: Class, wanted: usize) -> Vec<i64> {
        let pace = Pace::default();
        let mut waiting = vec![10_000_i64; wanted];
        let mut began = Vec::new();
        while let Some(at_ms) = waiting.iter().copied().min() {
            let position = waiting.iter().position(|due| *due == at_ms).unwrap();
            match pace.begin(&account("17"), class, at_ms) {
                Ok(()) => {
                    waiting.swap_remove(position);
                    began.push(at_ms);
                }
                Err(again_ms) => {
                    assert!(again_ms > at_ms, "time must pass");
                    waiting[position] = again_ms;
                }
            }
        }
        began
    }

    #[test]
    fn no_window_of_any_class_ever_holds_more_than_is_documented() {
        for (class, documented, within_ms) in [
            (Class::Message, 100, 1_000),
            (Class::AudioVideo, 10, 1_000),
            (Class::PrivateReply, 750, 3_600_000),
            (Class::LivePrivateReply, 100, 1_000),
        ] {
            let began = run(class, documented * 5);
            for (position, from) in began.iter().enumerate() {
                let within = began[position..]
                    .iter()
                    .take_while(|at| **at < from + within_ms)
                    .count();
                assert!(within < documented, "{class:?}: {within} within the window");
            }
            let took_ms = began.last().unwrap() - began.first().unwrap();
            assert!(
                took_ms < 7 * within_ms,
                "{class:?} is not slower than it must be: {took_ms}"
            );
        }
    }

    #[test]
    fn accounts_and_classes_are_counted_apart() {
        let pace = Pace::default();
        for _ in 0..90 {
            assert_eq!(pace.begin(&account("17"), Class::Message, 5), Ok(()));
        }
        assert!(pace.begin(&account("17"), Class::Message, 5).is_err());
        assert_eq!(pace.begin(&account("18"), Class::Message, 5), Ok(()));
        assert_eq!(pace.begin(&account("17"), Class::AudioVideo, 5), Ok(()));
    }

    #[test]
    fn what_was_called_before_a_restart_counts() {
        let pace = Pace::default();
        for number in 0..1_000 {
            pace.remember(&account("17"), Class::PrivateReply, number);
        }
        let again_ms = pace.begin(&account("17"), Class::PrivateReply, 1_000).unwrap_err();
        assert_eq!(
            again_ms,
            325 + 3_600_000,
            "when the oldest of the last 675 leaves the window"
        );
    }

    #[test]
    fn private_replies_and_media_are_classes_of_their_own() {
        let of = |step: &PlannedStep, live| Class::of(step, |_| Ok::<_, ()>(live)).unwrap();
        let relay = |to, body| PlannedStep::Relay { to, body };
        let to = || RelayTo::Person(selfsame_wire::ids::IgScopedId::new("5"));
        let comment = || RelayTo::Comment(selfsame_wire::ids::CommentId::new("c"));
        let text = serde_json::json!({"message": {"text": "x"}});
        let video = serde_json::json!({"message": {"attachment": {"type": "video", "payload": {"url": "https://x"}}}});
        assert_eq!(of(&relay(to(), text.clone()), false), Class::Message);
        assert_eq!(of(&relay(to(), video), false), Class::AudioVideo);
        assert_eq!(of(&relay(comment(), text.clone()), false), Class::PrivateReply);
        assert_eq!(of(&relay(comment(), text), true), Class::LivePrivateReply);
    }
}
