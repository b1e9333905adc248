//! `selfsame start`, `platform`, `gateway`: a house, until Ctrl-C.

use std::io::IsTerminal as _;

use selfsame_workbench::gestures::is_self_thread_open;
use selfsame_workbench::house::{self, House, HouseOptions};
use selfsame_workbench::shutdown::Shutdown;
use selfsame_workbench::telemetry::{self, LogFormat};

use crate::arguments::CommonArgs;
use crate::configuration::ConfigurationFile;
use crate::output::{Printer, banner, ready_line, remark};

/// What is logged unless told otherwise: warnings, and each refusal of the Graph API or of a handshake with its reason.
const DEFAULT_LOG: &str = "warn,selfsame::refusal=info";

pub(super) async fn run(
    common: &CommonArgs,
    file: &ConfigurationFile,
    options: HouseOptions,
    printer: Printer,
) -> anyhow::Result<()> {
    let filter = common.log.as_deref().or(file.log.as_deref()).unwrap_or(DEFAULT_LOG);
    let format = if printer.is_json() {
        LogFormat::Json
    } else {
        LogFormat::Text
    };
    telemetry::init(format, filter, std::io::stderr().is_terminal())?;
    let shutdown = Shutdown::new();
    let signals = shutdown.clone();
    #[expect(
        clippy::disallowed_methods,
        reason = "the second signal drops what the tracker waits for, so it cannot be waited for itself"
    )]
    let listening = tokio::spawn(async move { signals.on_signals().await });
    let house = house::start(options, shutdown).await?;
    announce(&house, printer).await?;
    let ended = house.until_ended().await;
    listening.abort();
    match ended {
        Ok(()) if printer.is_json() => Ok(()),
        Ok(()) => {
            remark("ended");
            Ok(())
        }
        Err(unfinished) => Err(unfinished.into()),
    }
}

async fn announce(house: &House, printer: Printer) -> anyhow::Result<()> {
    if printer.is_json() {
        return printer.line(&ready_line(house).to_string());
    }
    let Some(client) = house.client().transpose()? else {
        return printer.line(banner(house, None, false).trim_end());
    };
    let world = client.world().await?;
    let is_open = match world.only_business() {
        Some(account) => is_self_thread_open(&client, &account.username).await?,
        None => false,
    };
    printer.line(banner(house, Some(&world), is_open).trim_end())
}
