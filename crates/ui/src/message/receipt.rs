//! What became of a gesture's webhook, shown under it.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::parts::{TimeFormat, Tone, callout, time};

/// What became of one webhook of a gesture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What was told when it was not the message itself: "Reaction".
    pub subject: Option<String>,
    /// The app it goes to; shown when there are several.
    pub app: Option<String>,
    /// Where more about it is shown.
    pub details_href: Option<String>,
    /// What became of it.
    pub state: ReceiptState,
}

/// The states a person can see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptState {
    /// No attempt has ended.
    Waiting,
    /// The callback answered 200.
    Delivered,
    /// The last attempt failed; there will be another.
    Failed {
        /// What went wrong.
        cause: String,
        /// When it is tried again.
        next_attempt_at: Option<Timestamp>,
    },
    /// No attempt will follow.
    GivenUp {
        /// What went wrong last.
        cause: String,
    },
    /// It was never sent.
    Suppressed {
        /// Why.
        reason: String,
        /// What to do about it.
        remedy: String,
    },
    /// The callback answered 200 and nothing came back.
    Unanswered {
        /// What to look at first.
        hint: String,
    },
}

impl Receipt {
    pub(crate) fn view(&self) -> Markup {
        let details = html! {
            @if let Some(href) = &self.details_href { " " a href=(href) { "details" } }
        };
        let app = html! { @if let Some(app) = &self.app { " to " (app) } };
        let subject = html! { @if let Some(subject) = &self.subject { (subject) ": " } };
        match &self.state {
            ReceiptState::Waiting => html! { p.status { (subject) "Waiting to be delivered" (app) (details) } },
            ReceiptState::Delivered => html! { p.status.good { (subject) "Delivered" (app) (details) } },
            ReceiptState::Failed { cause, next_attempt_at } => html! {
                p.status.warn {
                    (subject) "Not delivered" (app) ": " (cause) ". "
                    @if let Some(at) = next_attempt_at { "Next attempt at " (time(*at, TimeFormat::Seconds)) }
                    (details)
                }
            },
            ReceiptState::GivenUp { cause } => html! {
                p.status.bad { (subject) "Not delivered" (app) ": " (cause) ". No further attempt." (details) }
            },
            ReceiptState::Suppressed { reason, remedy } => html! {
                div.explain { (callout(Tone::Warn, &self.suppressed_headline(reason), remedy)) }
                p.status { (app) (details) }
            },
            ReceiptState::Unanswered { hint } => html! {
                p.status.good { (subject) "Delivered" (app) (details) }
                div.explain { (callout(Tone::Warn, "Your bot answered 200 and sent nothing", hint)) }
            },
        }
    }

    fn suppressed_headline(&self, reason: &str) -> String {
        match &self.subject {
            Some(subject) => format!("{subject}: no webhook was sent: {reason}"),
            None => format!("No webhook was sent: {reason}"),
        }
    }
}
