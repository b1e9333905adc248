//! `selfsame status`: is it up, and what is it doing.

use anyhow::Context as _;
use selfsame_workbench::connection::{Endpoint, HouseClient};
use serde_json::{Map, Value, json};

use crate::exit::{Ended, Exit};
use crate::output::{Printer, append};

pub(super) async fn run(house: &HouseClient, printer: Printer) -> anyhow::Result<()> {
    let world = house.world().await.context("the platform is not up")?;
    let platform_ready = is_ready(house.platform()).await;
    let mut report = Map::new();
    report.insert(
        "platform".to_owned(),
        json!({"url": address(house.platform()), "ready": platform_ready, "version": world.platform.version, "now": world.platform.now}),
    );
    let mut text = format!(
        "platform  {}  {}  world time {}",
        address(house.platform()),
        word(platform_ready),
        world.platform.now
    );
    let mut all_ready = platform_ready;
    match house.gateway().await? {
        None => {
            report.insert("gateway".to_owned(), Value::Null);
            text.push_str("\ngateway   none");
        }
        Some(gateway) => {
            let ready = is_ready(&gateway).await;
            all_ready &= ready;
            let status = if ready {
                gateway.get("/api/v1/status", &[]).await?
            } else {
                Value::Null
            };
            append(
                &mut text,
                format_args!("\ngateway   {}  {}{}", address(&gateway), word(ready), counts(&status)),
            );
            report.insert(
                "gateway".to_owned(),
                json!({"url": address(&gateway), "ready": ready, "status": status}),
            );
        }
    }
    printer.result(&Value::Object(report), || text)?;
    if all_ready {
        Ok(())
    } else {
        Err(Ended(Exit::Failure).into())
    }
}

/// The base URL of a half as people write it: without a slash at its end.
fn address(half: &Endpoint) -> &str {
    half.base().as_str().trim_end_matches('/')
}

/// Whether this half says that it is ready.
pub(super) async fn is_ready(half: &Endpoint) -> bool {
    half.get("/readyz", &[]).await.is_ok()
}

fn word(ready: bool) -> &'static str {
    if ready { "ready" } else { "not ready" }
}

fn counts(status: &Value) -> String {
    let mut text = String::new();
    for side in ["inbox", "outbox"] {
        let Some(by_state) = status.get(side).and_then(Value::as_object) else {
            continue;
        };
        let counted: Vec<String> = by_state
            .iter()
            .map(|(state, count)| format!("{state} {count}"))
            .collect();
        append(&mut text, format_args!("\n  {side:<7} {}", counted.join("  ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_name_every_state() {
        let status = json!({"inbox": {"ready": 1, "leased": 0, "dead": 0}, "outbox": {"in_doubt": 2}});
        assert_eq!(
            counts(&status),
            "\n  inbox   ready 1  leased 0  dead 0\n  outbox  in_doubt 2"
        );
        assert_eq!(counts(&Value::Null), "");
    }
}
