//! `selfsame dead-letters`: webhooks that the gateway took in and could not decide.

use selfsame_workbench::connection::HouseClient;
use serde_json::{Value, json};

use super::accounts::gateway_of;
use crate::arguments::{DeadLettersArgs, DeadLettersCommand, ListDeadLettersArgs};
use crate::output::{Printer, append};

pub(super) async fn run(house: &HouseClient, args: DeadLettersArgs, printer: Printer) -> anyhow::Result<()> {
    let gateway = gateway_of(house).await?;
    let default = || {
        DeadLettersCommand::List(ListDeadLettersArgs {
            limit: 100,
            ..ListDeadLettersArgs::default()
        })
    };
    match args.command.unwrap_or_else(default) {
        DeadLettersCommand::List(args) => {
            let mut query = vec![("dead", (!args.all).to_string()), ("limit", args.limit.to_string())];
            query.extend(args.after.map(|after| ("after", after.to_string())));
            let body = gateway.get("/api/v1/deliveries", &query).await?;
            printer.result(&body, || list_text(&body))
        }
        DeadLettersCommand::Show { id } => {
            let body = gateway.get(&format!("/api/v1/deliveries/{id}"), &[]).await?;
            printer.result(&body, || {
                let delivery = body.get("delivery").map(row_text).unwrap_or_default();
                format!("{delivery}\n{}", word(&body, "body"))
            })
        }
        DeadLettersCommand::Replay { id } => {
            let answer = gateway
                .post(&format!("/api/v1/deliveries/{id}/replay"), &json!({}))
                .await?;
            let number = |name: &str| answer.get(name).and_then(Value::as_u64).unwrap_or_default();
            printer.result(&answer, || {
                format!(
                    "{} events are decided again, {} were left out",
                    number("queued"),
                    number("skipped")
                )
            })
        }
    }
}

fn list_text(body: &Value) -> String {
    let rows = body.get("data").and_then(Value::as_array).map(Vec::as_slice);
    let mut lines: Vec<String> = rows.unwrap_or_default().iter().map(row_text).collect();
    if let Some(next) = body.get("next").and_then(Value::as_str) {
        lines.push(format!("more: --after {next}"));
    }
    lines.join("\n")
}

/// A delivery, and a line for each of its events.
fn row_text(delivery: &Value) -> String {
    let length = delivery.get("length_bytes").and_then(Value::as_i64).unwrap_or_default();
    let mut text = format!(
        "{:>6}  {}  {} bytes  {}",
        word(delivery, "id"),
        word(delivery, "received_at"),
        length,
        word(delivery, "signed_with")
    );
    let events = delivery.get("events").and_then(Value::as_array).map(Vec::as_slice);
    for event in events.unwrap_or_default() {
        append(
            &mut text,
            format_args!(
                "\n        {}  {}  {}  {}",
                word(event, "id"),
                word(event, "kind"),
                word(event, "state"),
                word(event, "reason")
            ),
        );
    }
    text
}

fn word(object: &Value, name: &str) -> String {
    object.get(name).and_then(Value::as_str).unwrap_or("-").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_letter_is_told_with_what_became_of_its_events() {
        let page = json!({"data": [{"id": "3", "received_at": "T", "length_bytes": 12, "signed_with": "instagram",
            "events": [{"id": "e7", "kind": "message", "state": "unknown_account", "reason": "nobody"}]}], "next": "3"});
        assert_eq!(
            list_text(&page),
            "     3  T  12 bytes  instagram\n        e7  message  unknown_account  nobody\nmore: --after 3"
        );
    }
}
