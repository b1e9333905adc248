//! What is done once, at the first start: the automations file is written and published, the demo account is connected.

use std::path::{Path, PathBuf};
use std::time::Duration;

use selfsame_runtime::folder::replace_file;
use serde_json::{Map, Value, json};
use url::Url;

use super::StartError;
use crate::connection::{CallError, Endpoint, HouseClient};
use crate::world::{App, Flow};

/// How long the first handshake may take before the house is called ready without it.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// How often to look whether it has passed.
const HANDSHAKE_PERIOD: Duration = Duration::from_millis(5);

/// The gateway's callbacks of both logins.
const CALLBACK_PATHS: [&str; 2] = ["/connect/instagram/callback", "/connect/facebook/callback"];
/// Where the gateway hears that an owner has removed the app.
const DEAUTHORIZE_PATH: &str = "/deauthorize";
/// Where it hears that a person's data is to be erased.
const DATA_DELETION_PATH: &str = "/data-deletion";
/// The names under which a browser on this machine finds a gateway on loopback: a redirect URI is compared to the letter.
const LOCAL_NAMES: [&str; 2] = ["127.0.0.1", "localhost"];

/// The automations of the demo world: the draft, until its owner changes it.
const DEMO_AUTOMATIONS: &str = include_str!("automations.yaml");

/// Writes the demo automations unless the file is there already.
pub(super) fn write_automations(path: &Path) -> Result<PathBuf, StartError> {
    if !path.exists() {
        replace_file(path, DEMO_AUTOMATIONS.as_bytes()).map_err(|source| StartError::Automations {
            path: path.to_owned(),
            source,
        })?;
    }
    Ok(path.to_owned())
}

/// Connects the demo account through the Instagram login and publishes the draft, unless both were done before.
pub(super) async fn first_start(house: &HouseClient, gateway: &Url, admin_token: &str) -> Result<(), StartError> {
    register_callbacks(house, gateway)
        .await
        .map_err(|source| StartError::Wiring {
            step: "the platform does not take the gateway's addresses for logins",
            source,
        })?;
    let gateway = Endpoint::new(gateway.clone(), Some(admin_token.to_owned())).map_err(StartError::Client)?;
    connect_demo_account(house, &gateway)
        .await
        .map_err(|source| StartError::Wiring {
            step: "the gateway does not connect the demo account",
            source,
        })?;
    until_hands_are_shaken(house, &gateway)
        .await
        .map_err(|source| StartError::Wiring {
            step: "the platform does not tell its world",
            source,
        })?;
    publish_once(&gateway).await.map_err(|source| StartError::Wiring {
        step: "the gateway does not publish the automations",
        source,
    })
}

/// Lets the login dialogs of the demo app lead back to this gateway, so that `/connect` works by click, and lets the gateway hear
/// of a removal.
async fn register_callbacks(house: &HouseClient, gateway: &Url) -> Result<(), CallError> {
    let world = house.world().await?;
    let Some(app) = world.apps.first() else { return Ok(()) };
    let redirects = redirects_with_ours(&app.redirect_uris, gateway);
    let deauthorize = callback_of_ours(app.deauthorize_url.as_deref(), gateway, DEAUTHORIZE_PATH);
    let data_deletion = callback_of_ours(app.data_deletion_url.as_deref(), gateway, DATA_DELETION_PATH);
    let mut change = Map::new();
    if redirects != app.redirect_uris {
        change.insert("redirect_uris".to_owned(), redirects.into());
    }
    if deauthorize != app.deauthorize_url {
        change.insert("deauthorize_url".to_owned(), deauthorize.into());
    }
    if data_deletion != app.data_deletion_url {
        change.insert("data_deletion_url".to_owned(), data_deletion.into());
    }
    if change.is_empty() {
        return Ok(());
    }
    let path = format!("/_sim/apps/{}", app.name);
    house.platform().patch(&path, &Value::Object(change)).await.map(drop)
}

/// Whether an address is one of a gateway on this machine, of whatever port.
fn is_of_a_house(uri: &str, paths: &[&str]) -> bool {
    Url::parse(uri)
        .is_ok_and(|uri| LOCAL_NAMES.contains(&uri.host_str().unwrap_or_default()) && paths.contains(&uri.path()))
}

/// This gateway's address at `path`, unless the app tells somebody else.
fn callback_of_ours(registered: Option<&str>, gateway: &Url, path: &str) -> Option<String> {
    match registered {
        Some(other) if !is_of_a_house(other, &[path]) => Some(other.to_owned()),
        _ => gateway.join(path).ok().map(Into::into),
    }
}

