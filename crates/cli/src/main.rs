//! The one binary: arguments, configuration, a call of a library, an exit code.
//!
//! It takes no decisions of its own: what a house is, what a gesture does and what an answer means is in `workbench`.

mod arguments;
mod commands;
mod configuration;
mod exit;
mod output;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use arguments::{Arguments, Command, CommonArgs};
use configuration::ConfigurationFile;
use exit::Exit;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let asks_for_json = words.iter().any(|word| word == "--json");
    let (common, command) = match parse(words) {
        Ok(parsed) => parsed,
        Err(error) if asks_for_json && error.use_stderr() => {
            output::failure(true, Exit::Usage, &anyhow::Error::msg(meaning(&error)));
            return Exit::Usage.into();
        }
        Err(error) => {
            // Help and version are errors to clap; it knows which stream and code each one takes.
            let code = u8::try_from(error.exit_code()).unwrap_or(1);
            return match error.print() {
                Ok(()) => ExitCode::from(code),
                Err(_) => Exit::Failure.into(),
            };
        }
    };
    match run(&common, command) {
        Ok(()) => Exit::Success.into(),
        Err(error) => {
            let exit = Exit::of(&error);
            if !error.is::<exit::Ended>() {
                output::failure(common.json, exit, &error);
            }
            exit.into()
        }
    }
}

/// What is wrong with the command line, without clap's paragraphs about usage.
fn meaning(error: &clap::Error) -> String {
    let text = error.to_string();
    let told = text.split("\n\nUsage:").next().unwrap_or_default();
    let told = told.split("\n\nFor more information").next().unwrap_or_default();
    let words: Vec<&str> = told.trim_start_matches("error: ").split_whitespace().collect();
    words.join(" ")
}

/// Reads the command line. No command means `start`, whose flags may then stand alone.
fn parse(words: Vec<OsString>) -> Result<(CommonArgs, Command), clap::Error> {
    let error = match Arguments::try_parse_from(&words) {
        Ok(Arguments {
            common,
            command: Some(command),
        }) => return Ok((common, command)),
        Ok(Arguments { command: None, .. }) => None,
        Err(error) => Some(error),
    };
    let begins_with_flag = words
        .get(1)
        .and_then(|word| word.to_str())
        .is_some_and(|word| word.starts_with('-'));
    match error {
        Some(error) if error.kind() != ErrorKind::UnknownArgument || !begins_with_flag => {
            return Err(error);
        }
        Some(_) | None => {}
    }
    let mut with_start = words;
    with_start.insert(with_start.len().min(1), "start".into());
    let Arguments { common, command } = Arguments::try_parse_from(with_start)?;
    match command {
        Some(command) => Ok((common, command)),
        None => Err(clap::Error::new(ErrorKind::MissingSubcommand)),
    }
}

fn run(common: &CommonArgs, command: Command) -> anyhow::Result<()> {
    let file = ConfigurationFile::read(common.config.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(commands::run(common, command, &file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> (CommonArgs, Command) {
        parse(line.split(' ').map(Into::into).collect()).unwrap()
    }

    #[test]
    fn the_bare_program_starts_a_house() {
        assert!(matches!(parsed("selfsame"), (_, Command::Start(_))));
        assert!(matches!(
            parsed("selfsame --json"),
            (CommonArgs { json: true, .. }, Command::Start(_))
        ));
    }

    #[test]
    fn flags_of_start_may_stand_without_it() {
        let (common, Command::Start(start)) = parsed("selfsame --port 0 --gateway-port 0 --json") else {
            panic!("not a start");
        };
        assert_eq!((start.port, start.gateway_port, common.json), (Some(0), Some(0), true));
    }

    #[test]
    fn shared_flags_may_stand_before_a_command() {
        assert!(matches!(
            parsed("selfsame --json status"),
            (CommonArgs { json: true, .. }, Command::Status)
        ));
    }

    #[test]
    fn what_is_wrong_with_a_command_line_is_one_sentence() {
        let wrong = |line: &str| meaning(&parse(line.split(' ').map(Into::into).collect()).unwrap_err());
        assert_eq!(
            wrong("selfsame dm --json"),
            "the following required arguments were not provided: <TEXT>"
        );
        assert!(wrong("selfsame env --flow nope").ends_with("[possible values: instagram, facebook]"));
    }

    #[test]
    fn an_unknown_flag_is_refused() {
        assert!(parse(vec!["selfsame".into(), "--prot".into(), "1".into()]).is_err());
    }
}
