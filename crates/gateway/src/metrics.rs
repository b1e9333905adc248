//! Counters of the gateway, with labels from fixed sets: no id, name or text of a person ever becomes
//! a label.

use prometheus::{Encoder as _, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder};

use crate::inbox::{Handled, IgnoredBecause};
use crate::outbox::Ended;

/// The counters. Cloning shares them.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    webhooks: IntCounterVec,
    events: IntCounterVec,
    drifted: IntCounter,
    unrecognised: IntCounter,
    calls: IntCounterVec,
    forwards: IntCounterVec,
    depth: IntGaugeVec,
    waiting: IntGauge,
    gaps: IntCounter,
    forgotten: IntCounterVec,
}

/// How a webhook request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookEnd {
    /// Committed and answered 200.
    Taken,
    /// Answered 403.
    BadSignature,
    /// Answered 503: the store failed.
    StoreFailed,
    /// Answered 413.
    TooLarge,
}

/// How an offer to somebody's own engine ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardEnd {
    /// Taken.
    Taken,
    /// Not taken; offered again later.
    Retried,
    /// Not taken for too long.
    Buried,
    /// There was no engine any more.
    GivenBack,
}

/// How deep each queue is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depths {
    /// Raw bodies not split yet.
    pub unsplit: i64,
    /// How long the oldest of them has waited, in seconds.
    pub oldest_unsplit_s: i64,
    /// Inbox, by state: ready and waiting, leased, dead, parked.
    pub inbox: [i64; 4],
    /// Events for somebody's own engine, by state: ready and waiting, leased, dead.
    pub forward: [i64; 3],
    /// Outbox, by state: ready, calling, in doubt, parked, dead.
    pub outbox: [i64; 5],
}

impl Metrics {
    /// Counters at zero.
    ///
    /// # Errors
    /// Never in practice: names and labels are fixed and different.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let webhooks = IntCounterVec::new(
            Opts::new("selfsame_gateway_webhooks_total", "Webhook requests by how they ended"),
            &["end"],
        )?;
        let events = IntCounterVec::new(
            Opts::new("selfsame_gateway_events_total", "Events by what became of them"),
            &["outcome"],
        )?;
        let drifted = IntCounter::new(
            "selfsame_gateway_events_drifted_total",
            "Self events whose entry.id names no account and whose sender does",
        )?;
        let unrecognised = IntCounter::new(
            "selfsame_gateway_events_unrecognised_total",
            "Parts of webhook bodies that were kept without being understood",
        )?;
        let calls = IntCounterVec::new(
            Opts::new("selfsame_gateway_calls_total", "Calls to Instagram by how they ended"),
            &["end"],
        )?;
        let forwards = IntCounterVec::new(
            Opts::new(
                "selfsame_gateway_forwards_total",
                "Offers of events to somebody's own engine by how they ended",
            ),
            &["end"],
        )?;
        let depth = IntGaugeVec::new(
            Opts::new("selfsame_gateway_queue_depth", "Entries of each queue by state"),
            &["queue", "state"],
        )?;
        let waiting = IntGauge::new(
            "selfsame_gateway_oldest_undecided_seconds",
            "Age of the oldest webhook body that waits to be split",
        )?;
        let gaps = IntCounter::new(
            "selfsame_gateway_reconciler_gaps_total",
            "Messages and comments that Instagram has and that never arrived",
        )?;
        let forgotten = IntCounterVec::new(
            Opts::new("selfsame_gateway_forgotten_total", "Rows removed because of their age"),
            &["kind"],
        )?;
        registry.register(Box::new(waiting.clone()))?;
        registry.register(Box::new(gaps.clone()))?;
        registry.register(Box::new(forgotten.clone()))?;
        registry.register(Box::new(webhooks.clone()))?;
        registry.register(Box::new(events.clone()))?;
        registry.register(Box::new(drifted.clone()))?;
        registry.register(Box::new(unrecognised.clone()))?;
        registry.register(Box::new(calls.clone()))?;
        registry.register(Box::new(forwards.clone()))?;
        registry.register(Box::new(depth.clone()))?;
        Ok(Self {
            registry,
            webhooks,
            events,
            drifted,
            unrecognised,
            calls,
            forwards,
            depth,
            waiting,
            gaps,
            forgotten,
        })
    }

    /// A webhook request ended.
    pub fn webhook(&self, end: WebhookEnd) {
        let label = match end {
            WebhookEnd::Taken => "taken",
            WebhookEnd::BadSignature => "bad_signature",
            WebhookEnd::StoreFailed => "store_failed",
            WebhookEnd::TooLarge => "too_large",
        };
        self.webhooks.with_label_values(&[label]).inc();
    }

    /// The reconciler found that so many never arrived.
    pub fn gaps(&self, count: usize) {
        self.gaps.inc_by(u64::try_from(count).unwrap_or(u64::MAX));
    }

    /// So many raw bodies and events were removed because of their age.
    pub fn forgotten(&self, bodies: usize, events: usize) {
        for (kind, count) in [("body", bodies), ("event", events)] {
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            self.forgotten.with_label_values(&[kind]).inc_by(count);
        }
    }

    /// A part of a body was not understood.
    pub fn unrecognised(&self) {
        self.unrecognised.inc();
    }

    /// A self event was resolved by its sender.
    pub fn drifted(&self) {
        self.drifted.inc();
    }

    /// An event was handled.
    pub fn event(&self, handled: Handled) {
        let label = match handled {
            Handled::Answered { .. } => "answered",
            Handled::Forwarded => "forwarded",
            Handled::NoRule => "no_rule",
            Handled::Parked => "parked",
            Handled::Failed => "failed",
            Handled::Duplicate => "duplicate",
            Handled::Ours => "ours",
            Handled::Settled => "settled",
            Handled::Held => "held",
            Handled::UnknownAccount => "unknown_account",
            Handled::Ignored(IgnoredBecause::DashboardTest) => "dashboard_test",
            Handled::Ignored(_) => "ignored",
        };
        self.events.with_label_values(&[label]).inc();
    }

    /// A call ended.
    pub fn call_ended(&self, ended: &Ended) {
        self.calls.with_label_values(&[ended.label()]).inc();
    }

    /// An offer to somebody's own engine ended.
    pub fn forwarded(&self, end: ForwardEnd) {
        let label = match end {
            ForwardEnd::Taken => "taken",
            ForwardEnd::Retried => "retried",
            ForwardEnd::Buried => "buried",
            ForwardEnd::GivenBack => "given_back",
        };
        self.forwards.with_label_values(&[label]).inc();
    }

    /// How often events ended with this outcome.
    pub fn count_events(&self, outcome: &str) -> u64 {
        self.events.with_label_values(&[outcome]).get()
    }

    /// Everything in the text format of Prometheus.
    pub fn render(&self, depths: Depths) -> Result<String, prometheus::Error> {
        let set = |queue: &str, state: &str, value: i64| {
            self.depth.with_label_values(&[queue, state]).set(value);
        };
        self.waiting.set(depths.oldest_unsplit_s);
        set("raw", "unsplit", depths.unsplit);
        for (state, value) in ["ready", "leased", "dead", "parked"].into_iter().zip(depths.inbox) {
            set("inbox", state, value);
        }
        for (state, value) in ["ready", "calling", "in_doubt", "parked", "dead"]
            .into_iter()
            .zip(depths.outbox)
        {
            set("outbox", state, value);
        }
        for (state, value) in ["ready", "leased", "dead"].into_iter().zip(depths.forward) {
            set("forward", state, value);
        }
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}
