//! `selfsame automations`: check a file, publish the draft, list what runs.

use selfsame_workbench::automations::{self, ValidationError};
use serde_json::{Value, json};

use super::accounts::gateway_of;
use crate::arguments::{AutomationsArgs, AutomationsCommand, CommonArgs, ValidateArgs};
use crate::configuration::{self, ConfigurationFile};
use crate::exit::{Ended, Exit};
use crate::output::{Printer, append, remark};

pub(super) async fn run(
    common: &CommonArgs,
    file: &ConfigurationFile,
    args: AutomationsArgs,
    printer: Printer,
) -> anyhow::Result<()> {
    match args.command {
        AutomationsCommand::Validate(args) => validate(common, file, args, printer),
        AutomationsCommand::Schema => printer.line(&format!("{:#}", automations::schema())),
        AutomationsCommand::Publish => {
            let gateway = gateway_of(&configuration::house_client(common, file)?).await?;
            let published = gateway.post("/api/v1/automations/publish", &json!({})).await?;
            printer.result(&published, || "the draft is published".to_owned())
        }
        AutomationsCommand::List => {
            let gateway = gateway_of(&configuration::house_client(common, file)?).await?;
            let lanes = gateway.get("/api/v1/automations", &[]).await?;
            printer.result(&lanes, || lanes_text(&lanes))
        }
    }
}

fn validate(common: &CommonArgs, file: &ConfigurationFile, args: ValidateArgs, printer: Printer) -> anyhow::Result<()> {
    let path = match args.file.or_else(|| file.automations.clone()) {
        Some(path) => path,
        None => configuration::data_folder(common, file)?.join("automations.yaml"),
    };
    match automations::validate(&path) {
        Ok(valid) => printer.result(&json!({"valid": true, "file": valid}), || {
            let count = valid.automations.len();
            let mut text = format!(
                "{}: {count} automation{}, no mistakes",
                path.display(),
                if count == 1 { "" } else { "s" }
            );
            for warning in &valid.warnings {
                append(&mut text, format_args!("\n{}: {warning}", path.display()));
            }
            text
        }),
        Err(mistake) => {
            if printer.is_json() {
                let problems = match &mistake {
                    ValidationError::Mistaken { problems, .. } => json!(problems),
                    ValidationError::Unreadable { .. } => json!([]),
                };
                printer
                    .line(&json!({"valid": false, "error": mistake.to_string(), "problems": problems}).to_string())?;
            } else {
                remark(&mistake.to_string());
            }
            Err(Ended(Exit::Refused).into())
        }
    }
}

/// Each lane with its version and its automations; the text of the files stays out.
fn lanes_text(lanes: &Value) -> String {
    let mut text = String::new();
    for (lane, runs_for) in [
        ("draft", "the owner, in the thread with herself"),
        ("published", "everybody else"),
    ] {
        let Some(library) = lanes.get(lane).filter(|library| !library.is_null()) else {
            append(&mut text, format_args!("{lane}: none\n"));
            continue;
        };
        let word = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        append(
            &mut text,
            format_args!("{lane} {}: for {runs_for}\n", word(library, "version")),
        );
        for automation in library
            .get("automations")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            append(
                &mut text,
                format_args!("  {:<20} {}\n", word(automation, "name"), word(automation, "when")),
            );
        }
        for problem in library.get("problems").and_then(Value::as_array).into_iter().flatten() {
            let number = |name: &str| problem.get(name).and_then(Value::as_u64).unwrap_or_default();
            append(
                &mut text,
                format_args!(
                    "  line {}, column {}: {}\n",
                    number("line"),
                    number("column"),
                    word(problem, "message")
                ),
            );
        }
    }
    text
}
