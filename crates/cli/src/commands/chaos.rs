//! `selfsame chaos`: faults on demand.

use anyhow::Context as _;
use selfsame_workbench::connection::HouseClient;
use serde_json::Value;

use crate::arguments::{ChaosArgs, ChaosCommand};
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, args: ChaosArgs, printer: Printer) -> anyhow::Result<()> {
    let platform = house.platform();
    let answer = match args.command {
        None => platform.get("/_sim/chaos", &[]).await?,
        Some(ChaosCommand::Set { json }) => {
            let rules: Value = serde_json::from_str(&json).context("the rules are not JSON")?;
            platform.put("/_sim/chaos", &rules).await?
        }
        Some(ChaosCommand::Clear) => platform.delete("/_sim/chaos").await?,
    };
    printer.result(&answer, || format!("{answer:#}"))
}
