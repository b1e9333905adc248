//! What a gesture's caller is told when no answer came, and how answers look.

use selfsame_workbench::connection::HouseClient;
use selfsame_workbench::gestures::{Answer, DeliveryNote, explain_silence};
use serde_json::Value;

use crate::exit::{Ended, Exit};
use crate::output::{Printer, append, remark, word};

/// Ends a gesture that nobody answered: says what became of its webhooks, and exits with "nothing came in time".
pub(super) fn nobody_answered(notes: &[DeliveryNote], printer: Printer) -> anyhow::Result<()> {
    if !printer.is_json() {
        remark("no answer came");
        for note in notes {
            remark(&format!("  {}", note.sentence));
        }
        if notes.is_empty() {
            remark("  no webhook was caused: is an app connected? `selfsame whoami` shows who has a token");
        }
    }
    Err(Ended(Exit::TimedOut).into())
}

/// What became of the webhooks, asked only when it will be told.
pub(super) async fn notes(
    house: &HouseClient,
    silent: bool,
    notifications: &[Value],
    subject: Option<&str>,
) -> anyhow::Result<Vec<DeliveryNote>> {
    if silent {
        Ok(explain_silence(house, notifications, subject).await?)
    } else {
        Ok(Vec::new())
    }
}

/// One answer as text: what it says, then its buttons and quick replies.
pub(super) fn answer_text(answer: &Answer) -> String {
    let mut text = match (&answer.text, answer.attachments.len()) {
        (Some(text), _) => text.clone(),
        (None, 0) => "(a message without text)".to_owned(),
        (None, count) => format!("({count} attachment{})", if count == 1 { "" } else { "s" }),
    };
    for button in &answer.buttons {
        let leads = button.payload.as_deref().or(button.url.as_deref()).unwrap_or_default();
        append(&mut text, format_args!("\n  [{}] {leads}", button.title));
    }
    for reply in &answer.quick_replies {
        let (title, payload) = (word(reply, "title"), word(reply, "payload"));
        append(&mut text, format_args!("\n  ({title}) {payload}"));
    }
    text
}
