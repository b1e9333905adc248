//! The settings of the app under test, rendered for the place that will read them.

use std::str::FromStr;

use serde_json::{Map, Value};

use crate::world::{Account, App, Flow, World};

/// Where a gateway takes webhooks.
const GATEWAY_WEBHOOKS: &str = "/webhooks/instagram";

/// How settings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `NAME=value` lines for `.env` files and shells.
    Dotenv,
    /// One JSON object.
    Json,
    /// `NAME=value` lines for `$GITHUB_ENV`.
    Github,
}

/// One more name for a setting: `NAME=key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The name that the app under test reads.
    pub name: String,
    /// One of our names.
    pub key: String,
}

/// Named values, in the order in which they are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    pairs: Vec<(String, String)>,
}

/// Why settings cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// The world has no app to be configured for.
    #[error("this platform has no app; create one with POST /_sim/apps")]
    NoApp,
    /// A mapping names a setting that does not exist.
    #[error("--map {name}={key}: there is no {key}; there are {}", .known.join(", "))]
    UnknownKey {
        /// The wanted name.
        name: String,
        /// The key that does not exist.
        key: String,
        /// The keys that do.
        known: Vec<String>,
    },
    /// A value cannot be written in this format.
    #[error("{name} contains a line break, which {format} cannot hold; use --format json")]
    LineBreak {
        /// The setting.
        name: String,
        /// The format.
        format: &'static str,
    },
}

impl FromStr for Mapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, key)) if is_variable_name(name) && is_variable_name(key) => Ok(Self {
                name: name.to_owned(),
                key: key.to_owned(),
            }),
            _ => Err(format!(
                "`{text}` is not NAME=KEY, as in IG_TOKEN=INSTAGRAM_ACCESS_TOKEN"
            )),
        }
    }
}

impl Environment {
    /// What an app under test needs to run against this platform.
    ///
    /// With a `flow`, `ACCESS_TOKEN` and `APP_SECRET` are the ones of that login; both logins' own names are always there
    /// when the account has granted them.
    ///
    /// # Errors
    /// When the world has no app.
    pub fn for_app(world: &World, account: &Account, flow: Option<Flow>) -> Result<Self, EnvironmentError> {
        let app = app_of(world, account)?;
        let mut environment = Self::default();
        environment.push("INSTAGRAM_APP_ID", Some(app.instagram_app_id.as_str()));
        environment.push("INSTAGRAM_APP_SECRET", Some(app.instagram_app_secret.as_str()));
        environment.push("META_APP_ID", Some(app.meta_app_id.as_str()));
        environment.push("META_APP_SECRET", Some(app.meta_app_secret.as_str()));
        environment.push("WEBHOOK_VERIFY_TOKEN", app.verify_token.as_deref());
        let token = |flow| {
            account
                .token(flow, Some(&app.name))
                .map(|token| token.access_token.as_str())
        };
        environment.push("INSTAGRAM_ACCESS_TOKEN", token(Flow::Instagram));
        environment.push("PAGE_ACCESS_TOKEN", token(Flow::Facebook));
        if let Some(flow) = flow {
            environment.push("ACCESS_TOKEN", token(flow));
            environment.push(
                "APP_SECRET",
                Some(match flow {
                    Flow::Instagram => app.instagram_app_secret.as_str(),
                    Flow::Facebook => app.meta_app_secret.as_str(),
                }),
            );
        }
        environment.push("IG_USER_ID", account.ig_id.as_deref());
        let platform = base(world);
        environment.push("META_GRAPH_URL", Some(&platform));
        environment.push("SELFSAME_URL", Some(&platform));
        Ok(environment)
    }

