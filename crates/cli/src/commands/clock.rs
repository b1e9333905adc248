//! `selfsame clock`: world time.

use selfsame_workbench::connection::HouseClient;
use serde_json::{Value, json};

use crate::arguments::{ClockArgs, ClockCommand};
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, args: ClockArgs, printer: Printer) -> anyhow::Result<()> {
    let platform = house.platform();
    let status = match args.command {
        None => platform.get("/_sim/clock", &[]).await?,
        Some(ClockCommand::Advance { by }) => platform.post("/_sim/clock", &json!({"advance": by})).await?,
        Some(ClockCommand::Freeze { at }) => {
            let at = match at {
                Some(at) => at.into(),
                None => platform.get("/_sim/clock", &[]).await?["now"].take(),
            };
            platform.post("/_sim/clock", &json!({"freeze": at})).await?
        }
        Some(ClockCommand::Resume) => platform.post("/_sim/clock", &json!({"resume": true})).await?,
    };
    printer.result(&status, || {
        let frozen = status.get("frozen").and_then(Value::as_bool).unwrap_or_default();
        let now = status.get("now").and_then(Value::as_str).unwrap_or_default();
        format!("world time {now}{}", if frozen { ", stopped" } else { "" })
    })
}
