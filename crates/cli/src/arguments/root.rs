//! The program, its commands, and the flags that all of them share.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use serde_json::Value;
use url::Url;

use super::{
    AccountsArgs, AutomationsArgs, BlocksArgs, ChaosArgs, ClockArgs, CommentArgs, DeadLettersArgs, DmArgs, DoctorArgs,
    EditArgs, EnvArgs, EventsArgs, ExportArgs, GatewayArgs, ImportArgs, KeysArgs, ListenArgs, MessageArgs,
    PlatformArgs, ReactArgs, ResetArgs, RolesArgs, SendArgs, StartArgs, SwitchesArgs, TapArgs, TriggerArgs, WhoamiArgs,
};

/// Instagram's Self Messaging, whole, on your own machine.
#[derive(Debug, Parser)]
#[command(
    name = "selfsame",
    version,
    about = "Instagram's Self Messaging, whole, on your own machine",
    long_about = "A faithful local Instagram (the platform) and the business app beside it (the gateway), wired over HTTP.\n\
                  Without a command it starts both, like `selfsame start`.",
    after_help = "Example:\n  selfsame                    start both halves and the demo world\n  \
                  selfsame dm menu            message yourself, and see the answer",
    max_term_width = 100,
    propagate_version = false
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub common: CommonArgs,
    /// What to do; `start` when absent.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CommonArgs {
    /// Answers in JSON, one document
    #[arg(long, global = true, env = "SELFSAME_JSON", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new(), help_heading = "Everywhere")]
    pub json: bool,
    /// The running platform [default: run.json of the data folder, else port 7353]
    #[arg(
        long,
        global = true,
        env = "SELFSAME_URL",
        hide_env_values = true,
        value_name = "URL",
        help_heading = "Everywhere"
    )]
    pub url: Option<Url>,
    /// The running gateway [default: run.json of the data folder, else what the platform says]
    #[arg(
        long,
        global = true,
        env = "SELFSAME_GATEWAY_URL",
        hide_env_values = true,
        value_name = "URL",
        help_heading = "Everywhere"
    )]
    pub gateway_url: Option<Url>,
    /// The data folder [default: the user's data folder]
    #[arg(
        long,
        global = true,
        env = "SELFSAME_DATA",
        hide_env_values = true,
        value_name = "DIR",
        help_heading = "Everywhere"
    )]
    pub data: Option<PathBuf>,
    /// The key of a house that is bound wider than loopback [default: DIR/admin-token]
    #[arg(
        long,
        global = true,
        env = "SELFSAME_ADMIN_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN",
        help_heading = "Everywhere"
    )]
    pub admin_token: Option<String>,
    /// The configuration file [default: ./selfsame.toml if it is there]
    #[arg(
        long,
        global = true,
        env = "SELFSAME_CONFIG",
        hide_env_values = true,
        value_name = "FILE",
        help_heading = "Everywhere"
    )]
    pub config: Option<PathBuf>,
    /// What is logged to standard error, as in `info,selfsame_gateway=debug` [default: warn]
    #[arg(
        long,
        global = true,
        env = "SELFSAME_LOG",
        hide_env_values = true,
        value_name = "FILTER",
        help_heading = "Everywhere"
    )]
    pub log: Option<String>,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start both halves and the demo world, wired to each other
    #[command(
        after_help = "Examples:\n  selfsame start\n  selfsame start --ephemeral --port 0 --gateway-port 0 --json\n  \
                            selfsame start --callback http://localhost:3000/webhook --verify-token secret"
    )]
    Start(Box<StartArgs>),
    /// Start the platform alone: a local Instagram for your own bot
    #[command(
        after_help = "Example:\n  selfsame platform --callback http://localhost:3000/webhook --verify-token secret"
    )]
    Platform(Box<PlatformArgs>),
    /// Start the gateway alone: the business app, against a platform or against Meta
    #[command(
        after_help = "Example:\n  selfsame env --gateway > .env && set -a && . ./.env && selfsame gateway --data gateway"
    )]
    Gateway(Box<GatewayArgs>),

    /// Is it up, and what is it doing
    #[command(after_help = "Example:\n  selfsame status --json")]
    Status,
    /// Whether it is ready, as an exit code
    #[command(after_help = "Example:\n  selfsame readyz --wait --timeout 30s")]
    Readyz(ReadyzArgs),
    /// Every app, account, id, token and URL
    #[command(after_help = "Example:\n  selfsame world --json | jq .accounts")]
    World,
    /// The identity card of one account: each id, and where it appears
    #[command(visible_alias = "ids", after_help = "Example:\n  selfsame whoami @luna.coffee")]
    Whoami(WhoamiArgs),
    /// A ready .env for the app under test
    #[command(
        after_help = "Examples:\n  selfsame env > .env\n  selfsame env --format github --map IG_TOKEN=INSTAGRAM_ACCESS_TOKEN >> $GITHUB_ENV\n  \
                            selfsame env --gateway"
    )]
    Env(EnvArgs),

    /// Type a message on somebody's phone; without --as and --to: message yourself
    #[command(
        after_help = "Examples:\n  selfsame dm menu\n  selfsame dm --share <MEDIA_ID>\n  selfsame dm \"hi there\" --as @sam --to @luna.coffee"
    )]
    Dm(DmArgs),
    /// Tap a button, an ice breaker or a menu item
    #[command(after_help = "Examples:\n  selfsame tap Coffee\n  selfsame tap --as @sam --to @luna.coffee 0")]
    Tap(TapArgs),
    /// Comment below a post
    #[command(after_help = "Example:\n  selfsame comment \"price?\"")]
    Comment(CommentArgs),
    /// React to a message
    #[command(after_help = "Example:\n  selfsame react <MID> --emoji 😍")]
    React(ReactArgs),
    /// Mark a message as seen
    #[command(after_help = "Example:\n  selfsame seen <MID> --as @sam")]
    Seen(MessageArgs),
    /// Edit a message
    #[command(after_help = "Example:\n  selfsame edit <MID> \"what I meant\"")]
    Edit(EditArgs),
    /// Take a message back
    #[command(after_help = "Example:\n  selfsame unsend <MID>")]
    Unsend(MessageArgs),
    /// Send one message as the business, through the Graph API
    #[command(after_help = "Examples:\n  selfsame send \"Hello from your IG Pro account!\"\n  \
                            selfsame send --to @sam --flow facebook \"Your order is ready\"")]
    Send(SendArgs),

    /// Send any documented webhook event, without a gesture behind it
    #[command(after_help = "Examples:\n  selfsame trigger story_insights\n  \
                            selfsame trigger message --as @sam --override message.text=hi --remove timestamp\n  \
                            selfsame trigger comments --dashboard")]
    Trigger(Box<TriggerArgs>),

    /// The delivery log: what was sent to callbacks, and what was not and why
    #[command(
        after_help = "Examples:\n  selfsame events\n  selfsame events list --status suppressed\n  selfsame events resend 12"
    )]
    Events(EventsArgs),
    /// Live events in the terminal
    #[command(after_help = "Example:\n  selfsame listen --forward-to http://localhost:3000/webhook")]
    Listen(ListenArgs),
    /// World time: look at it, move it, stop it
    #[command(after_help = "Examples:\n  selfsame clock\n  selfsame clock advance 25h")]
    Clock(ClockArgs),
    /// Fidelity switches: look at them, set them
    #[command(after_help = "Examples:\n  selfsame switches\n  selfsame switches login.auto_consent=@luna.coffee")]
    Switches(SwitchesArgs),
    /// Faults: look at them, set them, clear them
    #[command(after_help = "Examples:\n  selfsame chaos\n  \
                            selfsame chaos set '{\"rules\":[{\"target\":\"delivery\",\"fault\":\"duplicate\",\"times\":1}]}'\n  selfsame chaos clear")]
    Chaos(ChaosArgs),
    /// Roles on an app and invitations to them: look at them, give, accept, take away
    #[command(after_help = "Examples:\n  selfsame roles give instagram_tester @sam\n  selfsame roles accept @sam")]
    Roles(RolesArgs),
    /// Who has blocked or restricted whom: look at it, block, restrict, take it back
    #[command(after_help = "Examples:\n  selfsame blocks add @sam\n  selfsame blocks remove @sam")]
    Blocks(BlocksArgs),
    /// Copy the platform's whole world into one document
    #[command(after_help = "Examples:\n  selfsame export world.json\n  selfsame export | jq .clock")]
    Export(ExportArgs),
    /// Put the world of a document in place of the one that is there
    #[command(after_help = "Example:\n  selfsame import world.json")]
    Import(ImportArgs),
    /// Go back to the demo world, with the ids, secrets and tokens it was made with; after `--empty` too
    #[command(after_help = "Examples:\n  selfsame reset\n  selfsame reset --empty")]
    Reset(ResetArgs),

    /// The gateway's automations: check a file, publish the draft, list what runs
    #[command(
        after_help = "Examples:\n  selfsame automations validate automations.yaml\n  selfsame automations publish"
    )]
    Automations(AutomationsArgs),
    /// The accounts that the gateway answers for
    #[command(after_help = "Examples:\n  selfsame accounts\n  selfsame accounts add @luna.coffee --flow facebook")]
    Accounts(AccountsArgs),
    /// Webhooks that could not be decided: list them, show one, decide one again
    #[command(after_help = "Examples:\n  selfsame dead-letters\n  selfsame dead-letters replay 12")]
    DeadLetters(DeadLettersArgs),
    /// Keys of the gateway's API: make one, list them with their last use, revoke one
    #[command(after_help = "Examples:\n  selfsame keys add \"the CRM\" --scope read,send\n  selfsame keys revoke 1")]
    Keys(KeysArgs),
    /// Look at everything that answering depends on, and say what is wrong and what to do
    #[command(after_help = "Examples:\n  selfsame doctor\n  selfsame doctor --live --json\n\n\
                      Exit code 0: nothing is broken (warnings may be there); 1: something is; 3: no gateway answers.")]
    Doctor(DoctorArgs),

    /// Completions for your shell
    #[command(after_help = "Example:\n  selfsame completions bash > /etc/bash_completion.d/selfsame")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// The manual
    #[command(after_help = "Example:\n  selfsame man > selfsame.1")]
    Man(ManArgs),
}

