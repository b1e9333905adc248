//! `selfsame readyz`: ready or not, as an exit code.

use std::time::Duration;

use selfsame_workbench::connection::HouseClient;
use serde_json::json;

use super::status::is_ready;
use crate::arguments::ReadyzArgs;
use crate::exit::{Ended, Exit};
use crate::output::{Printer, remark};

/// How often to ask.
const PERIOD: Duration = Duration::from_millis(100);

pub(super) async fn run(house: &HouseClient, args: &ReadyzArgs, printer: Printer) -> anyhow::Result<()> {
    let ready = if args.wait {
        tokio::time::timeout(args.timeout, until_ready(house)).await.is_ok()
    } else {
        all_ready(house).await
    };
    let url = house.platform().base().as_str();
    if !ready {
        if printer.is_json() {
            printer.line(&json!({"ready": false, "platform": url}).to_string())?;
        } else {
            remark(&format!("selfsame: {url} is not ready"));
        }
        return Err(Ended(if args.wait { Exit::TimedOut } else { Exit::Unreachable }).into());
    }
    printer.result(&json!({"ready": true, "platform": url}), || format!("ready: {url}"))
}

async fn until_ready(house: &HouseClient) {
    let mut period = tokio::time::interval(PERIOD);
    loop {
        period.tick().await;
        if all_ready(house).await {
            return;
        }
    }
}

/// The platform, and the gateway if it knows of one.
async fn all_ready(house: &HouseClient) -> bool {
    if !is_ready(house.platform()).await {
        return false;
    }
    match house.gateway().await {
        Ok(Some(gateway)) => is_ready(&gateway).await,
        Ok(None) => true,
        Err(_) => false,
    }
}
