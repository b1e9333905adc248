//! `selfsame doctor`: what is wrong, and what to do about it.

use selfsame_workbench::connection::HouseClient;
use serde_json::Value;

use super::accounts::gateway_of;
use crate::arguments::DoctorArgs;
use crate::exit::{Ended, Exit};
use crate::output::{Printer, append};

pub(super) async fn run(house: &HouseClient, args: &DoctorArgs, printer: Printer) -> anyhow::Result<()> {
    let gateway = gateway_of(house).await?;
    let query: &[(&str, String)] = if args.live { &[("live", "true".to_owned())] } else { &[] };
    let report = gateway.get("/api/v1/checks", query).await?;
    printer.result(&report, || text_of(&report, args.live))?;
    if report.get("level").and_then(Value::as_str) == Some("bad") {
        return Err(Ended(Exit::Failure).into());
    }
    Ok(())
}

fn text_of(report: &Value, live: bool) -> String {
    let mut text = String::new();
    let checks = report.get("checks").and_then(Value::as_array).map(Vec::as_slice);
    for check in checks.unwrap_or_default() {
        let word = |name: &str| check.get(name).and_then(Value::as_str).unwrap_or_default();
        let mark = match word("level") {
            "good" => "ok  ",
            "warning" => "warn",
            _ => "BAD ",
        };
        append(&mut text, format_args!("{mark}  {}: {}\n", word("about"), word("text")));
        if !word("remedy").is_empty() {
            append(&mut text, format_args!("        → {}\n", word("remedy")));
        }
    }
    if !live {
        append(
            &mut text,
            format_args!("`selfsame doctor --live` also tries the callback, the clocks, the app and the tokens.\n"),
        );
    }
    text
}
