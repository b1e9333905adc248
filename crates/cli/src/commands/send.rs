//! `selfsame send`: one message as the business, through the Graph API.

use selfsame_workbench::connection::HouseClient;
use selfsame_workbench::gestures::{Send, SendForm};
use serde_json::json;

use crate::arguments::SendArgs;
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, args: SendArgs, printer: Printer) -> anyhow::Result<()> {
    let message = args
        .message
        .unwrap_or_else(|| json!({"text": args.text.unwrap_or_default()}));
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
