//! Where the two hosts are: Meta's, or the local platform standing in for all of them.

use selfsame_wire::flow::LoginFlow;
use url::Url;

/// The version that our calls ask for.
pub const API_VERSION: &str = "v25.0";

const GRAPH_INSTAGRAM: &str = "graph.instagram.com";
const GRAPH_FACEBOOK: &str = "graph.facebook.com";

/// Base URLs of both Graph hosts. The further hosts of a login follow from them: Meta spreads a login
/// over four names, the platform answers all of them in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrls {
    instagram: Url,
    facebook: Url,
}

/// Why a base URL cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaseUrlError {
    /// Not a URL.
    #[error("{text} is not a URL")]
    Parse {
        /// What was given.
        text: String,
        /// Why not.
        #[source]
        source: url::ParseError,
    },
    /// A URL, but not of a server.
    #[error("{text} is not an http or https URL")]
    Scheme {
        /// What was given.
        text: String,
    },
}

impl BaseUrls {
    /// Takes the base URL of each host.
    pub fn new(instagram: &str, facebook: &str) -> Result<Self, BaseUrlError> {
        Ok(Self {
            instagram: parse(instagram)?,
            facebook: parse(facebook)?,
        })
    }

    /// Base of Graph calls of a flow.
    pub const fn graph(&self, flow: LoginFlow) -> &Url {
        match flow {
            LoginFlow::Instagram => &self.instagram,
            LoginFlow::Facebook => &self.facebook,
        }
    }

    /// Base of the Instagram code exchange: `api.instagram.com` at Meta.
    pub fn instagram_code_exchange(&self) -> Url {
        at_meta(&self.instagram, GRAPH_INSTAGRAM, "api.instagram.com")
    }

    /// Base of the login dialog of a flow: `www.instagram.com` or `www.facebook.com` at Meta.
    pub fn dialog(&self, flow: LoginFlow) -> Url {
        match flow {
            LoginFlow::Instagram => at_meta(&self.instagram, GRAPH_INSTAGRAM, "www.instagram.com"),
            LoginFlow::Facebook => at_meta(&self.facebook, GRAPH_FACEBOOK, "www.facebook.com"),
        }
    }
}

fn parse(text: &str) -> Result<Url, BaseUrlError> {
    let url = Url::parse(text).map_err(|source| BaseUrlError::Parse {
        text: text.to_owned(),
        source,
    })?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(url)
    } else {
        Err(BaseUrlError::Scheme { text: text.to_owned() })
    }
}

/// The sibling host when the base is Meta's, else the base itself.
fn at_meta(base: &Url, graph_host: &str, sibling_host: &str) -> Url {
    let mut url = base.clone();
    if base.host_str() == Some(graph_host) && url.set_host(Some(sibling_host)).is_err() {
        return base.clone();
    }
    url
}

/// Appends path segments, escaped.
pub(crate) fn join(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_at_meta_is_spread_over_four_hosts() {
        let live = BaseUrls::new("https://graph.instagram.com", "https://graph.facebook.com").unwrap();
        assert_eq!(live.instagram_code_exchange().as_str(), "https://api.instagram.com/");
        assert_eq!(live.dialog(LoginFlow::Instagram).as_str(), "https://www.instagram.com/");
        assert_eq!(live.dialog(LoginFlow::Facebook).as_str(), "https://www.facebook.com/");
    }

    #[test]
    fn a_login_at_the_platform_stays_there() {
        let local = BaseUrls::new("http://127.0.0.1:7353", "http://127.0.0.1:7353").unwrap();
        assert_eq!(local.instagram_code_exchange().as_str(), "http://127.0.0.1:7353/");
        assert_eq!(local.dialog(LoginFlow::Instagram).as_str(), "http://127.0.0.1:7353/");
    }

    #[test]
    fn ids_are_escaped_in_paths_and_a_prefix_is_kept() {
        let base = Url::parse("http://h/prefix/").unwrap();
        assert_eq!(
            join(&base, &["v25.0", "a/b?c", "messages"]).as_str(),
            "http://h/prefix/v25.0/a%2Fb%3Fc/messages"
        );
    }

    #[test]
    fn other_schemes_are_refused() {
        assert!(BaseUrls::new("file:///etc", "http://h").is_err());
        assert!(BaseUrls::new("localhost:7353", "http://h").is_err());
    }
}
