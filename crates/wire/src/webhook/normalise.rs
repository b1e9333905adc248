//! Who spoke, to whom, in which thread: decided here and nowhere else.
//!
//! `is_self` stands inside `message` in one payload and beside `postback` in another, and a comment has
//! neither. Ids alone do not tell directions in the self thread, because the owner and the app use
//! the same addressing there: whether *we* said something only the ledger knows.

use super::parse::{Event, Incoming};
use crate::ids::{IgScopedId, IgUserId, ParticipantId};

/// The ids of the account that an event is matched against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountIds {
    /// The account.
    pub ig_user_id: IgUserId,
    /// The account as seen by itself, once learned.
    pub self_igsid: Option<IgScopedId>,
}

/// Which account an event belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountResolution {
    /// `entry.id` names a known account.
    Entry(IgUserId),
    /// `entry.id` names nobody, but a self event's sender is a known account. Counted as drift.
    Drift(IgUserId),
    /// The App Dashboard's test: belongs to nobody.
    DashboardTest,
    /// Nobody we know.
    Unknown,
}

/// Which side of the thread an event came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The person. In the self thread only taps are certain to be the owner's.
    Person,
    /// The account's side: an app or the inbox. In the self thread also the owner typing; only the
    /// record of what was sent tells them apart.
    Account,
}

/// An event as seen by its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised {
    /// Does it belong to the thread (or a comment) of the account with itself?
    pub is_self: bool,
    /// Is it an echo?
    pub is_echo: bool,
    /// The person of the thread: the one to answer to. None when the event does not tell.
    pub person: Option<IgScopedId>,
    /// Which side the ids point at.
    pub side: Side,
    /// The self IGSID that this event teaches.
    pub learned_self_igsid: Option<IgScopedId>,
}

impl Incoming {
    /// Finds the account: by `entry.id`; for self events of an unknown entry by `sender.id`.
    pub fn resolve_account(&self, is_known: impl Fn(&IgUserId) -> bool) -> AccountResolution {
        if self.is_dashboard_test {
            return AccountResolution::DashboardTest;
        }
        if let Some(entry_id) = &self.entry_id
            && is_known(entry_id)
        {
            return AccountResolution::Entry(entry_id.clone());
        }
        if self.carries_self_flag()
            && let Some(sender) = self.sender.as_ref().map(ParticipantId::to_account)
            && is_known(&sender)
        {
            return AccountResolution::Drift(sender);
        }
        AccountResolution::Unknown
    }

    /// Sees the event through the eyes of its account.
    pub fn normalise(&self, account: &AccountIds) -> Normalised {
        match &self.event {
            Event::Comment(comment) | Event::LiveComment(comment) => {
                let author = comment.from.as_ref();
                let author_id = author.and_then(|author| author.id.as_ref());
                let own = author_id.is_some_and(|id| id.is_account(&account.ig_user_id));
                let scoped = author.and_then(|author| author.self_ig_scoped_id.clone());
                // The dashboard's test sends a scoped id too; only the account's own id beside it counts.
                let is_self = own && scoped.is_some() && !self.is_dashboard_test;
                let person = if own {
                    scoped.clone()
                } else {
                    author_id.map(ParticipantId::to_person)
                };
                Normalised {
                    is_self,
                    is_echo: false,
                    person,
                    side: if own && !is_self { Side::Account } else { Side::Person },
                    learned_self_igsid: scoped.filter(|_| is_self),
                }
            }
            _ => self.normalise_messaging(account),
        }
    }

    fn normalise_messaging(&self, account: &AccountIds) -> Normalised {
        let from_account = self
            .sender
            .as_ref()
            .is_some_and(|sender| sender.is_account(&account.ig_user_id));
        let is_echo = matches!(&self.event, Event::Message(message) if message.is_echo);
        let person = if from_account { &self.recipient } else { &self.sender }
            .as_ref()
            .filter(|party| !party.is_account(&account.ig_user_id))
            .map(ParticipantId::to_person);
        // Person and stored self IGSID equal: the self thread, in whichever direction the ids point.
        let is_self_thread = person.is_some() && person == account.self_igsid;
        let is_self = !self.is_dashboard_test && (self.carries_self_flag() || is_self_thread);
        let is_tap = matches!(self.event, Event::Postback(_));
        Normalised {
            is_self,
            is_echo,
            side: if from_account && !(is_self && is_tap) {
                Side::Account
            } else {
                Side::Person
            },
            learned_self_igsid: person.clone().filter(|_| is_self && from_account),
            person,
        }
    }

    /// `is_self` in either place.
    fn carries_self_flag(&self) -> bool {
        self.is_self || matches!(&self.event, Event::Message(message) if message.is_self)
    }
}
