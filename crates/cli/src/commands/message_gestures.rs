//! `selfsame react`, `seen`, `edit`, `unsend`: what is done to a message that exists.

use selfsame_workbench::connection::HouseClient;
use selfsame_workbench::gestures::{Edit, Gestured, React, Seen, Unsend};

use crate::arguments::{EditArgs, MessageArgs, ReactArgs};
use crate::output::Printer;

pub(super) async fn react(house: &HouseClient, args: ReactArgs, printer: Printer) -> anyhow::Result<()> {
    let react = React {
        acting: args.acting.acting,
        mid: args.mid,
        emoji: args.emoji,
        remove: args.remove,
    };
    say(&react.make(house).await?, "reacted", printer)
}

pub(super) async fn seen(house: &HouseClient, args: MessageArgs, printer: Printer) -> anyhow::Result<()> {
    let seen = Seen {
        acting: args.acting.acting,
        mid: args.mid,
    };
    say(&seen.make(house).await?, "seen", printer)
}

pub(super) async fn edit(house: &HouseClient, args: EditArgs, printer: Printer) -> anyhow::Result<()> {
    let edit = Edit {
        acting: args.acting.acting,
        mid: args.mid,
        text: args.text,
    };
    say(&edit.make(house).await?, "edited", printer)
}

pub(super) async fn unsend(house: &HouseClient, args: MessageArgs, printer: Printer) -> anyhow::Result<()> {
    let unsend = Unsend {
        acting: args.acting.acting,
        mid: args.mid,
    };
    say(&unsend.make(house).await?, "taken back", printer)
}

fn say(gestured: &Gestured, done: &str, printer: Printer) -> anyhow::Result<()> {
    printer.result(gestured, || {
        let count = gestured.notifications.len();
        format!("{done}; {count} webhook{} caused", if count == 1 { "" } else { "s" })
    })
}
