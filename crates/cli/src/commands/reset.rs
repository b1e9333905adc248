//! `selfsame reset`: back to the demo world, or to none.

use selfsame_workbench::connection::HouseClient;
use serde_json::{Value, json};

use crate::arguments::ResetArgs;
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, args: &ResetArgs, printer: Printer) -> anyhow::Result<()> {
    let body = if args.empty { json!({"to": "empty"}) } else { json!({}) };
    let answer = house.platform().post("/_sim/reset", &body).await?;
    printer.result(&answer, || {
        let world = answer.get("world").and_then(Value::as_str).unwrap_or_default();
        match world {
            "demo" => "the demo world is back as it was made".to_owned(),
            _ => "the world is empty".to_owned(),
        }
    })
}
