//! `selfsame.toml`: one key per flag, unknown keys refused with their line.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

use crate::arguments::{FlowName, MetaName, ShapeName};

/// The file that is read when it lies in the current folder and none is named.
const DEFAULT_FILE: &str = "selfsame.toml";

/// Everything that a file may set. Each key is a flag's name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct ConfigurationFile {
    #[serde(deserialize_with = "address")]
    pub url: Option<Url>,
    #[serde(deserialize_with = "address")]
    pub gateway_url: Option<Url>,
    pub data: Option<PathBuf>,
    pub admin_token: Option<String>,
    pub log: Option<String>,
    pub port: Option<u16>,
    pub gateway_port: Option<u16>,
    pub bind: Option<IpAddr>,
    pub ephemeral: Option<bool>,
    #[serde(deserialize_with = "address")]
    pub public_url: Option<Url>,
    pub allow_host: Vec<String>,
    pub no_fetch: Option<bool>,
    #[serde(deserialize_with = "address")]
    pub callback: Option<Url>,
    pub verify_token: Option<String>,
    pub app_secret: Option<String>,
    pub flow: Option<FlowName>,
    pub automations: Option<PathBuf>,
    pub database: Option<PathBuf>,
    pub preview_embedder: Vec<String>,
    pub instagram_app_id: Option<String>,
    pub instagram_app_secret: Option<String>,
    pub meta_app_id: Option<String>,
    pub meta_app_secret: Option<String>,
    #[serde(deserialize_with = "address")]
    pub instagram_url: Option<Url>,
    #[serde(deserialize_with = "address")]
    pub facebook_url: Option<Url>,
    pub meta: Option<MetaName>,
    #[serde(deserialize_with = "address")]
    pub forward_to: Option<Url>,
    pub forward_shape: Option<ShapeName>,
    pub extra_app_secret: Vec<String>,
    pub token_keys: Option<String>,
    pub keep_bodies_hours: Option<u32>,
    pub keep_events_days: Option<u32>,
    #[serde(deserialize_with = "one_or_more")]
    pub keep_calls: Option<u32>,
    #[serde(deserialize_with = "one_or_more")]
    pub keep_deliveries: Option<u32>,
    #[serde(deserialize_with = "one_or_more")]
    pub keep_stream: Option<u32>,
    #[serde(deserialize_with = "one_or_more")]
    pub keep_journal_days: Option<u32>,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigurationError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}", .path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// The file says something that cannot be meant.
    #[error("{}: {reason}", .path.display())]
    Wrong { path: PathBuf, reason: String },
    /// Two settings exclude each other, or one needs another.
    #[error("{0}")]
    Inconsistent(String),
}

impl ConfigurationFile {
    /// Reads the named file, else the default one if it is there, else nothing.
    ///
    /// # Errors
    /// When a named file cannot be read, or a file has an unknown key or a value of the wrong kind.
    pub(crate) fn read(named: Option<&Path>) -> Result<Self, ConfigurationError> {
        let path = named.unwrap_or(Path::new(DEFAULT_FILE));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(source) => {
                return Err(ConfigurationError::Unreadable {
                    path: path.to_owned(),
                    source,
                });
            }
        };
        toml::from_str(&text).map_err(|error| ConfigurationError::Wrong {
            path: path.to_owned(),
            reason: error.to_string(),
        })
    }
}

/// Reads an address. (The `serde` feature of `url` would do the same for every crate of the tree.)
fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Url::parse(&text)
        .map(Some)
        .map_err(|error| D::Error::custom(format!("`{text}` is no address: {error}")))
}

/// Reads a limit; a journal that keeps nothing could not be waited on.
fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let limit = NonZeroU32::deserialize(deserializer)?;
    Ok(Some(limit.get()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ConfigurationFile, ConfigurationError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("selfsame.toml");
        std::fs::write(&path, text).unwrap();
        ConfigurationFile::read(Some(&path))
    }

    #[test]
    fn keys_are_the_names_of_flags() {
        let file = read("gateway-port = 0\nallow-host = [\"a.test\"]\nflow = \"facebook\"\n").unwrap();
        assert_eq!(file.gateway_port, Some(0));
        assert_eq!(file.allow_host, ["a.test"]);
        assert_eq!(file.flow, Some(FlowName::Facebook));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let message = read("port = 1\ngateway-prot = 2\n").unwrap_err().to_string();
        assert!(
            message.contains("gateway-prot") && message.contains("line 2"),
            "{message}"
        );
    }

    #[test]
    fn a_wrong_value_is_refused() {
        assert!(read("port = 70000\n").is_err());
        assert!(read("callback = \"no url\"\n").is_err());
        assert!(read("keep-calls = 0\n").is_err());
    }

    #[test]
    fn a_named_file_must_exist() {
        assert!(ConfigurationFile::read(Some(Path::new("/nonexistent/selfsame.toml"))).is_err());
    }
}
