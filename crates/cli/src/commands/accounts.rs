//! `selfsame accounts`: the accounts that the gateway answers for.

use std::io::Read as _;

use anyhow::Context as _;
use selfsame_workbench::connection::{Endpoint, HouseClient};
use selfsame_workbench::world::Flow;
use serde_json::{Value, json};

use super::reconcile;
use crate::arguments::{AccountsArgs, AccountsCommand, AddAccountArgs};
use crate::output::{Printer, rows, word};

pub(super) async fn run(house: &HouseClient, args: AccountsArgs, printer: Printer) -> anyhow::Result<()> {
    let gateway = gateway_of(house).await?;
    match args.command.unwrap_or(AccountsCommand::List) {
        AccountsCommand::List => {
            let body = gateway.get("/api/v1/accounts", &[]).await?;
            printer.result(&body, || {
                rows(&body).iter().map(row_text).collect::<Vec<_>>().join("\n")
            })
        }
        AccountsCommand::Add(args) => {
            let flow = Flow::from(args.flow);
            let token = token(house, &args, flow).await?;
            let body = json!({"flow": flow.as_str(), "access_token": token});
            let account = gateway.post("/api/v1/accounts", &body).await?;
            printer.result(&account, || format!("connected {}", row_text(&account)))
        }
        AccountsCommand::Reconcile(args) => reconcile::run(&gateway, &args, printer).await,
    }
}

/// The gateway of this house.
pub(super) async fn gateway_of(house: &HouseClient) -> anyhow::Result<Endpoint> {
    house
        .gateway()
        .await?
        .context("this platform knows of no gateway; give --gateway-url URL")
}

async fn token(house: &HouseClient, args: &AddAccountArgs, flow: Flow) -> anyhow::Result<String> {
    if args.token_stdin {
        let mut text = String::new();
        std::io::stdin()
            .take(64 * 1024)
            .read_to_string(&mut text)
            .context("no token on standard input")?;
        return Ok(text.trim().to_owned());
    }
    let world = house.world().await?;
    let account = world.meant_account(args.account.as_deref())?;
    let token = account.token(flow, None).with_context(|| {
        format!(
            "@{} has granted nothing through the {} login",
            account.username,
            flow.as_str()
        )
    })?;
    Ok(token.access_token.clone())
}

fn row_text(account: &Value) -> String {
    let logins = account.get("logins").and_then(Value::as_array).into_iter().flatten();
    let flows: Vec<&str> = logins.map(|login| word(login, "flow")).collect();
    let reconnect = match account.get("needs_reconnect") {
        Some(Value::Bool(true)) => "  must be connected again",
        _ => "",
    };
    format!(
        "@{}  {}  {}  self IGSID {}{reconnect}",
        word(account, "username"),
        flows.join("+"),
        word(account, "ig_id"),
        word(account, "self_igsid")
    )
}
