//! `selfsame tap`: a button tapped, and the answer when it arrives.

use selfsame_workbench::connection::HouseClient;
use selfsame_workbench::gestures::{Tap, Wait};
use serde_json::json;

use super::silence::{answer_text, nobody_answered, notes};
use crate::arguments::TapArgs;
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, args: TapArgs, printer: Printer) -> anyhow::Result<()> {
    let tap = Tap {
        acting: args.parties.acting,
        towards: args.parties.towards,
        mid: args.mid,
        button: args.button,
        ice_breaker: args.ice_breaker,
        menu: args.menu,
    };
    let (parties, tapped) = tap.make(house).await?;
    let gestured = tapped.gestured;
    if args.answer.no_wait {
        return printer.result(&gestured, || format!("{} tapped", parties.acting));
    }
    let wait = Wait {
        first_within: args.answer.within,
    };
    let answers = wait.for_answers(house, &parties, tapped.after).await?;
    let notes = notes(
        house,
        answers.is_empty(),
        &gestured.notifications,
        gestured.mid.as_deref(),
    )
    .await?;
    let document = json!({
        "mid": gestured.mid, "thread_id": gestured.thread_id, "notifications": gestured.notifications,
        "answers": answers, "deliveries": notes,
    });
    if printer.is_json() || !answers.is_empty() {
        printer.result(&document, || {
            answers.iter().map(answer_text).collect::<Vec<_>>().join("\n")
        })?;
    }
    if answers.is_empty() {
        nobody_answered(&notes, printer)
    } else {
        Ok(())
    }
}