    /// What `selfsame gateway` needs to run against this platform.
    ///
    /// # Errors
    /// When the world has no app.
    pub fn for_gateway(world: &World, account: &Account) -> Result<Self, EnvironmentError> {
        let app = app_of(world, account)?;
        let platform = base(world);
        let mut environment = Self::default();
        environment.push("SELFSAME_INSTAGRAM_APP_ID", Some(app.instagram_app_id.as_str()));
        environment.push("SELFSAME_INSTAGRAM_APP_SECRET", Some(app.instagram_app_secret.as_str()));
        environment.push("SELFSAME_META_APP_ID", Some(app.meta_app_id.as_str()));
        environment.push("SELFSAME_META_APP_SECRET", Some(app.meta_app_secret.as_str()));
        environment.push("SELFSAME_VERIFY_TOKEN", app.verify_token.as_deref());
        environment.push("SELFSAME_INSTAGRAM_URL", Some(&platform));
        environment.push("SELFSAME_FACEBOOK_URL", Some(&platform));
        environment.push("SELFSAME_URL", Some(&platform));
        environment.push("SELFSAME_GATEWAY_URL", gateway_of(app));
        Ok(environment)
    }

    /// Adds one more name for each mapped setting.
    ///
    /// # Errors
    /// When a mapping names a setting that does not exist.
    pub fn with_mappings(mut self, mappings: &[Mapping]) -> Result<Self, EnvironmentError> {
        for Mapping { name, key } in mappings {
            let Some((_, value)) = self.pairs.iter().find(|(known, _)| known == key) else {
                return Err(EnvironmentError::UnknownKey {
                    name: name.clone(),
                    key: key.clone(),
                    known: self.pairs.iter().map(|(known, _)| known.clone()).collect(),
                });
            };
            let value = value.clone();
            self.pairs.retain(|(known, _)| known != name);
            self.pairs.push((name.clone(), value));
        }
        Ok(self)
    }

    /// Renders it, with a final line break.
    ///
    /// # Errors
    /// When a value cannot be written in this format.
    pub fn render(&self, format: Format) -> Result<String, EnvironmentError> {
        match format {
            Format::Json => {
                let object: Map<String, Value> = self
                    .pairs
                    .iter()
                    .map(|(name, value)| (name.clone(), Value::String(value.clone())))
                    .collect();
                Ok(format!("{:#}\n", Value::Object(object)))
            }
            Format::Dotenv => self.lines("dotenv", quote),
            Format::Github => self.lines("github", ToOwned::to_owned),
        }
    }

    /// The pairs, in order.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    fn push(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.pairs.push((name.to_owned(), value.to_owned()));
        }
    }

    fn lines(&self, format: &'static str, write: impl Fn(&str) -> String) -> Result<String, EnvironmentError> {
        let mut text = String::new();
        for (name, value) in &self.pairs {
            if value.contains(['\n', '\r']) {
                return Err(EnvironmentError::LineBreak {
                    name: name.clone(),
                    format,
                });
            }
            text.push_str(name);
            text.push('=');
            text.push_str(&write(value));
            text.push('\n');
        }
        Ok(text)
    }
}

/// The app that the account is connected to, else the first.
fn app_of<'world>(world: &'world World, account: &Account) -> Result<&'world App, EnvironmentError> {
    let connected = account
        .tokens
        .first()
        .and_then(|token| world.apps.iter().find(|app| app.name == token.app));
    connected.or_else(|| world.apps.first()).ok_or(EnvironmentError::NoApp)
}

fn base(world: &World) -> String {
    world.platform.url.as_str().trim_end_matches('/').to_owned()
}

fn is_variable_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|character| character.is_ascii_alphanumeric() || character == '_')
}

