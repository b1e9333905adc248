//! `selfsame listen`: live events in the terminal.

use anyhow::Context as _;
use selfsame_workbench::connection::HouseClient;
use selfsame_workbench::listening::{EventStream, Forwarder};
use serde_json::{Value, json};

use crate::arguments::ListenArgs;
use crate::output::{Printer, remark};

pub(super) async fn run(house: &HouseClient, args: &ListenArgs, printer: Printer) -> anyhow::Result<()> {
    if args.print_secret {
        let world = house.world().await?;
        let secrets: Vec<Value> = world
            .apps
            .iter()
            .map(|app| json!({"app": app.name, "instagram_app_secret": app.instagram_app_secret, "meta_app_secret": app.meta_app_secret}))
            .collect();
        return printer.result(&secrets, || {
            let lines = world.apps.iter().map(|app| {
                format!(
                    "{}: Instagram login signs with {}, Facebook login with {}",
                    app.name, app.instagram_app_secret, app.meta_app_secret
                )
            });
            lines.collect::<Vec<_>>().join("\n")
        });
    }
    let forwarder = args
        .forward_to
        .clone()
        .map(Forwarder::new)
        .transpose()
        .context("no HTTP client can be built")?;
    let mut stream = EventStream::open(house).await?;
    let mut count = 0;
    while args.count.is_none_or(|wanted| count < wanted) {
        let Some(event) = stream.next().await? else {
            break;
        };
        count += 1;
        printer.result(
            &json!({"id": event.id, "event": event.name, "data": event.data}),
            || event.line(),
        )?;
        if let Some(forwarder) = &forwarder
            && let Some(outcome) = forwarder.forward(&event).await
        {
            remark(&outcome);
        }
    }
    Ok(())
}
