//! The base that a request came in on, for absolute URLs (design §5 "One port").

use std::fmt;

use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;
use selfsame_runtime::http::HostName;

use super::App;

/// Scheme and authority, without a trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicBase(String);

impl PublicBase {
    /// The base of a request: Meta's names mean https, else what a proxy says, else http.
    pub(crate) fn of(parts: &Parts, app: &App) -> Self {
        let named = parts.uri.authority().map(http::uri::Authority::as_str).or_else(|| {
            let host = parts.headers.get(header::HOST)?;
            host.to_str().ok()
        });
        match named.filter(|host| HostName::parse(host).is_some()) {
            Some(host) => {
                let is_meta = HostName::parse(host).is_some_and(|host| host.is_meta());
                let forwarded_https = parts
                    .headers
                    .get("x-forwarded-proto")
                    .and_then(|proto| proto.to_str().ok())
                    .is_some_and(|proto| {
                        proto
                            .split(',')
                            .next()
                            .is_some_and(|first| first.trim().eq_ignore_ascii_case("https"))
                    });
                let scheme = if is_meta || forwarded_https { "https" } else { "http" };
                Self(format!("{scheme}://{host}"))
            }
            None => match &app.config.public_url {
                Some(url) => Self(url.as_str().trim_end_matches('/').to_owned()),
                None => Self(format!("http://{}", app.config.bind)),
            },
        }
    }
}

impl fmt::Display for PublicBase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromRequestParts<App> for PublicBase {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts, app))
    }
}
