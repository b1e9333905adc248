//! What can be seen without asking anybody: the configuration and the files.

use std::path::Path;

use selfsame_wire::flow::LoginFlow;
use url::Url;

use super::Check;
use crate::config::Config;
use crate::onboarding::Finding;

/// A verify token that is shorter can be guessed.
const VERIFY_TOKEN_MIN: usize = 12;

pub(super) fn checks(config: &Config) -> Vec<Check> {
    let mut checks = Vec::new();
    for finding in [verify_token(config), secrets(config), public_url(config)] {
        checks.push(Check::of("configuration", finding));
    }
    let mut files = vec![folder(&config.data)];
    for name in ["gateway.key", "admin-token"] {
        files.extend(private_file(&config.data.join(name)));
    }
    checks.extend(files.into_iter().map(|finding| Check::of("files", finding)));
    checks
}

fn verify_token(config: &Config) -> Finding {
    if config.verify_token.len() < VERIFY_TOKEN_MIN {
        let text = format!("the verify token has fewer than {VERIFY_TOKEN_MIN} characters");
        return Finding::warning(
            "verify_token",
            &text,
            "choose a long random one, in --verify-token and in the App Dashboard",
        );
    }
    Finding::good("verify_token", "a verify token is set")
}

fn secrets(config: &Config) -> Finding {
    let (instagram, meta) = (&config.instagram_app, &config.meta_app);
    if instagram.secret.is_empty() || meta.secret.is_empty() {
        return Finding::bad(
            "app_secret",
            "an app secret is empty: anybody could sign webhooks",
            "set --instagram-app-secret and --meta-app-secret to the secrets of the App Dashboard",
        );
    }
    if instagram.id == meta.id {
        return Finding::warning(
            "app_secret",
            "both logins use the credentials of one app: one of the logins does not work",
            "set the other app's id and secret too, if you want both logins",
        );
    }
    Finding::good("app_secret", "the apps of both logins are configured")
}

fn public_url(config: &Config) -> Finding {
    let is_meta = is_meta(config);
    let Some(public_url) = config.public_url.as_deref() else {
        return if is_meta {
            Finding::bad(
                "public_url",
                "the gateway works against Meta, but has no public address",
                "set --public-url to the https address under which Meta reaches this gateway",
            )
        } else {
            Finding::good(
                "public_url",
                "everything is on this machine: no public address is needed",
            )
        };
    };
    match Url::parse(public_url) {
        Ok(url) if url.scheme() == "https" => {
            Finding::good("public_url", &format!("the public address is {public_url}"))
        }
        Ok(_) if is_meta => Finding::bad(
            "public_url",
            &format!("the public address {public_url} is not https: Meta delivers to no other"),
            "put TLS in front of the gateway, and name the https address in --public-url",
        ),
        Ok(_) => Finding::good("public_url", &format!("the public address is {public_url}")),
        Err(error) => Finding::bad(
            "public_url",
            &format!("the public address {public_url} is no address: {error}"),
            "give it as https://host",
        ),
    }
}

/// Whether the gateway works against Meta's own hosts.
pub(super) fn is_meta(config: &Config) -> bool {
    LoginFlow::ALL.into_iter().any(|flow| {
        let url = match flow {
            LoginFlow::Instagram => &config.instagram_url,
            LoginFlow::Facebook => &config.facebook_url,
        };
        Url::parse(url).is_ok_and(|url| url.host_str() == Some(flow.graph_host()))
    })
}

fn folder(data: &Path) -> Finding {
    match open_bits(data) {
        Ok(0) => Finding::good("data_folder", "the data folder is for its owner only"),
        Ok(_) => Finding::warning(
            "data_folder",
            &format!("others may look into the data folder {}", data.display()),
            &format!("chmod 700 {}", data.display()),
        ),
        Err(error) => Finding::bad(
            "data_folder",
            &format!("the data folder {} cannot be looked at: {error}", data.display()),
            "does it exist, and does this user own it?",
        ),
    }
}

/// Nothing when there is no such file: the key may be configured, the token is made when it is needed.
fn private_file(path: &Path) -> Option<Finding> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match open_bits(path) {
        Ok(0) => Some(Finding::good("key_file", &format!("{name} is for its owner only"))),
        Ok(_) => Some(Finding::bad(
            "key_file",
            &format!("others may read {}", path.display()),
            &format!(
                "chmod 600 {}; if somebody may have read it, replace the key",
                path.display()
            ),
        )),
        Err(_absent) => None,
    }
}

/// The permissions of others than the owner; none where the system has no such thing.
fn open_bits(path: &Path) -> std::io::Result<u32> {
    let metadata = std::fs::metadata(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Ok(metadata.permissions().mode() & 0o077)
    }
    #[cfg(not(unix))]
    {
        drop(metadata);
        Ok(0)
    }
}
