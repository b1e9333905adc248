//! A thread with its participants, loaded (or made) inside a transaction.

use selfsame_runtime::random::Random;
use selfsame_wire::ids::{IgScopedId, IgUserId, MessageId};
use selfsame_wire::mid;

use super::GestureRefusal;
use super::notify::notify_account;
use crate::domain::account::Account;
use crate::domain::identifiers;
use crate::domain::keys::{AccountKey, DeliveryKey};
use crate::domain::message::Message;
use crate::domain::messaging::{Parties, Party};
use crate::domain::notification::{Audience, Notification};
use crate::domain::thread::Thread;
use crate::store::{Failure, StoreError, Tx, accounts, messages, stream, thread_owners, threads};
use crate::switches::Switches;

/// Folder of a thread that the account answered or began.
const GENERAL: &str = "general";
/// Folder of the self thread.
const PRIMARY: &str = "primary";
/// Where serials of taps begin, far above those of messages.
const TAP_SERIALS_FROM: i64 = 1 << 40;

/// A thread with its participants.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) thread: Thread,
    pub(super) parties: Parties,
}

impl Scene {
    /// The thread of two accounts (or of one with itself), made if it does not exist.
    pub(super) fn open(
        tx: &Tx<'_>,
        random: &Random,
        actor: Account,
        other: Account,
        now_ms: i64,
    ) -> Result<Self, StoreError> {
        let thread = threads::between(tx, actor.key, other.key)?;
        Self::open_in(tx, random, thread, actor, other, now_ms)
    }

    /// The same when it is known already whether they have a thread.
    pub(super) fn open_in(
        tx: &Tx<'_>,
        random: &Random,
        thread: Option<Thread>,
        actor: Account,
        other: Account,
        now_ms: i64,
    ) -> Result<Self, StoreError> {
        if let Some(thread) = thread {
            return Self::around(tx, random, thread, actor, other);
        }
        // The business side is the professional account; between two of them, the one that is written to.
        let (a, b) = if other.kind.is_professional() {
            (other.key, actor.key)
        } else {
            (actor.key, other.key)
        };
        let serial = identifiers::thread_serial(random);
        let conversation_id = mid::conversation_id(identifiers::thread_number(serial));
        let folder = if a == b {
            PRIMARY
        } else if a == actor.key {
            GENERAL
        } else {
            threads::REQUESTS // the first answer moves it to `general` (contract: send-api §5.7)
        };
        let thread = threads::insert(tx, a, b, serial, &conversation_id, folder, now_ms)?;
        Self::around(tx, random, thread, actor, other)
    }

    /// The thread of a message, for one of its participants.
    pub(super) fn of_message(
        tx: &Tx<'_>,
        random: &Random,
        actor: Account,
        message: &Message,
    ) -> Result<Self, Failure<GestureRefusal>> {
        let not_in_thread = || {
            Failure::Refused(GestureRefusal::NotInThread {
                username: actor.username.clone(),
            })
        };
        let thread = threads::by_key(tx, message.thread)?.ok_or_else(not_in_thread)?;
        if thread.a != actor.key && thread.b != actor.key {
            return Err(not_in_thread());
        }
        let other = accounts::by_key(tx, thread.other(actor.key))?.ok_or_else(not_in_thread)?;
        Ok(Self::around(tx, random, thread, actor, other)?)
    }

    fn around(
        tx: &Tx<'_>,
        random: &Random,
        thread: Thread,
        actor: Account,
        other: Account,
    ) -> Result<Self, StoreError> {
        if thread.is_self() {
            let sees_other_as = actor.self_igsid.clone();
            return Ok(Self {
                thread,
                parties: Parties {
                    a: Party {
                        account: actor,
                        sees_other_as,
                    },
                    b: None,
                },
            });
        }
        let (a, b) = if thread.a == actor.key {
            (actor, other)
        } else {
            (other, actor)
        };
        let a_sees = sees(tx, random, &a, b.key)?;
        let b_sees = sees(tx, random, &b, a.key)?;
        let parties = Parties {
            a: Party {
                account: a,
                sees_other_as: a_sees,
            },
            b: Some(Party {
                account: b,
                sees_other_as: b_sees,
            }),
        };
        Ok(Self { thread, parties })
    }

    /// A new message id in this thread.
    pub(super) fn mint_mid(&self, tx: &Tx<'_>, random: &Random) -> Result<MessageId, StoreError> {
        Ok(self.mid_of_row(random, messages::next_row(tx)?))
    }

