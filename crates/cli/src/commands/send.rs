//! `selfsame send`: one message as the business, through the Graph API.

use anyhow::Context as _;
use selfsame_workbench::connection::HouseClient;
use selfsame_workbench::gestures::{Send, SendForm};
use serde_json::json;

use crate::arguments::SendArgs;
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, args: SendArgs, printer: Printer) -> anyhow::Result<()> {
    let message = match (&args.message, &args.text) {
        (Some(message), _) => serde_json::from_str(message).context("--message is not JSON")?,
        (None, text) => json!({"text": text.as_deref().unwrap_or_default()}),
    };
    let outgoing = Send {
        acting: args.parties.acting,
        towards: args.parties.towards,
        message,
        flow: args.flow.into(),
        form: if args.standard {
            SendForm::Standard
        } else {
            SendForm::Documented
        },
    };
    let sent = outgoing.make(house).await?;
    printer.result(&sent, || {
        format!("POST {}\n{}\n→ {}", sent.url, sent.request, sent.response)
    })
}
