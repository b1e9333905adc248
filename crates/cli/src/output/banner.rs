//! What a house says when it is ready.

use std::fmt::Write as _;

use selfsame_workbench::house::House;
use selfsame_workbench::world::{Account, App, Flow, World};
use serde_json::{Value, json};

/// The one line of `--json`: where everything is.
pub(crate) fn ready_line(house: &House) -> Value {
    json!({
        "platform": house.platform().map(plain),
        "gateway": house.gateway().map(plain),
        "phone": house.platform().map(|url| page(url, "phone")),
        "inspector": house.platform().map(|url| page(url, "inspector")),
        "dashboard": house.platform().map(|url| page(url, "dashboard")),
        "studio": house.gateway().map(|url| page(url, "studio")),
        "data": house.data(),
        "pid": std::process::id(),
    })
}

/// The banner for people.
pub(crate) fn banner(house: &House, world: Option<&World>, is_self_thread_open: bool) -> String {
    let mut text = String::new();
    add(&mut text, "selfsame is up. Not affiliated with Meta.\n");
    if let Some(url) = house.platform() {
        add(&mut text, &format!("  platform    {}", plain(url)));
        add(&mut text, &format!("  phone       {}", page(url, "phone")));
    }
    if let Some(url) = house.gateway() {
        add(&mut text, &format!("  gateway     {}", plain(url)));
        add(&mut text, &format!("  studio      {}", page(url, "studio")));
    }
    let fate = if house.is_ephemeral() {
        "  (removed at the end)"
    } else {
        ""
    };
    add(&mut text, &format!("  data        {}{fate}", house.data().display()));
    if let Some(file) = house.automations() {
        add(&mut text, &format!("  automations {}", file.display()));
    }
    if house.is_bound_wide() {
        add(
            &mut text,
            &format!(
                "  key         {}  (for pages and /_sim, as Bearer)",
                house.admin_token()
            ),
        );
    }
    if let Some(world) = world {
        for app in &world.apps {
            app_lines(&mut text, app);
        }
        if let Some(account) = world.only_business() {
            account_lines(&mut text, account);
        }
        next_steps(&mut text, house, world, is_self_thread_open);
    } else if let Some(url) = house.gateway() {
        add(
            &mut text,
            &format!("\nWebhook endpoint: {}", page(url, "webhooks/instagram")),
        );
        add(
            &mut text,
            "Connect an account: selfsame accounts add --token-stdin < token",
        );
    }
    text
}

fn app_lines(text: &mut String, app: &App) {
    add(text, &format!("\nApp {}", app.name));
    add(text, &format!("  Instagram Login  app id {}", app.instagram_app_id));
    add(
        text,
        &format!(
            "                   secret {}  signs webhooks installed through this login",
            app.instagram_app_secret
        ),
    );
    add(text, &format!("  Facebook Login   app id {}", app.meta_app_id));
    add(
        text,
        &format!(
            "                   secret {}  signs webhooks installed through this login",
            app.meta_app_secret
        ),
    );
    if let Some(callback) = &app.callback_url {
        add(text, &format!("  webhooks go to   {callback}"));
    }
    if let Some(token) = &app.verify_token {
        add(text, &format!("  verify token     {token}"));
    }
}

fn account_lines(text: &mut String, account: &Account) {
    add(text, &format!("\n@{}", account.username));
    for (name, id) in [
        ("IG user id", &account.ig_id),
        ("self IGSID", &account.self_igsid),
        ("Page id", &account.page_id),
    ] {
        if let Some(id) = id {
            add(text, &format!("  {name:<16} {id}"));
        }
    }
    for (name, flow) in [("Instagram token", Flow::Instagram), ("Page token", Flow::Facebook)] {
        if let Some(token) = account.token(flow, None) {
            add(text, &format!("  {name:<16} {}", token.access_token));
        }
    }
}

fn next_steps(text: &mut String, house: &House, world: &World, is_self_thread_open: bool) {
    if world.only_business().is_some() && !is_self_thread_open {
        add(text, "\nThe self thread is not open yet: message yourself first.");
    }
    add(text, "\nTry next");
    if let Some(url) = house.platform() {
        add(
            text,
            &format!("  open {} and type “menu” to yourself", page(url, "phone")),
        );
    }
    let at = house
        .platform()
        .filter(|url| url.port() != Some(7353))
        .map(|url| format!(" --url {}", plain(url)));
    let at = if house.is_ephemeral() {
        at.unwrap_or_default()
    } else {
        String::new()
    };
    add(text, &format!("  selfsame dm menu{at}"));
    if house.gateway().is_none() {
        add(text, &format!("  selfsame env{at} > .env       settings for your bot"));
    }
    add(text, &format!("  selfsame whoami{at}           which id appears where"));
    add(text, "Ctrl-C ends it.");
}

fn plain(url: &impl ToString) -> String {
    url.to_string().trim_end_matches('/').to_owned()
}

fn page(url: &impl ToString, path: &str) -> String {
    format!("{}/{path}", plain(url))
}

fn add(text: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _infallible = writeln!(text, "{line}");
}