    /// A new id of a tap, which is no message.
    pub(super) fn mint_tap_mid(&self, tx: &Tx<'_>, random: &Random) -> Result<MessageId, StoreError> {
        Ok(self.mid_of_row(random, stream::last(tx)?.saturating_add(TAP_SERIALS_FROM)))
    }

    fn mid_of_row(&self, random: &Random, row: i64) -> MessageId {
        let nobody = IgUserId::new("0");
        let owner = self.parties.a.account.ig_id.as_ref().unwrap_or(&nobody);
        identifiers::message_id(random, owner, self.thread.number, row)
    }

    /// Records that `actor` wrote or tapped on the phone: windows open, consent is given, the thread moves up.
    pub(super) fn gesture(&mut self, actor: AccountKey, now_ms: i64) {
        if self.thread.a == actor {
            self.thread.a_wrote_at_ms = Some(now_ms);
            self.thread.a_consented = true;
            self.answered();
        }
        if self.thread.b == actor {
            self.thread.b_wrote_at_ms = Some(now_ms);
            self.thread.b_consented = true;
        }
        self.thread.updated_at_ms = now_ms;
    }

    /// An answer of the business side moves the thread out of the requests.
    fn answered(&mut self) {
        if self.thread.folder == threads::REQUESTS {
            GENERAL.clone_into(&mut self.thread.folder);
        }
    }

    /// Stores what became of notifications about this thread: an app that does not own it stands by.
    pub(super) fn tell(
        &self,
        tx: &Tx<'_>,
        switches: &Switches,
        mut told: Vec<Notification>,
        now_ms: i64,
    ) -> Result<Vec<DeliveryKey>, StoreError> {
        for notification in &mut told {
            if notification.audience == Audience::All
                && let Some(owner) = thread_owners::of(
                    tx,
                    self.thread.key,
                    notification.account,
                    switches.thread_active_since(now_ms),
                )?
            {
                thread_owners::touch(tx, self.thread.key, notification.account, now_ms)?;
                notification.audience = Audience::Owned { owner };
            }
        }
        let mut made = Vec::new();
        for notification in &told {
            if let Some(account) = self.parties.account(notification.account) {
                notify_account(tx, switches, account, notification, now_ms, &mut made)?;
            }
        }
        Ok(made)
    }

    /// Records that an app of `actor` wrote: to a professional account that is like a person writing; never so in the self thread.
    pub(super) fn api_send(&mut self, actor: AccountKey, now_ms: i64) {
        if !self.thread.is_self() {
            if self.thread.a == actor {
                self.thread.a_wrote_at_ms = Some(now_ms);
                self.answered();
            } else {
                self.thread.b_wrote_at_ms = Some(now_ms);
            }
        }
        self.thread.updated_at_ms = now_ms;
    }
}

/// How a professional account sees another account; the id is made when they first meet.
pub(super) fn sees(
    tx: &Tx<'_>,
    random: &Random,
    account: &Account,
    person: AccountKey,
) -> Result<Option<IgScopedId>, StoreError> {
    if !account.kind.is_professional() {
        return Ok(None);
    }
    if let Some(igsid) = accounts::scoped_id(tx, account.key, person)? {
        return Ok(Some(igsid));
    }
    let igsid = identifiers::ig_scoped_id(random);
    accounts::insert_scoped_id(tx, account.key, person, &igsid)?;
    Ok(Some(igsid))
}

/// The account of this name, or a refusal that names the input.
pub(super) fn account(tx: &Tx<'_>, reference: &str, field: &'static str) -> Result<Account, Failure<GestureRefusal>> {
    accounts::by_username(tx, reference)?.ok_or_else(|| {
        Failure::Refused(GestureRefusal::UnknownAccount {
            field,
            reference: reference.to_owned(),
        })
    })
}

/// The message of this id, or a refusal; unsent ones are refused too.
pub(super) fn message(tx: &Tx<'_>, mid: &str) -> Result<Message, Failure<GestureRefusal>> {
    let message = messages::by_mid(tx, mid)?
        .ok_or_else(|| Failure::Refused(GestureRefusal::UnknownMessage { mid: mid.to_owned() }))?;
    if message.deleted_at_ms.is_some() {
        return Err(Failure::Refused(GestureRefusal::Unsent));
    }
    Ok(message)
}
