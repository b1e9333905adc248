//! `selfsame env`: the settings of the app under test.

use selfsame_workbench::connection::HouseClient;
use selfsame_workbench::environment::{Environment, Format};

use crate::arguments::{EnvArgs, EnvFormat};
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, args: &EnvArgs, printer: Printer) -> anyhow::Result<()> {
    let world = house.world().await?;
    let account = world.meant_account(args.account.as_deref())?;
    let environment = if args.gateway {
        Environment::for_gateway(&world, account)?
    } else {
        Environment::for_app(&world, account, args.flow.map(Into::into))?
    };
    let format = if printer.is_json() {
        EnvFormat::Json
    } else {
        args.format
    };
    let format = match format {
        EnvFormat::Dotenv => Format::Dotenv,
        EnvFormat::Json => Format::Json,
        EnvFormat::Github => Format::Github,
    };
    printer.line(environment.with_mappings(&args.map)?.render(format)?.trim_end())
}
