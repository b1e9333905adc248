//! `selfsame trigger`: any documented event, without a gesture behind it.

use selfsame_workbench::connection::HouseClient;
use selfsame_workbench::gestures::{Trigger, explain_silence};
use serde_json::{Value, json};

use crate::arguments::{FlowName, TriggerArgs};
use crate::output::{Printer, append};

pub(super) async fn run(house: &HouseClient, args: TriggerArgs, printer: Printer) -> anyhow::Result<()> {
    let trigger = Trigger {
        event: args.event,
        acting: args.parties.acting,
        towards: args.parties.towards,
        changes: args.overrides.into_iter().chain(args.additions).collect(),
        removals: args.removals,
        raw: args.raw.map(body),
        dashboard: args.dashboard,
        flow: args.flow.map(|flow| match flow {
            FlowName::Instagram => "instagram".to_owned(),
            FlowName::Facebook => "facebook".to_owned(),
        }),
    };
    let triggered = trigger.make(house).await?;
    let notes = explain_silence(house, &triggered.notifications, None).await?;
    let document = json!({"notifications": triggered.notifications, "deliveries": notes});
    printer.result(&document, || {
        let count = triggered.notifications.len();
        let mut text = format!("{count} webhook{} caused", if count == 1 { "" } else { "s" });
        for note in notes.iter().filter(|note| note.status == "suppressed") {
            append(&mut text, format_args!("\n  {}", note.sentence));
        }
        text
    })
}

/// JSON where it is some; any other text is sent as it is.
fn body(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}
