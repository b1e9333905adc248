//! The decision itself: a pure function of the policy, the surface and what the caller shows.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header;
use http::{HeaderValue, StatusCode};

use super::caller::Caller;
use crate::http::admin_token::AdminToken;
use crate::http::host_name::HostName;

/// Kinds of paths, by what protects them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// Graph, OAuth token and webhook paths, health and metrics: any `Host`; the token, secret or signature decides.
    Machine,
    /// Login dialogs: for people, and reached under Meta's names as well.
    Dialog,
    /// Pages, `/_sim` and APIs.
    Private,
    /// An API with keys of its own: Host and Origin as for [`Self::Private`]; whoever shows neither a home address nor
    /// the admin token is let through as not admitted ([`super::Admitted`]), and the API asks for one of its keys.
    Keyed,
}

/// Left in a request's extensions by the walls of [`Surface::Keyed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admitted {
    /// Whether the caller may do everything: it is at home, or shows the admin token.
    pub is_owner: bool,
}

/// What the walls of one half are built from.
#[derive(Clone)]
pub struct Policy {
    /// Whether the listening address is a loopback address.
    pub bound_to_loopback: bool,
    /// Hosts given by `--public-url` and `--allow-host`.
    pub allowed_hosts: Vec<HostName>,
    /// The key of this folder.
    pub admin_token: AdminToken,
}

/// Why a request was turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No `Host`, two of them, or one that is no host.
    #[error("the request names no valid Host")]
    NoHost,
    /// Meta's names serve the Graph API, OAuth and dialogs only.
    #[error("this path is not served under a name of Meta's; use localhost")]
    NotUnderMetaName,
    /// A name that nobody allowed: the mark of DNS rebinding.
    #[error("this Host is not allowed here; use localhost, or start with --public-url or --allow-host")]
    HostNotAllowed,
    /// A write or a stream asked for by a page of somebody else.
    #[error("this Origin may not write or listen here")]
    OriginNotAllowed,
    /// From outside this machine, or through a proxy, without the key.
    #[error("this needs the admin token: send it as a Bearer token, or open the link that was printed at start")]
    KeyNeeded,
}

