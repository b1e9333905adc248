//! `selfsame roles`: who holds a role on an app, and who is invited to one.

use selfsame_workbench::connection::HouseClient;
use selfsame_workbench::gestures::{GestureError, Parties};
use serde_json::{Value, json};

use crate::arguments::{RolesArgs, RolesCommand};
use crate::output::{Printer, rows, word};

pub(super) async fn run(house: &HouseClient, args: RolesArgs, printer: Printer) -> anyhow::Result<()> {
    let platform = house.platform();
    let Some(command) = args.command else {
        return print(&platform.get("/_sim/roles", &[]).await?, printer);
    };
    let app = match args.app {
        Some(app) => app,
        None => only_app(house).await?,
    };
    let answer = match command {
        RolesCommand::Give {
            role,
            account,
            accepted,
        } => {
            let account = Parties::meant(house, account, None).await?.acting;
            let mut give = json!({"app": app, "account": account, "role": role.as_str()});
            if let (true, Some(give)) = (accepted, give.as_object_mut()) {
                give.insert("accepted".to_owned(), true.into());
            }
            platform.post("/_sim/roles", &give).await?
        }
        RolesCommand::Accept { account } => {
            let account = Parties::meant(house, account, None).await?.acting;
            let of = json!({"app": app, "account": account});
            platform.post("/_sim/roles/accept", &of).await?
        }
        RolesCommand::Remove { account } => {
            let account = Parties::meant(house, account, None).await?.acting;
            let of = json!({"app": app, "account": account});
            platform.delete("/_sim/roles", Some(&of)).await?
        }
    };
    print(&answer, printer)
}

async fn only_app(house: &HouseClient) -> anyhow::Result<String> {
    let world = house.world().await?;
    match world.apps.as_slice() {
        [app] => Ok(app.name.clone()),
        apps => {
            let names: Vec<&str> = apps.iter().map(|app| app.name.as_str()).collect();
            Err(GestureError::Missing(format!("say which app with --app: {}", names.join(", "))).into())
        }
    }
}

fn print(roles: &Value, printer: Printer) -> anyhow::Result<()> {
    printer.result(roles, || {
        let lines = rows(roles).iter().map(|role| {
            let waits = if role.get("accepted") == Some(&Value::Bool(true)) {
                ""
            } else {
                "  (invited)"
            };
            format!(
                "{}  {}  {}{waits}",
                word(role, "app"),
                word(role, "account"),
                word(role, "role")
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    })
}
