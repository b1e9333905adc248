//! `selfsame blocks`: who has blocked or restricted whom.

use selfsame_workbench::connection::HouseClient;
use selfsame_workbench::gestures::Parties;
use serde_json::json;

use crate::arguments::{BlocksArgs, BlocksCommand};
use crate::output::{Printer, rows, word};

pub(super) async fn run(house: &HouseClient, args: BlocksArgs, printer: Printer) -> anyhow::Result<()> {
    let platform = house.platform();
    let blocks = match args.command {
        None => platform.get("/_sim/blocks", &[]).await?,
        Some(BlocksCommand::Add { who, acting, restrict }) => {
            let parties = Parties::meant(house, acting.acting, Some(who)).await?;
            let kind = if restrict { "restricted" } else { "blocked" };
            let block = json!({"as": parties.acting, "who": parties.towards, "kind": kind});
            platform.post("/_sim/blocks", &block).await?
        }
        Some(BlocksCommand::Remove { who, acting }) => {
            let parties = Parties::meant(house, acting.acting, Some(who)).await?;
            let block = json!({"as": parties.acting, "who": parties.towards});
            platform.delete("/_sim/blocks", Some(&block)).await?
        }
    };
    printer.result(&blocks, || {
        let line = |block| {
            format!(
                "{} → {}  {}",
                word(block, "as"),
                word(block, "who"),
                word(block, "kind")
            )
        };
        rows(&blocks).iter().map(line).collect::<Vec<_>>().join("\n")
    })
}
