//! From the parsed command to its file.

use selfsame_workbench::connection::HouseClient;

use super::{
    accounts, automations, blocks, chaos, clock, comment, completions, dead_letters, dm, doctor, env, events, export,
    house, import, keys, listen, man, message_gestures, readyz, reset, roles, send, status, switches, tap, trigger,
    whoami, world,
};
use crate::arguments::{Command, CommonArgs};
use crate::configuration::{self, ConfigurationFile};
use crate::output::Printer;

/// Runs one command.
///
/// # Errors
/// Whatever stopped it; [`crate::exit::Exit::of`] knows the code.
pub(crate) async fn run(common: &CommonArgs, command: Command, file: &ConfigurationFile) -> anyhow::Result<()> {
    let printer = Printer::new(common.json);
    let client = || -> anyhow::Result<HouseClient> { configuration::house_client(common, file) };
    match command {
        Command::Start(args) => {
            Box::pin(house::run(
                common,
                file,
                configuration::start_options(common, *args, file)?,
                printer,
            ))
            .await
        }
        Command::Platform(args) => {
            Box::pin(house::run(
                common,
                file,
                configuration::platform_options(common, *args, file)?,
                printer,
            ))
            .await
        }
        Command::Gateway(args) => {
            Box::pin(house::run(
                common,
                file,
                configuration::gateway_options(common, *args, file)?,
                printer,
            ))
            .await
        }
        Command::Status => status::run(&client()?, printer).await,
        Command::Readyz(args) => readyz::run(&client()?, &args, printer).await,
        Command::World => world::run(&client()?, printer).await,
        Command::Whoami(args) => whoami::run(&client()?, &args, printer).await,
        Command::Env(args) => env::run(&client()?, &args, printer).await,
        Command::Dm(args) => dm::run(&client()?, args, printer).await,
        Command::Tap(args) => tap::run(&client()?, args, printer).await,
        Command::Comment(args) => comment::run(&client()?, args, printer).await,
        Command::React(args) => message_gestures::react(&client()?, args, printer).await,
        Command::Seen(args) => message_gestures::seen(&client()?, args, printer).await,
        Command::Edit(args) => message_gestures::edit(&client()?, args, printer).await,
        Command::Unsend(args) => message_gestures::unsend(&client()?, args, printer).await,
        Command::Send(args) => send::run(&client()?, args, printer).await,
        Command::Trigger(args) => trigger::run(&client()?, *args, printer).await,
        Command::Events(args) => events::run(&client()?, args, printer).await,
        Command::Listen(args) => listen::run(&client()?, &args, printer).await,
        Command::Clock(args) => clock::run(&client()?, args, printer).await,
        Command::Switches(args) => switches::run(&client()?, args, printer).await,
        Command::Chaos(args) => chaos::run(&client()?, args, printer).await,
        Command::Roles(args) => roles::run(&client()?, args, printer).await,
        Command::Blocks(args) => blocks::run(&client()?, args, printer).await,
        Command::Export(args) => export::run(&client()?, &args, printer).await,
        Command::Import(args) => import::run(&client()?, &args, printer).await,
        Command::Reset(args) => reset::run(&client()?, &args, printer).await,
        Command::Automations(args) => automations::run(common, file, args, printer).await,
        Command::Accounts(args) => accounts::run(&client()?, args, printer).await,
        Command::DeadLetters(args) => dead_letters::run(&client()?, args, printer).await,
        Command::Keys(args) => keys::run(&client()?, args, printer).await,
        Command::Doctor(args) => doctor::run(&client()?, &args, printer).await,
        Command::Completions { shell } => completions::run(shell, printer),
        Command::Man(args) => man::run(&args, printer),
    }
}
