//! What became of a gesture's webhooks, in the words of the phone. Pure.

use jiff::Timestamp;
use selfsame_ui::message::{Receipt, ReceiptState};
use selfsame_ui::parts::segment;

use crate::domain::delivery::DeliveryStatus;
use crate::store::receipts::{DeliveryReceipt, LastAttempt};

/// Webhook field of messages.
pub(super) const MESSAGES: &str = "messages";

/// The receipts of one gesture: one for each app and state, so that two login flows of one app are not said twice.
pub(super) fn receipts(deliveries: &[&DeliveryReceipt]) -> Vec<Receipt> {
    let first_app = deliveries.first().and_then(|delivery| delivery.app.as_deref());
    let has_several_apps = deliveries.iter().any(|delivery| delivery.app.as_deref() != first_app);
    let mut receipts: Vec<Receipt> = Vec::new();
    for delivery in deliveries {
        let app = delivery.app.clone().filter(|_| has_several_apps);
        let state = state_of(delivery);
        if receipts.iter().any(|known| known.app == app && known.state == state) {
            continue;
        }
        let details_href = Some(format!("/inspector/deliveries/{}", delivery.id));
        receipts.push(Receipt {
            subject: subject_of(&delivery.field),
            app,
            details_href,
            state,
        });
    }
    receipts
}

/// What is told besides the message itself.
fn subject_of(field: &str) -> Option<String> {
    let subject = match field {
        "message_reactions" => "Reaction",
        "message_edit" => "Edit",
        "messaging_seen" => "Seen mark",
        _ => return None,
    };
    Some(subject.to_owned())
}

fn state_of(delivery: &DeliveryReceipt) -> ReceiptState {
    match delivery.status {
        DeliveryStatus::Pending => ReceiptState::Waiting,
        DeliveryStatus::Delivered => ReceiptState::Delivered,
        DeliveryStatus::Failed => ReceiptState::Failed {
            cause: cause_of(delivery.last_attempt.as_ref()),
            next_attempt_at: delivery
                .next_attempt_at_ms
                .and_then(|at_ms| Timestamp::from_millisecond(at_ms).ok()),
        },
        DeliveryStatus::Dead => ReceiptState::GivenUp {
            cause: cause_of(delivery.last_attempt.as_ref()),
        },
        DeliveryStatus::Suppressed => ReceiptState::Suppressed {
            reason: delivery.reason.as_deref().unwrap_or("unknown").replace('_', " "),
            remedy: delivery.remedy.clone().unwrap_or_default(),
        },
    }
}

fn cause_of(attempt: Option<&LastAttempt>) -> String {
    match attempt {
        Some(LastAttempt {
            status: Some(status), ..
        }) => format!("your bot answered {status}"),
        Some(LastAttempt { error: Some(error), .. }) => error.clone(),
        Some(_) | None => "no answer".to_owned(),
    }
}

/// Turns "delivered" into "answered 200 and sent nothing".
pub(super) fn mark_unanswered(receipts: &mut [Receipt], hint: &str) {
    for receipt in receipts {
        if receipt.state == ReceiptState::Delivered {
            receipt.state = ReceiptState::Unanswered { hint: hint.to_owned() };
        }
    }
}

/// Where all webhooks of an account are listed.
pub(super) fn inspector_of(username: &str) -> String {
    format!("/inspector?account={}", segment(username))
}

#[cfg(test)]
mod tests {
    use super::*;
    use selfsame_runtime::clock::ProcessTime;

    fn delivery(id: i64, app: &str, status: DeliveryStatus) -> DeliveryReceipt {
        DeliveryReceipt {
            id,
            app: Some(app.to_owned()),
            field: MESSAGES.to_owned(),
            status,
            reason: None,
            remedy: None,
            next_attempt_at_ms: None,
            created_at_ms: 0,
            last_attempt: None,
        }
    }

    #[test]
    fn two_flows_of_one_app_say_one_thing() {
        let (one, other) = (
            delivery(1, "demo", DeliveryStatus::Delivered),
            delivery(2, "demo", DeliveryStatus::Delivered),
        );
        let shown = receipts(&[&one, &other]);
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0].app, None);
    }

    #[test]
    fn two_apps_are_told_apart() {
        let (one, other) = (
            delivery(1, "demo", DeliveryStatus::Delivered),
            delivery(2, "second", DeliveryStatus::Pending),
        );
        let apps: Vec<_> = receipts(&[&one, &other])
            .into_iter()
            .map(|receipt| receipt.app.unwrap())
            .collect();
        assert_eq!(apps, ["demo", "second"]);
    }

    #[test]
    fn a_failure_says_what_the_bot_answered_and_when_it_is_tried_again() {
        let mut failed = delivery(1, "demo", DeliveryStatus::Failed);
        failed.next_attempt_at_ms = Some(60_000);
        failed.last_attempt = Some(LastAttempt {
            status: Some(500),
            error: None,
            ended_at: ProcessTime::from_millis(0),
        });
        let state = receipts(&[&failed]).remove(0).state;
        let ReceiptState::Failed { cause, next_attempt_at } = state else {
            panic!("{state:?}")
        };
        assert_eq!(cause, "your bot answered 500");
        assert_eq!(next_attempt_at.unwrap().as_second(), 60);
    }
}
