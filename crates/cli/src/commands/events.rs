//! `selfsame events`: the delivery log.

use selfsame_workbench::connection::HouseClient;
use selfsame_workbench::gestures::GestureError;
use serde_json::{Value, json};

use crate::arguments::{BrokenSignature, EventsArgs, EventsCommand, ListEventsArgs};
use crate::output::{Printer, rows};

pub(super) async fn run(house: &HouseClient, args: EventsArgs, printer: Printer) -> anyhow::Result<()> {
    match args.command.unwrap_or(EventsCommand::List(ListEventsArgs::default())) {
        EventsCommand::List(args) => list(house, args, printer).await,
        EventsCommand::Get { id } => get(house, id, printer).await,
        EventsCommand::Resend(args) => {
            let body = match args.signature {
                None => json!({}),
                Some(BrokenSignature::Missing) => json!({"signature": "missing"}),
                Some(BrokenSignature::Invalid) => json!({"signature": "invalid"}),
            };
            let answer = house
                .platform()
                .post(&format!("/_sim/deliveries/{}/resend", args.id), &body)
                .await?;
            printer.result(&answer, || format!("delivery {} is sent again", args.id))
        }
    }
}

async fn list(house: &HouseClient, args: ListEventsArgs, printer: Printer) -> anyhow::Result<()> {
    let filters = [
        ("status", args.status),
        ("app", args.app),
        ("account", args.account),
        ("field", args.field),
        ("mid", args.mid),
        ("after", args.after),
        ("limit", args.limit.map(|limit| limit.to_string())),
    ];
    let query: Vec<(&str, String)> = filters
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| (name, value)))
        .collect();
    let body = house.platform().get("/_sim/deliveries", &query).await?;
    printer.result(&body, || {
        rows(&body).iter().map(row_text).collect::<Vec<_>>().join("\n")
    })
}

async fn get(house: &HouseClient, id: i64, printer: Printer) -> anyhow::Result<()> {
    let next = [("after", id.saturating_sub(1).to_string()), ("limit", "1".to_owned())];
    let body = house.platform().get("/_sim/deliveries", &next).await?;
    let wanted = |row: &&Value| row.get("id").and_then(Value::as_i64) == Some(id);
    let Some(delivery) = rows(&body).iter().find(wanted) else {
        return Err(
            GestureError::Missing(format!("there is no delivery {id}; `selfsame events list` shows them")).into(),
        );
    };
    printer.result(delivery, || format!("{delivery:#}"))
}

fn row_text(row: &Value) -> String {
    let word = |name: &str| row.get(name).map(plain).unwrap_or_default();
    let attempts = row
        .get("attempts")
        .and_then(Value::as_array)
        .map(Vec::len)
        .unwrap_or_default();
    let reason = row
        .get("reason")
        .and_then(Value::as_str)
        .map(|reason| format!("  {reason}"))
        .unwrap_or_default();
    format!(
        "{:>6}  {:<10}  {:<20} @{}  {attempts} attempts{reason}",
        word("id"),
        word("status"),
        word("field"),
        word("account")
    )
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_was_not_sent_and_why() {
        let row = json!({"id": 3, "status": "suppressed", "field": "messages", "account": "luna.coffee", "attempts": [], "reason": "no permission"});
        assert_eq!(
            row_text(&row),
            "     3  suppressed  messages             @luna.coffee  0 attempts  no permission"
        );
    }
}
