//! `selfsame whoami`: the identity card of one account.

use std::fmt::Write as _;

use selfsame_workbench::connection::HouseClient;
use selfsame_workbench::world::IdentityCard;

use crate::arguments::WhoamiArgs;
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, args: &WhoamiArgs, printer: Printer) -> anyhow::Result<()> {
    let world = house.world().await?;
    let card = IdentityCard::of(world.meant_account(args.account.as_deref())?);
    printer.result(&card, || card_text(&card))
}

/// The card as text: each id, and below it where it appears.
pub(super) fn card_text(card: &IdentityCard) -> String {
    let mut text = format!("@{} ({})\n", card.username, card.kind);
    let width = card
        .ids
        .iter()
        .chain(&card.tokens)
        .map(|line| line.name.len())
        .max()
        .unwrap_or_default();
    for line in card.ids.iter().chain(&card.tokens) {
        // Writing to a String cannot fail.
        let _infallible = writeln!(
            text,
            "  {:<width$}  {}\n  {:<width$}    {}",
            line.name, line.value, "", line.appears
        );
    }
    text
}