/// What is registered, with this gateway's callbacks in place of those of an earlier port.
fn redirects_with_ours(registered: &[String], gateway: &Url) -> Vec<String> {
    let is_of_a_house = |uri: &String| is_of_a_house(uri, &CALLBACK_PATHS);
    let mut redirects: Vec<String> = registered.iter().filter(|uri| !is_of_a_house(uri)).cloned().collect();
    let mut hosts: Vec<&str> = LOCAL_NAMES.to_vec();
    if let Some(host) = gateway.host_str()
        && !hosts.contains(&host)
    {
        hosts.push(host);
    }
    for host in hosts {
        for path in CALLBACK_PATHS {
            let mut uri = gateway.clone();
            // A name of this list is always a host.
            if uri.set_host(Some(host)).is_ok() {
                uri.set_path(path);
                redirects.push(uri.to_string());
            }
        }
    }
    redirects
}

/// Waits until the platform has shaken hands with the gateway: a webhook before that would not be sent.
///
/// A handshake that does not pass is not the end: the platform goes on trying, and says so.
async fn until_hands_are_shaken(house: &HouseClient, gateway: &Endpoint) -> Result<(), CallError> {
    let base = gateway.base().as_str();
    let shaken = async {
        let mut period = tokio::time::interval(HANDSHAKE_PERIOD);
        loop {
            period.tick().await;
            let world = house.world().await?;
            let is_ours = |app: &&App| app.callback_url.as_deref().is_some_and(|url| url.starts_with(base));
            let is_verified = |app: &App| app.callback_state.as_deref() == Some("verified");
            if world.apps.iter().filter(is_ours).all(is_verified) {
                return Ok(());
            }
        }
    };
    tokio::time::timeout(HANDSHAKE_WITHIN, shaken).await.unwrap_or(Ok(()))
}

async fn connect_demo_account(house: &HouseClient, gateway: &Endpoint) -> Result<(), CallError> {
    let connected = gateway.get("/api/v1/accounts", &[]).await?;
    if !data(&connected).is_empty() {
        return Ok(());
    }
    let world = house.world().await?;
    let token = world
        .accounts
        .iter()
        .find_map(|account| account.token(Flow::Instagram, None));
    if let Some(token) = token {
        let body = json!({"flow": Flow::Instagram.as_str(), "access_token": token.access_token});
        gateway.post("/api/v1/accounts", &body).await?;
    }
    Ok(())
}

async fn publish_once(gateway: &Endpoint) -> Result<(), CallError> {
    let automations = gateway.get("/api/v1/automations", &[]).await?;
    if automations
        .get("published")
        .is_some_and(|published| !published.is_null())
    {
        return Ok(());
    }
    gateway.post("/api/v1/automations/publish", &json!({})).await.map(drop)
}

fn data(list: &Value) -> &[Value] {
    list.get("data")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialogs_lead_back_to_this_port_and_to_what_else_was_registered() {
        let registered = vec![
            "https://bot.example/callback".to_owned(),
            "http://127.0.0.1:1111/connect/instagram/callback".to_owned(),
            "http://127.0.0.1:3000/auth".to_owned(),
        ];
        let gateway = Url::parse("http://127.0.0.1:7354/").unwrap();
        let redirects = redirects_with_ours(&registered, &gateway);
        assert_eq!(
            redirects,
            [
                "https://bot.example/callback",
                "http://127.0.0.1:3000/auth",
                "http://127.0.0.1:7354/connect/instagram/callback",
                "http://127.0.0.1:7354/connect/facebook/callback",
                "http://localhost:7354/connect/instagram/callback",
                "http://localhost:7354/connect/facebook/callback",
            ]
        );
        assert_eq!(
            redirects_with_ours(&redirects, &gateway),
            redirects,
            "a second start changes nothing"
        );
    }

    #[test]
    fn a_removal_is_told_to_this_port_unless_the_app_tells_somebody_else() {
        let gateway = Url::parse("http://127.0.0.1:7354/").unwrap();
        let ours = "http://127.0.0.1:7354/deauthorize";
        for (registered, expected) in [
            (None, ours),
            (Some("http://localhost:1111/deauthorize"), ours),
            (Some(ours), ours),
            (Some("http://127.0.0.1:3000/gone"), "http://127.0.0.1:3000/gone"),
            (
                Some("https://bot.example/deauthorize"),
                "https://bot.example/deauthorize",
            ),
        ] {
            let told = callback_of_ours(registered, &gateway, DEAUTHORIZE_PATH);
            assert_eq!(told.as_deref(), Some(expected), "{registered:?}");
        }
    }

    #[test]
    fn a_file_of_the_owner_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("automations.yaml");
        write_automations(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), DEMO_AUTOMATIONS);
        std::fs::write(&path, "mine").unwrap();
        write_automations(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    }
}
