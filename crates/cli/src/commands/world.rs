//! `selfsame world`: every app, account, id, token and URL.

use std::fmt::Write as _;

use selfsame_workbench::connection::HouseClient;
use selfsame_workbench::world::{IdentityCard, World};

use super::whoami::card_text;
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, printer: Printer) -> anyhow::Result<()> {
    let body = house.world_json().await?;
    let world: World = serde_json::from_value(body.clone())?;
    printer.result(&body, || text(&world))
}

fn text(world: &World) -> String {
    let mut text = format!(
        "platform  {}  version {}  world time {}\n",
        world.platform.url, world.platform.version, world.platform.now
    );
    if let Some(gateway) = &world.gateway {
        add(&mut text, &format!("gateway   {}", gateway.url));
    }
    for app in &world.apps {
        add(&mut text, &format!("\napp {}", app.name));
        add(
            &mut text,
            &format!(
                "  Instagram app  {}  secret {}",
                app.instagram_app_id, app.instagram_app_secret
            ),
        );
        add(
            &mut text,
            &format!("  Meta app       {}  secret {}", app.meta_app_id, app.meta_app_secret),
        );
        add(
            &mut text,
            &format!("  callback       {}", app.callback_url.as_deref().unwrap_or("none")),
        );
        add(
            &mut text,
            &format!("  verify token   {}", app.verify_token.as_deref().unwrap_or("none")),
        );
    }
    for account in &world.accounts {
        text.push('\n');
        text.push_str(&card_text(&IdentityCard::of(account)));
    }
    for media in &world.media {
        add(
            &mut text,
            &format!(
                "\npost {}  @{}  {}",
                media.id,
                media.account,
                media.caption.as_deref().unwrap_or("")
            ),
        );
    }
    text
}

fn add(text: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _infallible = writeln!(text, "{line}");
}
