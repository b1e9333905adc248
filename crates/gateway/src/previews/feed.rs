//! Lets the gesture of a preview happen in the owner's own thread, once, as soon as it can.

use selfsame_runtime::db::{Durability, Tx};

use super::workings::{Previews, facts_of};
use crate::automation::{self, Gesture, Lane, Outcome, PersonFacts, Situation, made_up};
use crate::outbox::plan::{self, Cause};
use crate::outbox::state::EventState;
use crate::runs;
use crate::store::accounts::{self, Account};
use crate::store::events::{self, NewEvent};
use crate::store::ledger_accounts;
use crate::store::previews::{self, PreviewRow};
use crate::store::{StoreError, settings};

/// The previews of one step.
const AT_ONCE: u32 = 32;
/// One minute, over which the budget of a self thread counts, in milliseconds.
const BUDGET_SPAN_MS: i64 = 60_000;
/// The kind of event that stands for a made-up gesture.
pub(super) const KIND: &str = "preview";

impl Previews {
    /// Makes the gestures whose thread has opened; answers how many.
    ///
    /// # Errors
    /// The store failed.
    pub async fn feed_once(&self) -> Result<usize, StoreError> {
        let now_ms = self.process.now().as_millis();
        let unfed = self
            .database
            .read(move |connection| previews::list_unfed(connection, now_ms, AT_ONCE))
            .await
            .map_err(StoreError::from)?;
        if unfed.is_empty() || self.is_stopped().await? {
            return Ok(0);
        }
        let mut n_fed = 0;
        for row in unfed {
            let works = self.clone();
            // Durable, as a self message is: after it the gesture is made, whatever dies.
            let fed = self
                .database
                .write(Durability::Durable, move |tx| works.feed(tx, &row))
                .await
                .map_err(StoreError::from)?;
            n_fed += usize::from(fed);
        }
        if n_fed > 0 {
            self.outbox_bell.ring();
        }
        Ok(n_fed)
    }

    /// Makes one gesture: decision, sends and the note that it was made, in one transaction.
    fn feed(&self, tx: &Tx<'_>, row: &PreviewRow) -> Result<bool, StoreError> {
        let is_unfed = previews::find(tx, &row.id)?.is_some_and(|row| !row.fed && row.ended_at_ms.is_none());
        let Some(account) = accounts::find(tx, &row.account)? else {
            return Ok(false);
        };
        let gesture = row
            .gesture
            .as_deref()
            .and_then(|json| serde_json::from_str::<Gesture>(json).ok());
        let (Some(gesture), Some(self_igsid), true) = (gesture, account.self_igsid.clone(), is_unfed) else {
            return Ok(false);
        };
        let now_ms = self.process.now().as_millis();
        let since = now_ms.saturating_sub(BUDGET_SPAN_MS);
        if settings::kill_switch(tx)?
            || !ledger_accounts::load(tx, &account.ig_id)?.self_thread_open
            || events::count_own_answers(tx, &account.ig_id, since)? >= self.self_answers_per_minute
        {
            return Ok(false);
        }
        let library = self
            .shelf
            .preview(&row.account, &row.id, now_ms)
            .and_then(|preview| preview.library)
            .unwrap_or_else(|| self.shelf.library(&row.account, Lane::Draft));
        let now = self.now();
        let person = PersonFacts {
            scoped_id: self_igsid.clone(),
            username: Some(account.username.clone()),
            name: account.name.clone(),
        };
        let situation = Situation {
            replies_shown_only: Some("the comment was made up".to_owned()),
            ..runs::situation(tx, &account.ig_id, &self_igsid, true, now, now_ms)?
        };
        let event = made_up(facts_of(&account), person, &gesture, now);
        let decision = automation::decide(&library, &event, &situation, now);
        self.write_down(tx, row, &account, &gesture, &decision)?;
        previews::set_fed(tx, &row.id)?;
        Ok(true)
    }

    fn write_down(
        &self,
        tx: &Tx<'_>,
        row: &PreviewRow,
        account: &Account,
        gesture: &Gesture,
        decision: &automation::Decision,
    ) -> Result<(), StoreError> {
        let (now, now_ms) = (self.now(), self.process.now().as_millis());
        let Some(self_igsid) = &account.self_igsid else {
            return Ok(());
        };
        let (state, reason) = match &decision.outcome {
            Outcome::Answers => (EventState::Answered, None),
            Outcome::NoRule => (EventState::NoRule, None),
            Outcome::Withheld { reason, .. } => (EventState::NoRule, Some(reason.as_str())),
            Outcome::Failed { reason } => (EventState::Failed, Some(reason.as_str())),
        };
        let trace = serde_json::to_string(&decision.trace).unwrap_or_default();
        let event_id = events::insert(
            tx,
            &NewEvent {
                delivery_id: 0,
                position: 0,
                account: Some(&account.ig_id),
                kind: KIND,
                identity: None,
                person: Some(self_igsid),
                own: true,
                subject: None,
                said: gesture.said(),
                occurred_at_ms: now.as_millisecond(),
                state,
                reason,
                trace: Some(&trace),
                decided_at_ms: now_ms,
                payload: None,
            },
        )?;
        previews::attach(tx, &row.id, event_id)?;
        if decision.outcome != Outcome::Answers {
            return Ok(());
        }
        let cause = Cause {
            event_id,
            account: &account.ig_id,
            person: self_igsid,
            own: true,
            media: None,
            now_ms,
            now_world_ms: now.as_millisecond(),
        };
        plan::record(tx, &cause, &decision.steps)?;
        runs::apply(tx, &account.ig_id, self_igsid, event_id, &decision.changes, now)
    }
}