/// Plain values as they are; anything that a shell would touch in single quotes.
fn quote(value: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_-./:@%+,=".contains(character);
    if !value.is_empty() && value.chars().all(is_plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

/// The gateway behind an app's callback, if it is one.
fn gateway_of(app: &App) -> Option<&str> {
    app.callback_url.as_deref()?.strip_suffix(GATEWAY_WEBHOOKS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn demo_world() -> World {
        serde_json::from_value(json!({
            "platform": {"url": "http://127.0.0.1:7353/", "version": "0.1.0", "now": "2026-01-01T00:00:00Z"},
            "gateway": null,
            "apps": [{"name": "demo", "meta_app_id": "1", "meta_app_secret": "ms", "instagram_app_id": "2",
                      "instagram_app_secret": "is", "mode": "live", "callback_url": null, "verify_token": "v t'oken"}],
            "accounts": [{"username": "luna.coffee", "kind": "business", "ig_id": "178414", "self_igsid": "99",
                          "tokens": [{"app": "demo", "flow": "instagram", "kind": "user", "access_token": "IGAA1", "scopes": []},
                                     {"app": "demo", "flow": "facebook", "kind": "user", "access_token": "EAAuser", "scopes": []},
                                     {"app": "demo", "flow": "facebook", "kind": "page", "access_token": "EAApage", "scopes": []}]}],
            "media": []
        }))
        .unwrap()
    }

    fn demo() -> Environment {
        let world = demo_world();
        Environment::for_app(&world, world.account("@luna.coffee").unwrap(), None).unwrap()
    }

    #[test]
    fn dotenv_names_what_the_app_reads_and_quotes_what_a_shell_would_touch() {
        insta::assert_snapshot!(demo().render(Format::Dotenv).unwrap(), @r"
        INSTAGRAM_APP_ID=2
        INSTAGRAM_APP_SECRET=is
        META_APP_ID=1
        META_APP_SECRET=ms
        WEBHOOK_VERIFY_TOKEN='v t'\''oken'
        INSTAGRAM_ACCESS_TOKEN=IGAA1
        PAGE_ACCESS_TOKEN=EAApage
        IG_USER_ID=178414
        META_GRAPH_URL=http://127.0.0.1:7353
        SELFSAME_URL=http://127.0.0.1:7353
        ");
    }

    #[test]
    fn a_mapping_adds_a_name_and_an_unknown_key_is_refused() {
        let mapping: Mapping = "IG_TOKEN=INSTAGRAM_ACCESS_TOKEN".parse().unwrap();
        let environment = demo().with_mappings(&[mapping]).unwrap();
        assert_eq!(
            environment.pairs().last(),
            Some(&("IG_TOKEN".to_owned(), "IGAA1".to_owned()))
        );
        let wrong: Mapping = "IG_TOKEN=INSTAGRAM_TOKEN".parse().unwrap();
        assert!(
            demo()
                .with_mappings(&[wrong])
                .unwrap_err()
                .to_string()
                .contains("INSTAGRAM_ACCESS_TOKEN")
        );
        assert!("no equals sign".parse::<Mapping>().is_err());
    }

    #[test]
    fn a_flow_adds_its_token_and_its_secret() {
        let world = demo_world();
        let account = world.account("luna.coffee").unwrap();
        let environment = Environment::for_app(&world, account, Some(Flow::Facebook)).unwrap();
        let value = |name: &str| {
            environment
                .pairs()
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(value("ACCESS_TOKEN"), Some("EAApage"));
        assert_eq!(value("APP_SECRET"), Some("ms"));
    }

    #[test]
    fn json_is_one_object() {
        let rendered = demo().render(Format::Json).unwrap();
        let value: Value = serde_json::from_str(&rendered).unwrap();
        assert_eq!(value["WEBHOOK_VERIFY_TOKEN"], "v t'oken");
    }

    #[test]
    fn a_line_break_cannot_become_a_second_setting() {
        let mut environment = Environment::default();
        environment.push("A", Some("x\nB=y"));
        assert!(environment.render(Format::Dotenv).is_err());
        assert!(environment.render(Format::Github).is_err());
    }

    #[test]
    fn commands_find_the_gateway_that_the_callback_names() {
        let mut world = demo_world();
        let named = |world: &World| {
            let settings = Environment::for_gateway(world, world.account("luna.coffee").unwrap()).unwrap();
            let found = settings.pairs().iter().find(|(name, _)| name == "SELFSAME_GATEWAY_URL");
            found.map(|(_, url)| url.clone())
        };
        world.apps[0].callback_url = Some("http://localhost:7354/webhooks/instagram".to_owned());
        assert_eq!(named(&world).as_deref(), Some("http://localhost:7354"));
        world.apps[0].callback_url = Some("http://localhost:3000/webhook".to_owned());
        assert_eq!(named(&world), None, "a bot of one's own is no gateway");
    }

    #[test]
    fn the_gateways_settings_are_our_own_names() {
        let world = demo_world();
        let environment = Environment::for_gateway(&world, world.account("luna.coffee").unwrap()).unwrap();
        assert!(
            environment
                .pairs()
                .iter()
                .all(|(name, _)| name.starts_with("SELFSAME_"))
        );
    }
}
