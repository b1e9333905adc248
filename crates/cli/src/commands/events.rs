//! `selfsame events`: the delivery log.

use selfsame_workbench::connection::HouseClient;
use serde_json::{Value, json};

use crate::arguments::{BrokenSignature, EventsArgs, EventsCommand, ListEventsArgs};
use crate::exit::{Ended, Exit};
use crate::output::{Printer, remark};

/// The most that one page of the log holds.
const WHOLE_LOG: u32 = 10_000;

pub(super) async fn run(house: &HouseClient, args: EventsArgs, printer: Printer) -> anyhow::Result<()> {
    match args.command {
        EventsCommand::List(args) => list(house, args, printer).await,
        EventsCommand::Get { id } => get(house, &id, printer).await,
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

async fn get(house: &HouseClient, id: &str, printer: Printer) -> anyhow::Result<()> {
    let body = house
        .platform()
        .get("/_sim/deliveries", &[("limit", WHOLE_LOG.to_string())])
        .await?;
    let wanted = |row: &&Value| row.get("id").is_some_and(|found| plain(found) == id);
    let Some(delivery) = rows(&body).iter().find(wanted) else {
        remark(&format!(
            "selfsame: there is no delivery {id} among the last {WHOLE_LOG}"
        ));
        return Err(Ended(Exit::Refused).into());
    };
    printer.result(delivery, || format!("{delivery:#}"))
}

fn rows(body: &Value) -> &[Value] {
    body.get("data")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
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
