//! `selfsame import`: the world of a document in place of the one that is there.

use anyhow::Context as _;
use selfsame_workbench::connection::HouseClient;
use serde_json::Value;

use crate::arguments::ImportArgs;
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, args: &ImportArgs, printer: Printer) -> anyhow::Result<()> {
    let path = &args.file;
    let file = std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let answer = house.platform().upload("/_sim/import", file).await?;
    printer.result(&answer, || {
        let now = answer.pointer("/clock/now").and_then(Value::as_str).unwrap_or_default();
        format!("the world of {} is there; world time {now}", path.display())
    })
}
