//! A rule: where, when and what goes wrong. The shape of `/_sim/chaos` (design §6).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a rule strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Attempts at deliveries to callbacks.
    Delivery,
    /// Calls to the Graph API.
    Graph,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Delivery: the same bytes are sent `params.count` more times (1).
    Duplicate,
    /// Delivery: never sent, and taken for delivered. Graph: the connection closes and nothing happened.
    Drop,
    /// Delivery: sent `params.by` later (2s). Graph: answered that much later.
    Delay,
    /// Delivery: sent up to `params.by` later (2s), each by another chance, so that later ones overtake.
    Reorder,
    /// Delivery: waits `params.by` (2s); what else comes for the same app and login by then, without a fault of its own, goes out in the same
    /// POST, at most `params.count` (1000) updates. Each thread keeps its order; `messaging` and `changes` are never mixed.
    Batch,
    /// Delivery: sent, but `params.status` (500) counts in place of its answer. Graph: answered with that status, and nothing happened.
    Status,
    /// Graph: answered with the error `params.code` (2), and nothing happened.
    GraphError,
    /// Delivery: sent, but its answer is lost. Graph: done and stored, then the connection closes.
    Cut,
    /// Graph: a send is answered only after its echo's delivery was answered, at most one second later.
    EchoFirst,
}

/// Which deliveries or calls a rule is about; absent means any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// App name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// Account, with or without `@`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Deliveries: webhook field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Graph: HTTP method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Graph: the path or its end, such as `/messages`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Graph: whether the call sends a message; sender actions such as `typing_on` do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<bool>,
}

/// Numbers of a fault; absent means the fault's own default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// How long: `500ms`, `2s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How many more times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// Code of the Graph error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// Subcode of the Graph error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subcode: Option<u32>,
    /// Message of the Graph error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Where it strikes.
    pub target: Target,
    /// What it is about.
    #[serde(rename = "match", default)]
    pub matches: Match,
    /// What goes wrong.
    pub fault: FaultKind,
    /// How often, from 0 to 1; always unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Only so many times; then the rule is used up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Its numbers.
    #[serde(default)]
    pub params: Params,
}

/// Why a rule cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RuleError {
    /// The input at fault, below the rule.
    pub field: &'static str,
    /// What is wrong.
    pub message: String,
}

/// Longest delay: beyond it a lease would not outlive the attempt.
pub(super) const DELAY_MS_MAX: i128 = 60_000;
pub(super) const DUPLICATES_MAX: u32 = 100;
/// Updates in one POST (contract: webhooks §4.2).
pub(crate) const BATCH_MAX: u32 = 1000;

impl Rule {
    /// Refuses what would never strike, or not as meant.
    ///
    /// # Errors
    /// The first input that makes no sense.
    pub fn check(&self) -> Result<(), RuleError> {
        use FaultKind::{Batch, Cut, Delay, Drop, Duplicate, EchoFirst, GraphError, Reorder, Status};
        let wrong = |field, message: String| Err(RuleError { field, message });
        let fits = match self.fault {
            Duplicate | Reorder | Batch => self.target == Target::Delivery,
            GraphError | EchoFirst => self.target == Target::Graph,
            Drop | Delay | Status | Cut => true,
        };
        if !fits {
            return wrong(
                "fault",
                format!("this fault does not exist for target {}", self.target.name()),
            );
        }
        if self
            .probability
            .is_some_and(|probability| !(0.0..=1.0).contains(&probability))
        {
            return wrong("probability", "a probability goes from 0 to 1".to_owned());
        }
        if self.probability.is_some() && self.times.is_some() {
            return wrong("times", "give probability or times, not both".to_owned());
        }
        let of_calls = &self.matches;
        if self.target == Target::Delivery
            && (of_calls.method.is_some() || of_calls.path.is_some() || of_calls.message.is_some())
        {
            return wrong("match", "method, path and message are of target graph".to_owned());
        }
        if self.target == Target::Graph && self.matches.field.is_some() {
            return wrong("match", "field is of target delivery".to_owned());
        }
        if self.params.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return wrong("params.status", "an HTTP status goes from 200 to 599".to_owned());
        }
        let count_max = if self.fault == Batch { BATCH_MAX } else { DUPLICATES_MAX };
        if self.params.count.is_some_and(|count| count == 0 || count > count_max) {
            return wrong("params.count", format!("from 1 to {count_max}"));
        }
        if self.params.by.is_some() && self.delay_ms().is_none() {
            return wrong("params.by", "a duration such as 500ms or 2s, at most 60s".to_owned());
        }
        Ok(())
    }

    /// `params.by` in ms.
    pub(super) fn delay_ms(&self) -> Option<u64> {
        let Some(text) = &self.params.by else {
            return Some(super::engine::DELAY_MS_DEFAULT);
        };
        let duration: jiff::SignedDuration = text.trim().parse().ok()?;
        u64::try_from(Some(duration.as_millis()).filter(|millis| (0..=DELAY_MS_MAX).contains(millis))?).ok()
    }
}

impl Target {
    const fn name(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Graph => "graph",
        }
    }
}

/// What a rule is matched against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Where.
    pub target: Target,
    /// App name.
    pub app: Option<String>,
    /// Account name without `@`.
    pub account: Option<String>,
    /// Webhook field of a delivery.
    pub field: Option<String>,
    /// HTTP method of a call.
    pub method: Option<String>,
    /// Path of a call.
    pub path: Option<String>,
    /// Whether a call sends a message.
    pub message: bool,
}

impl Rule {
    /// Whether the rule is about this subject.
    pub fn is_about(&self, subject: &Subject) -> bool {
        let Match {
            app,
            account,
            field,
            method,
            path,
            message,
        } = &self.matches;
        let same = |wanted: &Option<String>, have: &Option<String>| match (wanted, have) {
            (None, _) => true,
            (Some(wanted), Some(have)) => wanted.strip_prefix('@').unwrap_or(wanted) == have,
            (Some(_), None) => false,
        };
        let same_path = match (path, &subject.path) {
            (None, _) => true,
            (Some(wanted), Some(have)) => {
                wanted == have || (wanted.starts_with('/') && have.ends_with(wanted.as_str()))
            }
            (Some(_), None) => false,
        };
        let same_method = match (method, &subject.method) {
            (None, _) => true,
            (Some(wanted), Some(have)) => wanted.eq_ignore_ascii_case(have),
            (Some(_), None) => false,
        };
        self.target == subject.target
            && same(app, &subject.app)
            && same(account, &subject.account)
            && same(field, &subject.field)
            && same_method
            && same_path
            && message.is_none_or(|wanted| wanted == subject.message)
    }
}
