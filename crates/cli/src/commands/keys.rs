//! `selfsame keys`: keys of the gateway's API.

use selfsame_workbench::connection::HouseClient;
use serde_json::{Value, json};

use super::accounts::gateway_of;
use crate::arguments::{KeysArgs, KeysCommand};
use crate::output::{Printer, rows, word};

pub(super) async fn run(house: &HouseClient, args: KeysArgs, printer: Printer) -> anyhow::Result<()> {
    let gateway = gateway_of(house).await?;
    match args.command.unwrap_or(KeysCommand::List) {
        KeysCommand::List => {
            let body = gateway.get("/api/v1/keys", &[("limit", "1000".to_owned())]).await?;
            printer.result(&body, || {
                rows(&body).iter().map(row_text).collect::<Vec<_>>().join("\n")
            })
        }
        KeysCommand::Add(args) => {
            let wanted = json!({"name": args.name, "scopes": args.scope});
            let made = gateway.post("/api/v1/keys", &wanted).await?;
            printer.result(&made, || word(&made, "key").to_owned())
        }
        KeysCommand::Revoke { id } => {
            gateway.delete(&format!("/api/v1/keys/{id}"), None).await?;
            printer.result(&json!({"revoked": id.to_string()}), || format!("revoked {id}"))
        }
    }
}

fn row_text(key: &Value) -> String {
    let scopes = key.get("scopes").and_then(Value::as_array).map(Vec::as_slice);
    let scopes: Vec<&str> = scopes.unwrap_or_default().iter().filter_map(Value::as_str).collect();
    let state = match key.get("revoked_at").and_then(Value::as_str) {
        Some(at) => format!("revoked {at}"),
        None => format!("last used {}", word(key, "last_used_at")),
    };
    format!(
        "{}  {}  {}  {}  {state}",
        word(key, "id"),
        word(key, "hint"),
        word(key, "name"),
        scopes.join(",")
    )
}
