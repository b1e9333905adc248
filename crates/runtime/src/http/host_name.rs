//! The name a request was addressed to.

use std::net::IpAddr;

/// Names of Meta's that reach us through a hosts file or a proxy.
const META_NAMES: [&str; 7] = [
    "graph.facebook.com",
    "graph.instagram.com",
    "api.instagram.com",
    "www.instagram.com",
    "instagram.com",
    "www.facebook.com",
    "facebook.com",
];

/// Whether `name` (no port, any case) is one of Meta's.
pub fn is_meta_name(name: &str) -> bool {
    META_NAMES.iter().any(|meta| meta.eq_ignore_ascii_case(name))
}

/// A `Host`: name and port apart, the name in lower case and without a trailing dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName {
    name: String,
    port: Option<u16>,
}

impl HostName {
    /// Reads a `Host` header or an authority; `None` when it is neither a name nor an address with an optional port.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, port) = split_port(text)?;
        if name.is_empty() || name.contains(|c: char| !is_host_character(c)) {
            return None;
        }
        let port = match port {
            None => None,
            Some(digits) => Some(digits.parse().ok()?),
        };
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        Some(Self { name, port })
    }

    /// The name alone, lower case; an IPv6 address stands in brackets.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port, when it was written.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether the name can only mean this machine: a loopback address, `localhost`, or a name below it.
    pub fn is_loopback(&self) -> bool {
        let address = self
            .name
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(&self.name);
        if let Ok(address) = address.parse::<IpAddr>() {
            return address.is_loopback();
        }
        self.name == "localhost" || self.name.ends_with(".localhost")
    }

    /// Whether the name is one of Meta's.
    pub fn is_meta(&self) -> bool {
        is_meta_name(&self.name)
    }

    /// Whether `allowed` (a name, with or without a port) covers this host.
    pub fn is_covered_by(&self, allowed: &Self) -> bool {
        self.name == allowed.name && (allowed.port.is_none() || allowed.port == self.port)
    }

    /// Whether both mean the same place when reached by `scheme`, whose default port may be left out.
    pub fn is_same_place(&self, other: &Self, scheme: &str) -> bool {
        let default_port = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
        self.name == other.name && self.port.unwrap_or(default_port) == other.port.unwrap_or(default_port)
    }
}

fn split_port(text: &str) -> Option<(&str, Option<&str>)> {
    if text.starts_with('[') {
        let end = text.find(']')?;
        let (address, rest) = text.split_at(end + 1);
        return match rest.strip_prefix(':') {
            None if rest.is_empty() => Some((address, None)),
            None => None,
            Some(port) => Some((address, Some(port))),
        };
    }
    match text.split_once(':') {
        None => Some((text, None)),
        Some((_, port)) if port.contains(':') => None, // an IPv6 address without brackets
        Some((name, port)) => Some((name, Some(port))),
    }
}

fn is_host_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '[' | ']' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_told_by_the_whole_name() {
        for (text, expected) in [
            ("localhost", true),
            ("LOCALHOST:7353", true),
            ("localhost.", true),
            ("graph.instagram.localhost:7353", true),
            ("127.0.0.1:7353", true),
            ("127.9.9.9", true),
            ("[::1]:7353", true),
            ("localhost.evil.example", false),
            ("evil-localhost", false),
            ("notlocalhost", false),
            ("127.0.0.1.evil.example", false),
            ("0.0.0.0", false),
            ("192.168.1.4", false),
            ("[::]", false),
        ] {
            let host = HostName::parse(text).unwrap_or_else(|| panic!("{text} is a host"));
            assert_eq!(host.is_loopback(), expected, "{text}");
        }
    }

    #[test]
    fn nonsense_is_no_host() {
        for text in [
            "",
            ":7353",
            "a b",
            "localhost:port",
            "localhost:99999",
            "::1",
            "[::1",
            "[::1]x",
            "a/b",
            "user@host",
            "local\u{12b}ost",
        ] {
            assert_eq!(HostName::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_default_port_may_be_left_out() {
        let plain = HostName::parse("example.org").unwrap();
        let with_port = HostName::parse("example.org:443").unwrap();

        assert!(plain.is_same_place(&with_port, "https"));
        assert!(!plain.is_same_place(&with_port, "http"));
    }
}