impl Refusal {
    /// The stable code in the error body.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoHost => "host_missing",
            Self::NotUnderMetaName => "not_under_meta_name",
            Self::HostNotAllowed => "host_not_allowed",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::KeyNeeded => "key_needed",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::NoHost => StatusCode::BAD_REQUEST,
            Self::NotUnderMetaName => StatusCode::NOT_FOUND,
            Self::HostNotAllowed | Self::OriginNotAllowed => StatusCode::FORBIDDEN,
            Self::KeyNeeded => StatusCode::UNAUTHORIZED,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let words = serde_json::json!({"error": {"code": self.code(), "message": self.to_string(), "field": null}});
        let mut response = (self.status(), Json(words)).into_response();
        if self == Self::KeyNeeded {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl Policy {
    /// Decides about one request.
    ///
    /// # Errors
    /// The first rule that the request breaks.
    pub fn decide(&self, surface: Surface, caller: &Caller<'_>) -> Result<(), Refusal> {
        if surface == Surface::Machine {
            return Ok(());
        }
        let host = caller.host.and_then(HostName::parse).ok_or(Refusal::NoHost)?;
        self.check_host(surface, &host)?;
        if caller.writes_or_streams {
            check_origin(caller.origin, &host)?;
        }
        if surface == Surface::Keyed || self.is_owner(surface, &host, caller) {
            Ok(())
        } else {
            Err(Refusal::KeyNeeded)
        }
    }

    /// What the walls say of a caller that [`Self::decide`] let through.
    pub fn admitted(&self, surface: Surface, caller: &Caller<'_>) -> Admitted {
        let host = caller.host.and_then(HostName::parse);
        Admitted {
            is_owner: host.is_some_and(|host| self.is_owner(surface, &host, caller)),
        }
    }

    fn is_owner(&self, surface: Surface, host: &HostName, caller: &Caller<'_>) -> bool {
        self.is_at_home(surface, host, caller) || self.shows_key(caller)
    }

    pub(super) fn check_host(&self, surface: Surface, host: &HostName) -> Result<(), Refusal> {
        if host.is_meta() {
            return match surface {
                Surface::Dialog | Surface::Machine => Ok(()),
                Surface::Private | Surface::Keyed => Err(Refusal::NotUnderMetaName),
            };
        }
        if host.is_loopback() || self.allowed_hosts.iter().any(|allowed| host.is_covered_by(allowed)) {
            Ok(())
        } else {
            Err(Refusal::HostNotAllowed)
        }
    }

    /// Whether the request can only have come from this machine. Meta's names count for dialogs: no page on the internet
    /// can make them lead here, only a hosts file of this machine can.
    fn is_at_home(&self, surface: Surface, host: &HostName, caller: &Caller<'_>) -> bool {
        let named_from_here = host.is_loopback() || (surface == Surface::Dialog && host.is_meta());
        self.bound_to_loopback && named_from_here && !caller.through_proxy
    }

    fn shows_key(&self, caller: &Caller<'_>) -> bool {
        caller.bearer.is_some_and(|shown| self.admin_token.matches(shown))
            || caller
                .cookie
                .is_some_and(|shown| self.admin_token.matches_cookie(shown))
    }
}

fn check_origin(origin: Option<&str>, host: &HostName) -> Result<(), Refusal> {
    let Some(origin) = origin else {
        return Ok(());
    };
    let same = origin
        .split_once("://")
        .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
        .and_then(|(scheme, authority)| Some((scheme, HostName::parse(authority)?)))
        .is_some_and(|(scheme, authority)| authority.is_same_place(host, scheme));
    if same { Ok(()) } else { Err(Refusal::OriginNotAllowed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "the key";

    fn policy(bound_to_loopback: bool) -> Policy {
        Policy {
            bound_to_loopback,
            allowed_hosts: ["selfsame.example.org", "10.0.0.7:7353"]
                .iter()
                .filter_map(|host| HostName::parse(host))
                .collect(),
            admin_token: AdminToken::new(KEY.to_owned()),
        }
    }

    /// A read from a host, without anything else.
    fn read(host: &str) -> Caller<'_> {
        Caller {
            host: Some(host),
            ..Caller::default()
        }
    }

    fn write<'a>(host: &'a str, origin: &'a str) -> Caller<'a> {
        Caller {
            origin: Some(origin),
            writes_or_streams: true,
            ..read(host)
        }
    }

    fn with_key(caller: Caller<'_>) -> Caller<'_> {
        Caller {
            bearer: Some(KEY),
            ..caller
        }
    }

    fn through_proxy(caller: Caller<'_>) -> Caller<'_> {
        Caller {
            through_proxy: true,
            ..caller
        }
    }

    #[test]
    fn an_api_with_keys_keeps_hosts_and_origins_and_says_who_is_no_owner() {
        for bound_to_loopback in [true, false] {
            let policy = policy(bound_to_loopback);
            let decide = |caller: &Caller<'_>| policy.decide(Surface::Keyed, caller);
            assert_eq!(decide(&read("evil.example")), Err(Refusal::HostNotAllowed));
            let foreign = with_key(write("localhost:7353", "https://evil.example"));
            assert_eq!(decide(&foreign), Err(Refusal::OriginNotAllowed));
            let rows = [
                (read("localhost:7353"), bound_to_loopback),
                (through_proxy(read("localhost:7353")), false),
                (with_key(through_proxy(read("localhost:7353"))), true),
                (read("selfsame.example.org"), false),
                (with_key(read("selfsame.example.org")), true),
            ];
            for (caller, is_owner) in rows {
                assert_eq!(decide(&caller), Ok(()), "{caller:?}");
                assert_eq!(
                    policy.admitted(Surface::Keyed, &caller),
                    Admitted { is_owner },
                    "{caller:?}"
                );
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "one table, one row a case")]
    #[test]
    fn a_loopback_house_follows_the_table() {
        use Refusal::{HostNotAllowed, KeyNeeded, NoHost, NotUnderMetaName, OriginNotAllowed};
        use Surface::{Dialog, Machine, Private};
        let policy = policy(true);

        let rows: Vec<(&str, Surface, Caller<'_>, Result<(), Refusal>)> = vec![
            ("machine, any host", Machine, read("evil.example"), Ok(())),
            ("machine, no host", Machine, Caller::default(), Ok(())),
            (
                "machine, foreign write",
                Machine,
                write("evil.example", "http://evil.example"),
                Ok(()),
            ),
            ("localhost reads", Private, read("localhost:7353"), Ok(())),
            ("127.0.0.1 reads", Private, read("127.0.0.1:7353"), Ok(())),
            ("IPv6 reads", Private, read("[::1]:7353"), Ok(())),
            ("*.localhost reads", Private, read("phone.localhost:7353"), Ok(())),
            ("no host", Private, Caller::default(), Err(NoHost)),
            ("nonsense host", Private, read("a b"), Err(NoHost)),
            ("rebound name", Private, read("evil.example:7353"), Err(HostNotAllowed)),
            (
                "rebound name that starts like ours",
                Private,
                read("localhost.evil.example"),
                Err(HostNotAllowed),
            ),
            (
                "rebound name with its own origin",
                Private,
                write("evil.example:7353", "http://evil.example:7353"),
                Err(HostNotAllowed),
            ),
            (
                "rebound name, even with the key",
                Private,
                with_key(read("evil.example")),
                Err(HostNotAllowed),
            ),
            (
                "rebound name on a dialog",
                Dialog,
                read("evil.example"),
                Err(HostNotAllowed),
            ),
            (
                "write without origin",
                Private,
                Caller {
                    writes_or_streams: true,
                    ..read("localhost:7353")
                },
                Ok(()),
            ),
            (
                "write from our page",
                Private,
                write("localhost:7353", "http://localhost:7353"),
                Ok(()),
            ),
            (
                "write from our page, other case",
                Private,
                write("LocalHost:7353", "http://localhost:7353"),
                Ok(()),
            ),
            (
                "write from a foreign page",
                Private,
                write("localhost:7353", "https://evil.example"),
                Err(OriginNotAllowed),
            ),
            (
                "write from another port here",
                Private,
                write("localhost:7353", "http://localhost:3000"),
                Err(OriginNotAllowed),
            ),
            (
                "write from another loopback name",
                Private,
                write("localhost:7353", "http://127.0.0.1:7353"),
                Err(OriginNotAllowed),
            ),
            (
                "write from an opaque origin",
                Private,
                write("localhost:7353", "null"),
                Err(OriginNotAllowed),
            ),
            (
                "write from an extension",
                Private,
                write("localhost:7353", "chrome-extension://localhost:7353"),
                Err(OriginNotAllowed),
            ),
            (
                "foreign origin with the key",
                Private,
                with_key(write("localhost:7353", "https://evil.example")),
                Err(OriginNotAllowed),
            ),
            (
                "consent from a foreign page",
                Dialog,
                write("localhost:7353", "https://evil.example"),
                Err(OriginNotAllowed),
            ),
            (
                "through a proxy",
                Private,
                through_proxy(read("localhost:7353")),
                Err(KeyNeeded),
            ),
            (
                "through a proxy with the key",
                Private,
                with_key(through_proxy(read("localhost:7353"))),
                Ok(()),
            ),
            (
                "allowed host without key",
                Private,
                read("selfsame.example.org"),
                Err(KeyNeeded),
            ),
            (
                "allowed host with key",
                Private,
                with_key(read("selfsame.example.org")),
                Ok(()),
            ),
            (
                "allowed host, any port",
                Private,
                with_key(read("selfsame.example.org:8443")),
                Ok(()),
            ),
            (
                "host allowed with its port",
                Private,
                with_key(read("10.0.0.7:7353")),
                Ok(()),
            ),
            (
                "host allowed with another port",
                Private,
                with_key(read("10.0.0.7:80")),
                Err(HostNotAllowed),
            ),
            (
                "wrong key",
                Private,
                Caller {
                    bearer: Some("a guess"),
                    ..read("selfsame.example.org")
                },
                Err(KeyNeeded),
            ),
            (
                "Meta's name on a page",
                Private,
                read("www.instagram.com"),
                Err(NotUnderMetaName),
            ),
            (
                "Meta's name on a page with key",
                Private,
                with_key(read("graph.facebook.com")),
                Err(NotUnderMetaName),
            ),
            ("Meta's name on a dialog", Dialog, read("www.instagram.com"), Ok(())),
            (
                "Meta's name on a dialog, consent",
                Dialog,
                write("www.instagram.com", "https://www.instagram.com"),
                Ok(()),
            ),
            (
                "Meta's name on a dialog, foreign consent",
                Dialog,
                write("www.instagram.com", "https://evil.example"),
                Err(OriginNotAllowed),
            ),
            (
                "Meta's name on a dialog through a proxy",
                Dialog,
                through_proxy(read("www.facebook.com")),
                Err(KeyNeeded),
            ),
            (
                "Meta's name on a dialog through a proxy with key",
                Dialog,
                with_key(through_proxy(read("www.facebook.com"))),
                Ok(()),
            ),
        ];
        for (name, surface, caller, expected) in rows {
            assert_eq!(policy.decide(surface, &caller), expected, "{name}");
        }
    }

    #[test]
    fn a_house_bound_wide_wants_the_key_even_from_localhost() {
        let policy = policy(false);

        assert_eq!(
            policy.decide(Surface::Private, &read("localhost:7353")),
            Err(Refusal::KeyNeeded)
        );
        assert_eq!(
            policy.decide(Surface::Dialog, &read("www.instagram.com")),
            Err(Refusal::KeyNeeded)
        );
        assert_eq!(
            policy.decide(Surface::Private, &with_key(read("localhost:7353"))),
            Ok(())
        );
        assert_eq!(policy.decide(Surface::Machine, &read("anything.example")), Ok(()));
    }

    #[test]
    fn the_cookie_opens_what_the_key_opens() {
        let policy = policy(false);
        let cookie = policy.admin_token.cookie_value().to_owned();
        let caller = Caller {
            cookie: Some(&cookie),
            ..read("selfsame.example.org")
        };

        assert_eq!(policy.decide(Surface::Private, &caller), Ok(()));
        let forged = Caller {
            cookie: Some(KEY),
            ..read("selfsame.example.org")
        };
        assert_eq!(policy.decide(Surface::Private, &forged), Err(Refusal::KeyNeeded));
    }
}
