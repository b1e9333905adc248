//! Decides one event, in one transaction with everything that follows from it.

use std::cell::RefCell;

use jiff::Timestamp;
use rusqlite::Connection;
use selfsame_queue::{Leased, NewJob};
use selfsame_runtime::db::Tx;
use selfsame_wire::ids::{CommentId, IgScopedId, IgUserId, MediaId};
use selfsame_wire::webhook::{
    AccountIds, AccountResolution, Comment, Event, EventIdentity, Found, Incoming, Mention, Normalised, Side,
};

use crate::account_book::{AccountBook, BookedAccount};
use crate::automation::{self, AccountFacts, Lane, Outcome, PersonEvent, PersonFacts, Situation, Trace, TraceNote};
use crate::forward::{self, ForwardJob, Handover, Target};
use crate::metrics::Metrics;
use crate::outbox::plan;
use crate::outbox::state::EventState;
use crate::runs;
use crate::shelf::Shelf;
use crate::store::StoreError;
use crate::store::events::{self, NewEvent};
use crate::store::queues::{FORWARD, INBOX};
use crate::store::{ledger_accounts, people, previews, raw_deliveries, sends, settings};

use super::echo::echo_of;
use super::job::{EventJob, Origin};
use super::keys;
use super::recognise::{Call, Candidate, Clocks, ECHO_TOLERANCE_MS, EchoMids, Verdict, recognise};
use super::trigger::{kind_of, said_by, subject_of, trigger_of};

/// One minute, over which the budget of a self thread counts.
const BUDGET_SPAN_MS: i64 = 60_000;

/// How far around an echo's time answered sends are looked for. Wider than any match, because clocks
/// differ; the recogniser compares exactly.
const LOOK_AROUND_MS: i64 = 36 * 3_600 * 1_000;

/// How long before another send an answered one must have gone without an echo to show that sends have none
/// here, in milliseconds of process time.
const NO_ECHO_AFTER_MS: i64 = 30_000;

/// How soon a held event looks again by itself, in milliseconds of process time; the end of a call
/// wakes it earlier.
const LOOK_AGAIN_MS: i64 = 250;

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handled {
    /// An automation ran; so many sends follow.
    Answered {
        /// How many.
        sends: usize,
    },
    /// On its way to somebody's own engine.
    Forwarded,
    /// No automation is meant for it.
    NoRule,
    /// Set aside by the budget or the kill switch.
    Parked,
    /// Could not be carried out.
    Failed,
    /// The same event as one before.
    Duplicate,
    /// An echo of ours.
    Ours,
    /// An echo that settled a send in doubt.
    Settled,
    /// Waits for a call to end.
    Held,
    /// Belongs to nobody who is connected.
    UnknownAccount,
    /// Nothing that is answered.
    Ignored(IgnoredBecause),
}

/// Why an event is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IgnoredBecause {
    /// The Test button of the App Dashboard.
    DashboardTest,
    /// An edit numbered 0, which Meta sends for new messages.
    EditNoise,
    /// The second copy of a self message, as an ordinary message from the self IGSID.
    SecondCopy,
    /// The business wrote to somebody in the native app.
    BusinessTyped,
    /// Another app owns the thread.
    Standby,
    /// Kept and counted; automations are not for it.
    NoTrigger,
}

impl IgnoredBecause {
    const fn reason(self) -> &'static str {
        match self {
            Self::DashboardTest => "the Test button of the App Dashboard: nothing in it is real",
            Self::EditNoise => "an edit numbered 0, which says nothing",
            Self::SecondCopy => "a second copy of a self message; its echo is acted on",
            Self::BusinessTyped => "written by the business itself, in the Instagram app or by another app",
            Self::Standby => "another app owns the thread",
            Self::NoTrigger => "automations are not for this kind of event",
        }
    }
}

