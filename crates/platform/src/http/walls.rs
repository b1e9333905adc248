//! The walls of the platform, from its configuration (design §5 "Who may call").

use selfsame_runtime::http::{AdminToken, HostName, Policy, Walls};
use selfsame_runtime::random::Random;

use crate::config::Config;

/// Random bytes of a key that nobody gave.
const KEY_BYTES: usize = 24;

/// The walls. Without a configured key one is made that nobody knows: only callers who need none get in.
pub(crate) fn walls(config: &Config, random: &Random) -> Walls {
    let key = config.admin_token.clone().unwrap_or_else(|| random.hex(KEY_BYTES));
    let public = config
        .public_url
        .as_ref()
        .and_then(|url| match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => Some(format!("{host}:{port}")),
            (host, _) => host.map(str::to_owned),
        });
    Walls::new(Policy {
        bound_to_loopback: config.bind.ip().is_loopback(),
        allowed_hosts: config
            .allow_hosts
            .iter()
            .chain(&public)
            .filter_map(|host| HostName::parse(host))
            .collect(),
        admin_token: AdminToken::new(key),
    })
}
