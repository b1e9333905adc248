//! Where a house listens: told by its caller, by `run.json` in the data folder, or by the default port.

use std::path::{Path, PathBuf};

use selfsame_runtime::folder::RunInfo;
use url::Url;

/// S-E-L-F on a phone's keys.
pub const DEFAULT_PLATFORM_PORT: u16 = 7353;
/// The port after the platform's.
pub const DEFAULT_GATEWAY_PORT: u16 = 7354;
/// The file in the data folder that holds the key of `/_sim` and of the pages.
const ADMIN_TOKEN_FILE: &str = "admin-token";

/// How the address was found, so that a failed call can say where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundBy {
    /// `--url` or `SELFSAME_URL`.
    Told,
    /// The process that lives in this data folder.
    RunFile(PathBuf),
    /// Nothing said otherwise: the default port of this machine.
    DefaultPort,
}

/// Where the two halves of a house are.
#[derive(Debug, Clone)]
pub struct Location {
    /// Base URL of the platform.
    pub platform: Url,
    /// Base URL of the gateway, when it is known without asking the platform.
    pub gateway: Option<Url>,
    /// The key of the house, needed when it is bound wider than loopback.
    pub admin_token: Option<String>,
    /// How it was found.
    pub found_by: FoundBy,
}

impl Location {
    /// Finds a house: the given address, else what the process living in the data folder says, else the default port.
    pub fn find(told: Option<Url>, gateway: Option<Url>, data: Option<&Path>, admin_token: Option<String>) -> Self {
        let admin_token = admin_token.or_else(|| data.and_then(stored_admin_token));
        if let Some(platform) = told {
            return Self {
                platform,
                gateway,
                admin_token,
                found_by: FoundBy::Told,
            };
        }
        // A process that died left its run.json behind and its lock free; such a file says nothing.
        let running = data.and_then(|data| RunInfo::of_running(data).map(|run| (data.to_owned(), run)));
        let Some((data, run)) = running else {
            return Self {
                platform: loopback(DEFAULT_PLATFORM_PORT),
                gateway,
                admin_token,
                found_by: FoundBy::DefaultPort,
            };
        };
        let url = |text: Option<String>| text.and_then(|text| Url::parse(&text).ok());
        Self {
            platform: url(run.platform_url).unwrap_or_else(|| loopback(DEFAULT_PLATFORM_PORT)),
            gateway: gateway.or_else(|| url(run.gateway_url)),
            admin_token,
            found_by: FoundBy::RunFile(data),
        }
    }
}

/// The base URL of a port of this machine.
#[expect(clippy::expect_used, reason = "a scheme, an IPv4 address and a port always parse")]
pub(crate) fn loopback(port: u16) -> Url {
    Url::parse(&format!("http://127.0.0.1:{port}")).expect("a loopback URL parses")
}

/// The key that a process bound wide left in its data folder; unreadable for other users by its mode.
fn stored_admin_token(data: &Path) -> Option<String> {
    let text = std::fs::read_to_string(data.join(ADMIN_TOKEN_FILE)).ok()?;
    let token = text.trim();
    (!token.is_empty()).then(|| token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use selfsame_runtime::folder::DataFolder;

    fn occupied(parent: &Path) -> DataFolder {
        let folder = DataFolder::open(parent.join("data")).unwrap();
        let mut run = RunInfo::of_this_process();
        run.platform_url = Some("http://127.0.0.1:9/".to_owned());
        run.gateway_url = Some("http://127.0.0.1:10/".to_owned());
        folder.announce(&run).unwrap();
        folder
    }

    #[test]
    fn a_told_address_wins_over_everything() {
        let parent = tempfile::tempdir().unwrap();
        let folder = occupied(parent.path());
        let told = Url::parse("http://example.test:1").unwrap();
        let location = Location::find(Some(told.clone()), None, Some(folder.path()), None);
        assert_eq!((location.platform, location.found_by), (told, FoundBy::Told));
    }

    #[test]
    fn a_living_process_wins_over_the_default_port_and_brings_its_gateway() {
        let parent = tempfile::tempdir().unwrap();
        let folder = occupied(parent.path());
        let location = Location::find(None, None, Some(folder.path()), None);
        assert_eq!(location.platform.port(), Some(9));
        assert_eq!(location.gateway.and_then(|url| url.port()), Some(10));
    }

    #[test]
    fn the_file_of_a_dead_process_says_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let text = r#"{"pid":1,"version":"0","platform_url":"http://127.0.0.1:9/","gateway_url":null}"#;
        std::fs::write(parent.path().join("run.json"), text).unwrap();
        let location = Location::find(None, None, Some(parent.path()), None);
        assert_eq!(
            (location.platform.port(), location.found_by),
            (Some(DEFAULT_PLATFORM_PORT), FoundBy::DefaultPort)
        );
    }

    #[test]
    fn the_key_of_the_folder_is_used_when_none_is_given() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(ADMIN_TOKEN_FILE), "secret\n").unwrap();
        let location = Location::find(None, None, Some(folder.path()), None);
        assert_eq!(location.admin_token.as_deref(), Some("secret"));
    }
}