/// Everything that deciding needs besides the event: values and the present.
pub(super) struct Desk<'a> {
    /// Connected accounts.
    pub(super) accounts: &'a dyn AccountBook,
    /// The automations.
    pub(super) shelf: &'a Shelf,
    /// World time.
    pub(super) now: Timestamp,
    /// Process time in milliseconds.
    pub(super) now_ms: i64,
    /// Own events that may be answered within a minute.
    pub(super) self_answers_per_minute: u32,
    /// Whether the accounts are real: then a draft does not answer in public unless a preview asks for it.
    pub(super) is_real: bool,
    /// Where events go in place of the automations, unless said otherwise for their account.
    pub(super) forward: Option<&'a Target>,
    /// Counters.
    pub(super) metrics: &'a Metrics,
}

impl Desk<'_> {
    /// Decides a leased event and settles its job. Everything is in the caller's transaction.
    pub(super) fn handle(
        &self,
        tx: &Tx<'_>,
        leased: &Leased,
        job: &EventJob,
        incoming: &Incoming,
    ) -> Result<(Handled, Option<String>), StoreError> {
        let case = Case {
            desk: self,
            tx,
            job,
            incoming,
        };
        let ruling = case.rule()?;
        match ruling {
            Ruling::Done(handled) => {
                INBOX.done(tx, leased)?;
                Ok((handled, None))
            }
            Ruling::Hold { until_ms, place } => {
                let look_again_ms = until_ms.min(self.now_ms.saturating_add(LOOK_AGAIN_MS));
                INBOX.retry(tx, leased, look_again_ms, "waits for a call to end")?;
                Ok((Handled::Held, Some(place)))
            }
        }
    }
}

/// How one look at an event ended.
enum Ruling {
    Done(Handled),
    Hold { until_ms: i64, place: String },
}

/// One event on the desk.
struct Case<'a> {
    desk: &'a Desk<'a>,
    tx: &'a Tx<'a>,
    job: &'a EventJob,
    incoming: &'a Incoming,
}

/// An event whose account and parties are known.
struct Known<'a> {
    account: &'a BookedAccount,
    view: &'a Normalised,
    identity: Option<&'a str>,
}