/// How long to be patient.
#[derive(Debug, Args)]
pub(crate) struct ReadyzArgs {
    /// Keep asking until it is ready
    #[arg(long)]
    pub wait: bool,
    /// Give up after this long
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = parse_duration)]
    pub timeout: Duration,
}

/// How the manual is written.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// roff for `man`, markdown for people
    #[arg(long, value_enum, default_value = "roff")]
    pub format: ManFormat,
}

/// How the manual is written.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum ManFormat {
    Roff,
    Markdown,
}

/// Reads `500ms`, `10s`, `5m`, `25h`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let split = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: u64 = number
        .parse()
        .map_err(|_| format!("`{text}` is not a time such as 500ms, 10s, 5m or 25h"))?;
    let milliseconds = match unit {
        "ms" => Some(number),
        "s" => number.checked_mul(1_000),
        "m" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        _ => return Err(format!("`{text}` needs a unit: ms, s, m or h")),
    };
    milliseconds
        .map(Duration::from_millis)
        .ok_or_else(|| format!("`{text}` is too long"))
}

/// Reads `message.text=hi`, `webhooks.batching=true`: a name and a value, JSON where it is some.
pub(crate) fn parse_assignment(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` has no value: write {text}=VALUE"))?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((name.to_owned(), value))
}

/// Reads a JSON document.
pub(crate) fn parse_json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("this is not JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_a_number_and_a_unit() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("25h"), Ok(Duration::from_hours(25)));
        for wrong in [
            "",
            "5",
            "s",
            "1.5s",
            "-1s",
            "99999999999999999999h",
            "18446744073709551615h",
        ] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn words_that_are_no_json_need_no_quotes() {
        for (text, value) in [
            ("a=true", Value::Bool(true)),
            ("a=@luna.coffee", "@luna.coffee".into()),
            ("a=\"7\"", "7".into()),
            ("a=", "".into()),
            ("a=b=c", "b=c".into()),
        ] {
            assert_eq!(parse_assignment(text), Ok(("a".to_owned(), value)), "{text}");
        }
        assert!(parse_assignment("a").is_err());
    }

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    /// Both would be one argument to clap, and whoever uses the command would see it panic.
    #[test]
    fn no_argument_of_a_command_has_the_name_of_one_that_stands_everywhere() {
        use clap::CommandFactory as _;
        fn look(command: &clap::Command, everywhere: &[String]) {
            let own = command.get_arguments().filter(|argument| !argument.is_global_set());
            for argument in own {
                let id = argument.get_id().to_string();
                assert!(!everywhere.contains(&id), "{} {id}", command.get_name());
            }
            for below in command.get_subcommands() {
                look(below, everywhere);
            }
        }
        let all = Arguments::command();
        let global = all.get_arguments().filter(|argument| argument.is_global_set());
        let everywhere: Vec<String> = global.map(|argument| argument.get_id().to_string()).collect();
        assert!(everywhere.contains(&"json".to_owned()));
        look(&all, &everywhere);
    }

    #[test]
    fn every_command_shows_an_example() {
        use clap::CommandFactory as _;
        for command in Arguments::command().get_subcommands() {
            let example = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(example.contains("selfsame "), "{} has no example", command.get_name());
        }
    }
}
