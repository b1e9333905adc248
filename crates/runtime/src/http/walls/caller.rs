//! What a request shows of its caller.

use http::Method;
use http::header::{self, HeaderMap, HeaderName};
use http::request::Parts;

/// The cookie that stands for the key.
pub(super) const COOKIE_NAME: &str = "selfsame_key";

/// What a request shows of its caller; everything the decision reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Caller<'a> {
    /// The one `Host` (or authority of the request target), when there is exactly one.
    pub host: Option<&'a str>,
    /// `Origin`, when sent; two of them read as one that equals nothing.
    pub origin: Option<&'a str>,
    /// A header that only proxies send is there.
    pub through_proxy: bool,
    /// Changes something, or listens.
    pub writes_or_streams: bool,
    /// The Bearer token.
    pub bearer: Option<&'a str>,
    /// The key cookie.
    pub cookie: Option<&'a str>,
}

impl<'a> Caller<'a> {
    /// Reads what the decision needs from a request.
    pub fn of(parts: &'a Parts) -> Self {
        Self {
            host: host_of(parts),
            origin: match single(&parts.headers, header::ORIGIN) {
                Single::Absent => None,
                Single::One(origin) => Some(origin),
                Single::Unusable => Some("null"),
            },
            through_proxy: parts.headers.keys().any(is_proxy_header),
            writes_or_streams: !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS)
                || is_stream(parts),
            bearer: bearer_of(&parts.headers),
            cookie: cookie_of(&parts.headers),
        }
    }
}

enum Single<'a> {
    Absent,
    One(&'a str),
    Unusable,
}

fn single(headers: &HeaderMap, name: HeaderName) -> Single<'_> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Single::Absent,
        (Some(value), None) => value.to_str().map_or(Single::Unusable, Single::One),
        (Some(_), Some(_)) => Single::Unusable,
    }
}

fn host_of(parts: &Parts) -> Option<&str> {
    match single(&parts.headers, header::HOST) {
        Single::Unusable => None,
        Single::One(host) => Some(parts.uri.authority().map_or(host, http::uri::Authority::as_str)),
        Single::Absent => parts.uri.authority().map(http::uri::Authority::as_str),
    }
}

fn is_proxy_header(name: &HeaderName) -> bool {
    let name = name.as_str();
    matches!(name, "forwarded" | "via" | "x-real-ip") || name.starts_with("x-forwarded-")
}

fn is_stream(parts: &Parts) -> bool {
    let asks_for_events = parts
        .headers
        .get_all(header::ACCEPT)
        .iter()
        .any(|accept| accept.to_str().is_ok_and(|text| text.contains("text/event-stream")));
    asks_for_events || parts.uri.path().trim_end_matches('/').ends_with("/stream")
}

fn bearer_of(headers: &HeaderMap) -> Option<&str> {
    let Single::One(text) = single(headers, header::AUTHORIZATION) else {
        return None;
    };
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie_of(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE_NAME).then_some(value))
}