impl Case<'_> {
    fn rule(&self) -> Result<Ruling, StoreError> {
        if let Some(event_id) = self.job.origin.released
            && events::find_set_aside(self.tx, event_id)?.is_none()
        {
            // Released twice; it was decided the first time.
            return Ok(Ruling::Done(Handled::Duplicate));
        }
        let account = match self.account()? {
            Belongs::Account(account) => account,
            Belongs::DashboardTest => {
                return self.ignore(None, IgnoredBecause::DashboardTest).map(Ruling::Done);
            }
            Belongs::Unknown => return self.unknown_account().map(Ruling::Done),
        };
        let ids = AccountIds {
            ig_user_id: account.ig_id.clone(),
            self_igsid: account.self_igsid.clone(),
        };
        let view = self.incoming.normalise(&ids);
        if let Some(learned) = &view.learned_self_igsid
            && account.self_igsid.as_ref() != Some(learned)
        {
            self.desk.accounts.learn_self_igsid(self.tx, &account.ig_id, learned)?;
        }
        let identity = self.incoming.identity(&account.ig_id);
        let identity = identity.as_ref().map(EventIdentity::as_str);
        let known = Known {
            account: &account,
            view: &view,
            identity,
        };
        if self.job.origin.released.is_none()
            && let Some(identity) = identity
            && events::is_known(self.tx, &account.ig_id, identity)?
        {
            return Ok(Ruling::Done(Handled::Duplicate));
        }
        self.rule_known(&known)
    }

    /// Rules on an event of a connected account that was not seen before.
    fn rule_known(&self, known: &Known<'_>) -> Result<Ruling, StoreError> {
        match &self.incoming.event {
            _ if self.incoming.found == Found::Standby => {
                self.ignore(Some(known), IgnoredBecause::Standby).map(Ruling::Done)
            }
            Event::Edit(edit) if edit.is_noise() => Ok(Ruling::Done(Handled::Ignored(IgnoredBecause::EditNoise))),
            Event::Message(message) if message.is_deleted => {
                self.ignore(Some(known), IgnoredBecause::NoTrigger).map(Ruling::Done)
            }
            Event::Message(_) if known.view.side == Side::Account => self.rule_message_of_account(known),
            Event::Message(_) if known.view.is_self => {
                self.ignore(Some(known), IgnoredBecause::SecondCopy).map(Ruling::Done)
            }
            Event::Comment(comment) | Event::LiveComment(comment) => self.rule_comment(known, comment),
            Event::Mention(mention) => self.rule_mention(known, mention),
            _ => self.decide(known).map(Ruling::Done),
        }
    }

    /// A message from the account's side: ours, the owner's to herself, or the business's to somebody.
    fn rule_message_of_account(&self, known: &Known<'_>) -> Result<Ruling, StoreError> {
        let Some(person) = &known.view.person else {
            return self.ignore(Some(known), IgnoredBecause::NoTrigger).map(Ruling::Done);
        };
        let place = keys::thread_place(&known.account.ig_id, person);
        if let Some(ruling) = self.consult_ledger(known, &place)? {
            return Ok(ruling);
        }
        if !known.view.is_self {
            runs::pause_for_owner(self.tx, &known.account.ig_id, person, self.typed_at(), self.desk.now)?;
            return self
                .ignore(Some(known), IgnoredBecause::BusinessTyped)
                .map(Ruling::Done);
        }
        ledger_accounts::open_self_thread(self.tx, &known.account.ig_id)?;
        self.decide(known).map(Ruling::Done)
    }

    /// Since when the business speaks in a thread itself: now, unless the reconciler tells of it late.
    fn typed_at(&self) -> Timestamp {
        let told = self.incoming.timestamp.filter(|_| self.job.origin.reconciled);
        told.unwrap_or(self.desk.now).min(self.desk.now)
    }

    /// A comment: one of our public replies, the owner's own, or somebody's.
    ///
    /// Who wrote it is not taken from one id alone, because the author's id has been seen in another id
    /// space: one of ours is known by its comment id, whoever it names as its author.
    fn rule_comment(&self, known: &Known<'_>, comment: &Comment) -> Result<Ruling, StoreError> {
        let place = keys::comments_place(&known.account.ig_id);
        if is_by_account(comment, known.account) {
            return match self.consult_ledger(known, &place)? {
                Some(ruling) => Ok(ruling),
                None => self.decide(known).map(Ruling::Done),
            };
        }
        if let Some(send_id) = sends::find_by_mid(self.tx, &known.account.ig_id, comment.id.as_str())? {
            sends::see_echo(self.tx, send_id)?;
            return Ok(Ruling::Done(Handled::Ours));
        }
        match self.reply_under_way(&place)? {
            Some(until_ms) => Ok(Ruling::Hold { until_ms, place }),
            None => self.decide(known).map(Ruling::Done),
        }
    }

    /// A mention: in one of our own replies to mentions, or somebody's.
    fn rule_mention(&self, known: &Known<'_>, mention: &Mention) -> Result<Ruling, StoreError> {
        let account = &known.account.ig_id;
        if let Some(comment_id) = &mention.comment_id {
            if sends::find_by_mid(self.tx, account, comment_id.as_str())?.is_some() {
                return Ok(Ruling::Done(Handled::Ours));
            }
            let place = keys::mentions_place(account);
            let until_ms = sends::list_unsettled(self.tx, &place)?
                .iter()
                .filter_map(|candidate| match candidate.call {
                    Call::Running { deadline_ms, .. } if deadline_ms > self.desk.now_ms => Some(deadline_ms),
                    _ => None,
                })
                .max();
            if let Some(until_ms) = until_ms {
                return Ok(Ruling::Hold { until_ms, place });
            }
        }
        self.decide(known).map(Ruling::Done)
    }

    /// Until when a public reply with just these words may still be under way; none: there is none, so
    /// the comment is not its echo.
    fn reply_under_way(&self, place: &str) -> Result<Option<i64>, StoreError> {
        let Some(echo) = echo_of(self.incoming, &self.job.origin) else {
            return Ok(None);
        };
        let mut running = sends::list_unsettled(self.tx, place)?;
        running.retain(|candidate| {
            matches!(candidate.call, Call::Running { .. }) && candidate.said.could_echo_as(&echo.said)
        });
        if running.is_empty() {
            return Ok(None);
        }
        let clocks = Clocks {
            now_ms: self.desk.now_ms,
            skew_ms: None,
        };
        Ok(match recognise(&echo, None, &running, EchoMids::Same, clocks) {
            Verdict::Hold { until_ms } => Some(until_ms),
            _ => None,
        })
    }

    /// Asks the ledger who spoke; none: the person did.
    fn consult_ledger(&self, known: &Known<'_>, place: &str) -> Result<Option<Ruling>, StoreError> {
        let (Some(subject), Some(echo)) = (subject_of(self.incoming), echo_of(self.incoming, &self.job.origin)) else {
            return Ok(None);
        };
        let account = &known.account.ig_id;
        let mine = sends::find_by_mid(self.tx, account, subject)?;
        if self.job.origin.released.is_some() && mine.is_none() {
            // It was told to be hers when it was set aside, and somebody asked for an answer.
            return Ok(None);
        }
        let learned = ledger_accounts::load(self.tx, account)?;
        // Comments carry the id that the reply was answered with; only message mids are in question.
        let is_comment = !matches!(self.incoming.event, Event::Message(_));
        let mids = if is_comment { EchoMids::Same } else { learned.echo_mids };
        let candidates = if mine.is_some() {
            Vec::new()
        } else {
            self.candidates(place, mids, &echo)?
        };
        let clocks = Clocks {
            now_ms: self.desk.now_ms,
            skew_ms: learned.skew_ms,
        };
        match recognise(&echo, mine, &candidates, mids, clocks) {
            Verdict::Ours { send_id } => {
                sends::see_echo(self.tx, send_id)?;
                if !is_comment && learned.echo_mids != EchoMids::Same {
                    ledger_accounts::learn_echo_mids(self.tx, account, EchoMids::Same)?;
                }
                Ok(Some(Ruling::Done(Handled::Ours)))
            }
            Verdict::OursByContent { send_id } => {
                sends::see_echo(self.tx, send_id)?;
                if learned.echo_mids != EchoMids::Different {
                    ledger_accounts::learn_echo_mids(self.tx, account, EchoMids::Different)?;
                }
                self.record(Some(known), EventState::Ours, Some(OURS_BY_CONTENT), None, true)?;
                Ok(Some(Ruling::Done(Handled::Ours)))
            }
            Verdict::Settles { send_id } => {
                crate::outbox::settle::by_echo(self.tx, send_id, subject)?;
                // The row keeps a second delivery of this echo from being taken for hers, whatever mid
                // the call's answer may still bring.
                self.record(Some(known), EventState::Ours, Some(SETTLED), None, false)?;
                Ok(Some(Ruling::Done(Handled::Settled)))
            }
            Verdict::Hold { until_ms } => Ok(Some(Ruling::Hold {
                until_ms,
                place: place.to_owned(),
            })),
            Verdict::Typed => Ok(None),
        }
    }

    /// The sends of the place that an echo of unknown mid could belong to.
    fn candidates(
        &self,
        place: &str,
        mids: EchoMids,
        echo: &super::recognise::Echo,
    ) -> Result<Vec<Candidate>, StoreError> {
        let mut candidates = sends::list_unsettled(self.tx, place)?;
        if mids == EchoMids::Same {
            return Ok(candidates);
        }
        let around = echo
            .said_at_ms
            .as_ref()
            .map_or(echo.received_world_ms, |at| *at.start());
        let from = around.saturating_sub(LOOK_AROUND_MS);
        let until = around.saturating_add(LOOK_AROUND_MS).saturating_add(ECHO_TOLERANCE_MS);
        let answered = sends::list_without_echo(self.tx, place, from, until)?;
        if answered.is_empty() {
            return Ok(candidates);
        }
        let waiting = self.waiting_mids()?;
        let oldest_ms = sends::oldest_without_echo_ms(self.tx, place)?;
        candidates.extend(answered.into_iter().map(|answered| {
            let mut candidate = answered.candidate;
            if let Call::Answered {
                ended_at_ms,
                own_echo_waits,
                sends_have_no_echo,
            } = &mut candidate.call
            {
                // Another send, well before this one: this one's own echo may only be late.
                let long_ago_ms = ended_at_ms.saturating_sub(NO_ECHO_AFTER_MS);
                let none_come = oldest_ms.is_some_and(|oldest_ms| oldest_ms < long_ago_ms);
                *own_echo_waits = answered.mid.is_some_and(|mid| waiting.contains(&mid));
                *sends_have_no_echo = none_come;
            }
            candidate
        }));
        Ok(candidates)
    }

    /// The mids of the messages that wait in this event's line. Asked only until it is known whether
    /// echoes keep their mid, so once in the life of an account.
    fn waiting_mids(&self) -> Result<Vec<String>, StoreError> {
        let Some(line) = keys::line(self.incoming) else {
            return Ok(Vec::new());
        };
        let jobs = INBOX.line(self.tx, &line, MOST_WAITING_LOOKED_AT)?;
        let mut mids = Vec::new();
        for job in jobs {
            let Some(job) = EventJob::decode(&job.payload) else {
                continue;
            };
            let parsed = selfsame_wire::webhook::parse(&job.body);
            mids.extend(parsed.events.iter().filter_map(|event| match &event.event {
                Event::Message(message) => Some(message.mid.as_str().to_owned()),
                _ => None,
            }));
        }
        Ok(mids)
    }

    /// The event is a person's. Lets the automations decide, and writes what follows.
    fn decide(&self, known: &Known<'_>) -> Result<Handled, StoreError> {
        let (Some(person), Some(trigger)) = (self.person(known)?, trigger_of(self.incoming)) else {
            return self.ignore(Some(known), IgnoredBecause::NoTrigger);
        };
        let own = known.view.is_self || self.is_own_comment(known);
        let account = &known.account.ig_id;
        let preview = own
            .then(|| self.desk.shelf.newest_preview(account, self.desk.now_ms))
            .flatten();
        let record = |state, reason: Option<&str>, trace: Option<&str>, keep| {
            let event_id = self.record(Some(known), state, reason, trace, keep)?;
            if let Some(preview) = &preview {
                previews::attach(self.tx, &preview.id, event_id)?;
            }
            Ok::<_, StoreError>(event_id)
        };
        if own
            && self.job.origin.released.is_none()
            && let Some((code, reason)) = self.why_park(known)?
        {
            let trace = note_json(Lane::Draft, code, reason.clone());
            record(EventState::Parked, Some(&reason), Some(&trace), true)?;
            return Ok(Handled::Parked);
        }
        let is_of_automations = preview.as_ref().is_some_and(|preview| preview.is_of_automations);
        if !is_of_automations && let Some(handled) = self.forward(known)? {
            return Ok(handled);
        }
        let first = !own && !events::has_met(self.tx, account, &person.scoped_id)?;
        let scoped_id = person.scoped_id.clone();
        let event = PersonEvent::cleared_by_ledger(
            AccountFacts {
                ig_id: account.clone(),
                username: known.account.username.clone(),
                name: known.account.name.clone(),
            },
            person,
            own,
            self.incoming
                .timestamp
                .or(self.incoming.entry_time)
                .unwrap_or(self.desk.now),
            trigger,
        );
        let event = if first { event.marked_as_first_contact() } else { event };
        let library = preview
            .as_ref()
            .and_then(|preview| preview.library.clone())
            .unwrap_or_else(|| self.desk.shelf.library(account, event.lane()));
        let may_post = !own || !self.desk.is_real || preview.as_ref().is_some_and(|preview| preview.post_replies);
        let situation = Situation {
            withheld: settings::kill_switch(self.tx)?.then(|| KILL_SWITCH.to_owned()),
            replies_shown_only: (!may_post).then(|| DRAFT_IS_NOT_PUBLIC.to_owned()),
            ..runs::situation(self.tx, account, &scoped_id, own, self.desk.now, self.desk.now_ms)?
        };
        let mut decision = automation::decide(&library, &event, &situation, self.desk.now);
        self.note_origin(&mut decision.trace);
        let trace = trace_json(&decision.trace);
        let record = |state, reason, keep| record(state, reason, Some(&trace), keep);
        match &decision.outcome {
            Outcome::NoRule => {
                record(EventState::NoRule, None, false)?;
                Ok(Handled::NoRule)
            }
            Outcome::Withheld {
                releasable: false,
                reason,
            } => {
                record(EventState::NoRule, Some(reason), false)?;
                Ok(Handled::NoRule)
            }
            Outcome::Withheld {
                releasable: true,
                reason,
            } => {
                record(EventState::Parked, Some(reason), true)?;
                Ok(Handled::Parked)
            }
            Outcome::Failed { reason } => {
                let event_id = record(EventState::Failed, Some(reason), true)?;
                runs::apply(self.tx, account, &scoped_id, event_id, &decision.changes, self.desk.now)?;
                Ok(Handled::Failed)
            }
            Outcome::Answers => {
                let event_id = record(EventState::Answered, None, false)?;
                let media = self.media();
                let cause = plan::Cause {
                    event_id,
                    account,
                    person: &scoped_id,
                    own,
                    media: media.as_deref(),
                    now_ms: self.desk.now_ms,
                    now_world_ms: self.desk.now.as_millisecond(),
                };
                let sends = plan::record(self.tx, &cause, &decision.steps)?;
                runs::apply(self.tx, account, &scoped_id, event_id, &decision.changes, self.desk.now)?;
                Ok(Handled::Answered { sends })
            }
        }
    }

    /// Says where an event came from that Instagram did not deliver.
    fn note_origin(&self, trace: &mut Trace) {
        if self.job.origin.reconciled {
            trace.notes.push(TraceNote {
                code: "reconciled".to_owned(),
                text: RECONCILED.to_owned(),
            });
        }
    }

    /// The media of a comment, where told.
    fn media(&self) -> Option<String> {
        match &self.incoming.event {
            Event::Comment(comment) | Event::LiveComment(comment) => {
                comment.media.as_ref().map(|media| media.id.as_str().to_owned())
            }
            _ => None,
        }
    }

    /// Hands the event to the engine of the account; none: it has none, and the automations decide.
    fn forward(&self, known: &Known<'_>) -> Result<Option<Handled>, StoreError> {
        let account = &known.account.ig_id;
        let Some(target) = forward::target(self.tx, account, self.desk.forward)? else {
            return Ok(None);
        };
        if settings::kill_switch(self.tx)? {
            self.record(Some(known), EventState::Parked, Some(KILL_SWITCH), None, true)?;
            return Ok(Some(Handled::Parked));
        }
        let own = known.view.is_self || self.is_own_comment(known);
        if let Some(reason) = runs::silenced_account(self.tx, account, own, self.desk.now_ms)? {
            self.record(Some(known), EventState::NoRule, Some(&reason), None, false)?;
            return Ok(Some(Handled::NoRule));
        }
        let lane = if own { Lane::Draft } else { Lane::Published };
        let said = format!(
            "handed to your own engine at {}; the automations are off for this account",
            target.host()
        );
        let trace = note_json(lane, "forwarded", said);
        let event_id = self.record(Some(known), EventState::Forwarded, None, Some(&trace), false)?;
        let signed_with = raw_deliveries::signed_with(self.tx, self.job.origin.delivery_id)?;
        let job = ForwardJob {
            handover: Handover {
                event_id,
                account: account.clone(),
                person: self.person_id(known),
                self_thread: known.view.is_self,
                lane,
                signed_with: signed_with.unwrap_or_default(),
            },
            body: self.job.body.clone(),
        };
        let order = keys::forward_line(self.incoming, account, event_id);
        FORWARD.enqueue(
            self.tx,
            NewJob {
                key: Some(&order),
                payload: &job.encode(),
                due_at_ms: self.desk.now_ms,
            },
        )?;
        Ok(Some(Handled::Forwarded))
    }

    /// Why an own event is parked instead of decided, as a word for programs and a sentence; none: it is
    /// not.
    fn why_park(&self, known: &Known<'_>) -> Result<Option<(&'static str, String)>, StoreError> {
        if settings::kill_switch(self.tx)? {
            return Ok(Some(("kill_switch", KILL_SWITCH.to_owned())));
        }
        let limit = self.desk.self_answers_per_minute;
        let since = self.desk.now_ms.saturating_sub(BUDGET_SPAN_MS);
        let answered = events::count_own_answers(self.tx, &known.account.ig_id, since)?;
        Ok((answered >= limit).then(|| {
            let reason = format!(
                "another app answers here, or somebody writes faster than a person can: \
                 the budget of {limit} answers a minute is used up. Release it to have it answered"
            );
            ("another_app_answers_here", reason)
        }))
    }

    fn is_own_comment(&self, known: &Known<'_>) -> bool {
        match &self.incoming.event {
            Event::Comment(comment) | Event::LiveComment(comment) => is_by_account(comment, known.account),
            _ => false,
        }
    }

    /// Whose thread it is, or who wrote the comment. A comment of the owner's own need not tell her
    /// scoped id; then the one learned before serves.
    fn person_id(&self, known: &Known<'_>) -> Option<IgScopedId> {
        if self.is_own_comment(known) {
            let told = known.view.learned_self_igsid.clone();
            return told.or_else(|| known.account.self_igsid.clone());
        }
        let told = known.view.person.clone();
        told.or_else(|| known.account.self_igsid.clone().filter(|_| known.view.is_self))
    }

    /// Who did it, with the name that is known of her.
    fn person(&self, known: &Known<'_>) -> Result<Option<PersonFacts>, StoreError> {
        let account = &known.account.ig_id;
        let own = known.view.is_self || self.is_own_comment(known);
        if let Event::Mention(mention) = &self.incoming.event {
            return Ok(unknown_author(mention));
        }
        let Some(scoped_id) = self.person_id(known) else {
            return Ok(None);
        };
        if own {
            return Ok(Some(PersonFacts {
                scoped_id,
                username: Some(known.account.username.clone()),
                name: known.account.name.clone(),
            }));
        }
        let told = match &self.incoming.event {
            Event::Comment(comment) | Event::LiveComment(comment) => {
                comment.from.as_ref().and_then(|author| author.username.clone())
            }
            _ => None,
        };
        let username = match told {
            Some(username) => {
                people::learn(self.tx, account, &scoped_id, &username)?;
                Some(username)
            }
            None => people::username(self.tx, account, &scoped_id)?,
        };
        Ok(Some(PersonFacts {
            scoped_id,
            username,
            name: None,
        }))
    }

    fn account(&self) -> Result<Belongs, StoreError> {
        let found: RefCell<Result<Option<BookedAccount>, StoreError>> = RefCell::new(Ok(None));
        let connection: &Connection = self.tx;
        let resolution = self.incoming.resolve_account(|id| {
            let looked_up = self.desk.accounts.find(connection, id);
            let is_known = matches!(looked_up, Ok(Some(_)));
            if is_known || looked_up.is_err() {
                drop(found.replace(looked_up));
            }
            is_known
        });
        let found = found.into_inner()?;
        if matches!(resolution, AccountResolution::Drift(_)) {
            self.desk.metrics.drifted();
        }
        Ok(match (resolution, found) {
            (AccountResolution::DashboardTest, _) => Belongs::DashboardTest,
            (AccountResolution::Entry(_) | AccountResolution::Drift(_), Some(account)) => Belongs::Account(account),
            _ => Belongs::Unknown,
        })
    }

    fn unknown_account(&self) -> Result<Handled, StoreError> {
        self.insert(
            None,
            EventState::UnknownAccount,
            Some("no connected account has this id"),
            None,
            true,
        )?;
        Ok(Handled::UnknownAccount)
    }

    fn ignore(&self, known: Option<&Known<'_>>, because: IgnoredBecause) -> Result<Handled, StoreError> {
        if matches!(because, IgnoredBecause::SecondCopy | IgnoredBecause::Standby) {
            // No row: the copy that counts has the same identity, and may come later.
            return Ok(Handled::Ignored(because));
        }
        if let (Some(known), IgnoredBecause::BusinessTyped | IgnoredBecause::NoTrigger) = (known, because)
            && let Some(handled) = self.forward(known)?
        {
            return Ok(handled);
        }
        let keep = matches!(self.incoming.event, Event::Unrecognised { .. });
        let reason = match &self.incoming.event {
            Event::Unrecognised { reason } => reason.as_str(),
            _ => because.reason(),
        };
        self.record(known, EventState::Ignored, Some(reason), None, keep)?;
        Ok(Handled::Ignored(because))
    }

    /// Writes the event's row, or gives the row of a released event its new state.
    fn record(
        &self,
        known: Option<&Known<'_>>,
        state: EventState,
        reason: Option<&str>,
        trace: Option<&str>,
        keep: bool,
    ) -> Result<i64, StoreError> {
        if let Some(event_id) = self.job.origin.released {
            events::settle(self.tx, event_id, state, reason, trace, self.desk.now_ms)?;
            return Ok(event_id);
        }
        self.insert(known, state, reason, trace, keep)
    }

    fn insert(
        &self,
        known: Option<&Known<'_>>,
        state: EventState,
        reason: Option<&str>,
        trace: Option<&str>,
        keep: bool,
    ) -> Result<i64, StoreError> {
        let Origin {
            delivery_id,
            position,
            received_world_ms,
            ..
        } = self.job.origin;
        let occurred_at_ms = self
            .incoming
            .timestamp
            .or(self.incoming.entry_time)
            .map_or(received_world_ms, Timestamp::as_millisecond);
        let person = known.and_then(|known| self.person_id(known));
        let account: Option<&IgUserId> = known.map(|known| &known.account.ig_id);
        events::insert(
            self.tx,
            &NewEvent {
                delivery_id,
                position,
                account,
                kind: kind_of(&self.incoming.event),
                identity: known.and_then(|known| known.identity),
                person: person.as_ref(),
                own: known.is_some_and(|known| known.view.is_self || self.is_own_comment(known)),
                subject: subject_of(self.incoming),
                said: said_by(self.incoming),
                occurred_at_ms,
                state,
                reason,
                trace,
                decided_at_ms: self.desk.now_ms,
                payload: keep.then_some(self.job.body.as_slice()),
            },
        )
    }
}

