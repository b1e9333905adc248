//! `selfsame chaos`: faults on demand.

use selfsame_workbench::connection::HouseClient;

use crate::arguments::{ChaosArgs, ChaosCommand};
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, args: ChaosArgs, printer: Printer) -> anyhow::Result<()> {
    let platform = house.platform();
    let answer = match args.command {
        None => platform.get("/_sim/chaos", &[]).await?,
        Some(ChaosCommand::Set { rules }) => platform.put("/_sim/chaos", &rules).await?,
        Some(ChaosCommand::Clear) => platform.delete("/_sim/chaos", None).await?,
    };
    printer.result(&answer, || format!("{answer:#}"))
}
