//! `selfsame accounts reconcile`: what Instagram has and what never arrived.

use std::time::Duration;

use selfsame_workbench::connection::{CallError, Endpoint};
use serde_json::{Value, json};

use crate::arguments::ReconcileArgs;
use crate::exit::{Ended, Exit};
use crate::output::{Printer, append, remark};

/// How often to ask whether the comparison is over.
const PERIOD: Duration = Duration::from_millis(250);

pub(super) async fn run(gateway: &Endpoint, args: &ReconcileArgs, printer: Printer) -> anyhow::Result<()> {
    let account = args.account.trim_start_matches('@');
    let path = format!("/api/v1/accounts/{account}/reconciliation");
    gateway.post(&path, &json!({"hours": args.hours})).await?;
    let Ok(report) = tokio::time::timeout(args.timeout, until_over(gateway, &path)).await else {
        remark("selfsame: the comparison is not over yet; ask again later");
        return Err(Ended(Exit::TimedOut).into());
    };
    let mut result = report?;
    if args.replay {
        let replayed = gateway.post(&format!("{path}/replay"), &json!({})).await?;
        if let Some(result) = result.as_object_mut() {
            result.insert("replayed".to_owned(), replayed);
        }
    }
    printer.result(&result, || text_of(&result))?;
    if result.get("state").and_then(Value::as_str) == Some("failed") {
        return Err(Ended(Exit::Failure).into());
    }
    Ok(())
}

async fn until_over(gateway: &Endpoint, path: &str) -> Result<Value, CallError> {
    let mut period = tokio::time::interval(PERIOD);
    loop {
        period.tick().await;
        let report = gateway.get(path, &[]).await?;
        let state = report.get("state").and_then(Value::as_str).unwrap_or_default();
        if !matches!(state, "waiting" | "running") {
            return Ok(report);
        }
    }
}

fn text_of(report: &Value) -> String {
    let number = |name: &str| report.get(name).and_then(Value::as_u64).unwrap_or_default();
    let gaps = list(report, "gaps");
    let mut text = format!(
        "{}: {} messages of {} conversations and {} comments of {} posts were compared; {} never arrived\n",
        word(report, "state"),
        number("messages"),
        number("conversations"),
        number("comments"),
        number("media"),
        gaps.len()
    );
    for gap in gaps {
        let own = gap.get("own").and_then(Value::as_bool).unwrap_or_default();
        let who = if own {
            "the business itself".to_owned()
        } else {
            who_of(gap)
        };
        let fate = match (flag(gap, "replayed"), flag(gap, "replayable")) {
            (true, _) => "  (brought in)",
            (false, true) => "",
            (false, false) => "  (too little is known to bring it in)",
        };
        append(
            &mut text,
            format_args!(
                "  {}  {}  {}  {}: {}{fate}\n",
                word(gap, "created_at"),
                word(gap, "kind"),
                word(gap, "id"),
                who,
                word(gap, "text")
            ),
        );
    }
    for note in list(report, "notes").iter().filter_map(Value::as_str) {
        append(&mut text, format_args!("  note: {note}\n"));
    }
    if let Some(error) = report.get("error").and_then(Value::as_str) {
        append(&mut text, format_args!("  {error}\n"));
    }
    if let Some(replayed) = report.get("replayed") {
        append(
            &mut text,
            format_args!(
                "{} brought in, {} left out\n",
                list(replayed, "queued").len(),
                list(replayed, "skipped").len()
            ),
        );
    }
    text.trim_end().to_owned()
}

fn who_of(gap: &Value) -> String {
    match gap.get("username").and_then(Value::as_str) {
        Some(username) => format!("@{username}"),
        None => word(gap, "person"),
    }
}

fn list<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    object
        .get(name)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn flag(object: &Value, name: &str) -> bool {
    object.get(name).and_then(Value::as_bool).unwrap_or_default()
}

fn word(object: &Value, name: &str) -> String {
    object.get(name).and_then(Value::as_str).unwrap_or("-").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_is_missing_and_what_became_of_it() {
        let report = json!({"state": "done", "conversations": 1, "messages": 2, "media": 1, "comments": 3, "gaps": [
            {"id": "m1", "kind": "message", "own": false, "person": "9", "text": "menu", "created_at": "T",
             "replayable": true, "replayed": false},
            {"id": "c1", "kind": "comment", "own": true, "username": "luna", "text": "hi", "replayable": false}],
            "notes": ["a note"], "error": null, "replayed": {"queued": ["m1"], "skipped": ["c1"]}});
        assert_eq!(
            text_of(&report),
            "done: 2 messages of 1 conversations and 3 comments of 1 posts were compared; 2 never arrived\n  \
             T  message  m1  9: menu\n  \
             -  comment  c1  the business itself: hi  (too little is known to bring it in)\n  \
             note: a note\n\
             1 brought in, 1 left out"
        );
    }
}