/// Whether the account itself wrote a comment: by either of its ids, by the scoped id that only its own
/// comments carry, or by its name (contract, self messaging §8.3 and §8.5).
fn is_by_account(comment: &Comment, account: &BookedAccount) -> bool {
    let Some(author) = &comment.from else { return false };
    let by_id = author.id.as_ref().is_some_and(|id| {
        id.is_account(&account.ig_id) || account.self_igsid.as_ref().is_some_and(|own| id.is_person(own))
    });
    let by_name = author
        .username
        .as_deref()
        .is_some_and(|name| name.trim_start_matches('@').eq_ignore_ascii_case(&account.username));
    by_id || by_name || author.self_ig_scoped_id.is_some()
}

/// Whoever mentioned the account, of whom nothing is told: the mention stands for her, so that what waits
/// because of it has a thread of its own.
fn unknown_author(mention: &Mention) -> Option<PersonFacts> {
    let comment_id = mention.comment_id.as_ref().map(CommentId::as_str);
    let place = comment_id.or(mention.media_id.as_ref().map(MediaId::as_str))?;
    Some(PersonFacts {
        scoped_id: IgScopedId::new(format!("mention {place}")),
        username: None,
        name: None,
    })
}

enum Belongs {
    Account(BookedAccount),
    DashboardTest,
    Unknown,
}

/// Messages of one line that are looked at for their mid.
const MOST_WAITING_LOOKED_AT: u32 = 200;

const KILL_SWITCH: &str = "the kill switch is on: nothing is answered until it is turned off";

const DRAFT_IS_NOT_PUBLIC: &str = "this is the draft on a real account; a preview made with post_replies posts it";

const RECONCILED: &str = "Instagram never delivered this; the reconciler found it and brought it in";

const SETTLED: &str = "the echo of a send that was in doubt";

const OURS_BY_CONTENT: &str = "says what we had just said there, and Instagram gives echoes a mid of their own here";

/// The trace of an event that no automation looked at.
fn note_json(lane: Lane, code: &str, text: String) -> String {
    trace_json(&Trace {
        lane,
        version: String::new(),
        rule: None,
        notes: vec![TraceNote {
            code: code.to_owned(),
            text,
        }],
    })
}

fn trace_json(trace: &Trace) -> String {
    // A trace is strings and numbers; this cannot fail.
    serde_json::to_string(trace).unwrap_or_default()
}
