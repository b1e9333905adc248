//! What a login dialog was asked for, and where it leads (contract: login-instagram §2.1–2.2, login-facebook §3.1).

use ring::digest;
use selfsame_wire::flow::LoginFlow;
use url::Url;

use super::app::App;
use crate::actions::{FACEBOOK_SCOPES, INSTAGRAM_SCOPES, default_scopes};

/// Permissions that exist besides those a grant gives by default.
const FURTHER_FACEBOOK_SCOPES: [&str; 6] = [
    "business_management",
    "ads_management",
    "ads_read",
    "public_profile",
    "email",
    "instagram_branded_content_brand",
];

/// A dialog's request whose app and redirect are known to be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Which login.
    pub flow: LoginFlow,
    /// Where the answer goes, as registered.
    pub redirect_uri: String,
    /// Permissions asked for.
    pub scopes: Vec<String>,
    /// Echoed verbatim; absent stays absent.
    pub state: Option<String>,
    /// PKCE.
    pub code_challenge: Option<String>,
    /// PKCE: `plain` or `S256`.
    pub code_challenge_method: Option<String>,
    /// Asks for credentials even when logged in.
    pub force_reauth: bool,
    /// Whether permissions that the person declined before are asked for again.
    pub asks_again: bool,
    /// Whether the Instagram login page offers Facebook.
    pub enable_fb_login: bool,
}

/// What a dialog's address carried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthorizationParameters {
    /// `redirect_uri`
    pub redirect_uri: Option<String>,
    /// `response_type`
    pub response_type: Option<String>,
    /// `scope`
    pub scope: Option<String>,
    /// `config_id`: Login for Business, in place of scopes.
    pub config_id: Option<String>,
    /// `state`
    pub state: Option<String>,
    /// `force_reauth`
    pub force_reauth: Option<String>,
    /// `enable_fb_login`
    pub enable_fb_login: Option<String>,
    /// `auth_type`: the Facebook login's alone.
    pub auth_type: Option<String>,
    /// `code_challenge`
    pub code_challenge: Option<String>,
    /// `code_challenge_method`
    pub code_challenge_method: Option<String>,
}

/// Why a dialog shows an error page instead of asking. It never redirects: the address is not to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialogRefusal {
    /// `client_id` names no app of this login.
    #[error("Invalid platform app")]
    UnknownApp {
        /// As given.
        client_id: String,
        /// The app whose other id this is.
        other_identity_of: Option<String>,
    },
    /// `redirect_uri` is not registered.
    #[error("Invalid redirect_uri")]
    RedirectUri {
        /// As given.
        given: Option<String>,
        /// Registered ones.
        registered: Vec<String>,
        /// App name.
        app: String,
    },
    /// `response_type` is not `code`.
    #[error("Invalid response_type")]
    ResponseType {
        /// As given.
        given: String,
    },
    /// A permission that this login does not have.
    #[error("Invalid Scopes")]
    Scopes {
        /// Unknown ones; empty when none was asked for.
        unknown: Vec<String>,
        /// Which login.
        flow: LoginFlow,
    },
    /// A challenge that cannot be checked later.
    #[error("Invalid code_challenge_method")]
    ChallengeMethod {
        /// As given.
        given: String,
    },
}

impl DialogRefusal {
    /// Cause and remedy, for the developer.
    pub fn why(&self) -> String {
        match self {
            Self::UnknownApp {
                client_id,
                other_identity_of: Some(app),
            } => format!(
                "{client_id:?} is the other id of app {app}: the Instagram login takes its Instagram app id, the Facebook login its Meta app id"
            ),
            Self::UnknownApp {
                client_id,
                other_identity_of: None,
            } => {
                format!("no app of this platform has the id {client_id:?}; `selfsame world` lists them")
            }
            Self::RedirectUri { given, registered, app } => format!(
                "redirect_uri is {}, and must be exactly one of those registered on app {app}: {registered:?}. \
                 Register it: PATCH /_sim/apps/{app} {{\"redirect_uris\":[…]}}, or in the dashboard",
                given
                    .as_ref()
                    .map_or("missing".to_owned(), |given| format!("{given:?}"))
            ),
            Self::ResponseType { given } if given.is_empty() => "response_type is missing; it is code".to_owned(),
            Self::ResponseType { given } => format!("response_type is {given:?}; only code is supported"),
            Self::Scopes { unknown, flow } if unknown.is_empty() => {
                format!(
                    "scope is missing; the {} login needs at least its basic permission",
                    flow.name()
                )
            }
            Self::Scopes { unknown, flow } => {
                format!("the {} login has no permission {}", flow.name(), unknown.join(", "))
            }
            Self::ChallengeMethod { given } => format!("code_challenge_method is {given:?}; there are plain and S256"),
        }
    }
}

impl AuthorizationRequest {
    /// Checks what a dialog was asked for, for an app of this login.
    pub fn check(flow: LoginFlow, app: &App, asked: AuthorizationParameters) -> Result<Self, DialogRefusal> {
        let redirect_uri = match asked.redirect_uri {
            Some(given) if app.redirect_uris.contains(&given) => given,
            given => {
                return Err(DialogRefusal::RedirectUri {
                    given,
                    registered: app.redirect_uris.clone(),
                    app: app.name.clone(),
                });
            }
        };
        match asked.response_type.as_deref() {
            Some("code") => {}
            None if flow == LoginFlow::Facebook => {}
            given => {
                return Err(DialogRefusal::ResponseType {
                    given: given.unwrap_or_default().to_owned(),
                });
            }
        }
        let challenge_method = asked
            .code_challenge
            .is_some()
            .then(|| asked.code_challenge_method.unwrap_or_else(|| "plain".to_owned()));
        if let Some(method) = challenge_method
            .as_deref()
            .filter(|method| !matches!(*method, "plain" | "S256"))
        {
            return Err(DialogRefusal::ChallengeMethod {
                given: method.to_owned(),
            });
        }
        let scopes = match (flow, &asked.config_id) {
            // The configuration's permissions live at Meta; here one means everything.
            (LoginFlow::Facebook, Some(_)) => default_scopes(flow),
            _ => scopes_of(flow, asked.scope.as_deref().unwrap_or_default())?,
        };
        Ok(Self {
            flow,
            redirect_uri,
            scopes,
            state: asked.state,
            code_challenge: asked.code_challenge,
            code_challenge_method: challenge_method,
            force_reauth: match flow {
                LoginFlow::Instagram => asked.force_reauth.as_deref() == Some("true"),
                LoginFlow::Facebook => asked.auth_type.as_deref() == Some("reauthenticate"),
            },
            // A configuration of Login for Business is one consent, and so is a dialog of the Instagram login.
            asks_again: flow == LoginFlow::Instagram
                || asked.config_id.is_some()
                || matches!(asked.auth_type.as_deref(), Some("rerequest" | "reauthorize")),
            enable_fb_login: asked.enable_fb_login.as_deref() != Some("false"),
        })
    }

    /// The chosen permissions without those that the person declined before and is not asked for again.
    pub fn granted_of(&self, chosen: Vec<String>, declined_before: &[String]) -> Vec<String> {
        let is_granted = |scope: &String| self.asks_again || !declined_before.contains(scope);
        chosen.into_iter().filter(is_granted).collect()
    }

    /// What holds after this dialog. The Facebook login decides on what it asked for, and everything else stays as it was until it
    /// is taken back; a dialog of the Instagram login is one consent, in place of the one before.
    pub fn added_to(&self, before: &[String], decided: &[String]) -> Vec<String> {
        let stays = |scope: &&String| self.flow == LoginFlow::Facebook && !self.scopes.contains(scope);
        before.iter().filter(stays).chain(decided).cloned().collect()
    }

    /// The permission that cannot be unticked.
    pub fn required_scope(&self) -> &'static str {
        match self.flow {
            LoginFlow::Instagram => INSTAGRAM_SCOPES[0],
            LoginFlow::Facebook => FACEBOOK_SCOPES[0],
        }
    }

    /// Where a granted dialog leads, the fragment that Meta appends included.
    pub fn granted_address(&self, code: &str) -> String {
        let mut pairs = vec![("code", code)];
        pairs.extend(self.state.as_deref().map(|state| ("state", state)));
        let fragment = match self.flow {
            LoginFlow::Instagram => "#_",
            LoginFlow::Facebook => "#_=_",
        };
        let address = with_pairs(&self.redirect_uri, &pairs);
        if address.contains('#') {
            address // an address has one fragment, and the registered one brings its own
        } else {
            format!("{address}{fragment}")
        }
    }

    /// Where a cancelled dialog leads.
    pub fn denied_address(&self) -> String {
        let mut pairs = vec![("error", "access_denied")];
        match self.flow {
            LoginFlow::Instagram => {
                pairs.extend([
                    ("error_reason", "user_denied"),
                    ("error_description", "The user denied your request"),
                ]);
            }
            LoginFlow::Facebook => {
                pairs.extend([
                    ("error_code", "200"),
                    ("error_description", "Permissions error"),
                    ("error_reason", "user_denied"),
                ]);
            }
        }
        pairs.extend(self.state.as_deref().map(|state| ("state", state)));
        with_pairs(&self.redirect_uri, &pairs)
    }
}

fn scopes_of(flow: LoginFlow, scope: &str) -> Result<Vec<String>, DialogRefusal> {
    let mut scopes: Vec<String> = Vec::new();
    for name in scope.split([',', ' ']).map(str::trim).filter(|name| !name.is_empty()) {
        if !scopes.iter().any(|known| known == name) {
            scopes.push(name.to_owned());
        }
    }
    let exists = |name: &str| match flow {
        LoginFlow::Instagram => INSTAGRAM_SCOPES.contains(&name),
        // The self-messaging page lists the Instagram login's names in its Facebook column too.
        LoginFlow::Facebook => {
            FACEBOOK_SCOPES.contains(&name)
                || FURTHER_FACEBOOK_SCOPES.contains(&name)
                || INSTAGRAM_SCOPES.contains(&name)
        }
    };
    let unknown: Vec<String> = scopes.iter().filter(|name| !exists(name)).cloned().collect();
    let is_missing = scopes.is_empty() && flow == LoginFlow::Instagram;
    if is_missing || !unknown.is_empty() {
        Err(DialogRefusal::Scopes { unknown, flow })
    } else {
        Ok(scopes)
    }
}

fn with_pairs(address: &str, pairs: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    let (address, fragment) = address
        .split_once('#')
        .map_or((address, None), |(address, fragment)| (address, Some(fragment)));
    let joint = if address.contains('?') { '&' } else { '?' };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{address}{joint}{query}{fragment}")
}

/// The origin that a form's redirect ends at, for the page's policy.
pub fn origin_of(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(
        || format!("{}://{host}", url.scheme()),
        |port| format!("{}://{host}:{port}", url.scheme()),
    ))
}

/// Whether a PKCE verifier answers the challenge.
pub fn verifier_fits(challenge: &str, method: Option<&str>, verifier: &str) -> bool {
    match method {
        Some("S256") => {
            use base64::Engine as _;
            let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash.as_ref()) == challenge.trim_end_matches('=')
        }
        _ => verifier == challenge,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(flow: LoginFlow, redirect_uri: &str, state: Option<&str>) -> AuthorizationRequest {
        AuthorizationRequest {
            flow,
            redirect_uri: redirect_uri.to_owned(),
            scopes: Vec::new(),
            state: state.map(str::to_owned),
            code_challenge: None,
            code_challenge_method: None,
            force_reauth: false,
            asks_again: true,
            enable_fb_login: true,
        }
    }

    #[test]
    fn the_answer_goes_back_as_documented() {
        let instagram = request(LoginFlow::Instagram, "https://app.test/cb", Some("a b&c"));
        assert_eq!(
            instagram.granted_address("AQx"),
            "https://app.test/cb?code=AQx&state=a+b%26c#_"
        );
        assert_eq!(
            instagram.denied_address(),
            "https://app.test/cb?error=access_denied&error_reason=user_denied&error_description=The+user+denied+your+request&state=a+b%26c"
        );
        let facebook = request(LoginFlow::Facebook, "https://app.test/cb?x=1", None);
        assert_eq!(facebook.granted_address("AQx"), "https://app.test/cb?x=1&code=AQx#_=_");
        assert_eq!(
            facebook.denied_address(),
            "https://app.test/cb?x=1&error=access_denied&error_code=200&error_description=Permissions+error&error_reason=user_denied"
        );
    }

    #[test]
    fn scopes_come_by_comma_or_space_and_unknown_ones_are_named() {
        let basic = "instagram_business_basic,instagram_business_manage_messages";
        assert_eq!(scopes_of(LoginFlow::Instagram, basic).unwrap().len(), 2);
        assert_eq!(
            scopes_of(LoginFlow::Instagram, &basic.replace(',', " ")).unwrap().len(),
            2
        );
        assert!(scopes_of(LoginFlow::Instagram, "business_basic").is_err());
        assert!(scopes_of(LoginFlow::Instagram, "").is_err());
        assert!(
            scopes_of(
                LoginFlow::Facebook,
                "instagram_basic instagram_business_manage_messages"
            )
            .is_ok()
        );
    }

    #[test]
    fn a_verifier_is_held_against_its_challenge() {
        // RFC 7636, appendix B.
        let (verifier, challenge) = (
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        );
        assert!(verifier_fits(challenge, Some("S256"), verifier));
        assert!(!verifier_fits(challenge, Some("S256"), challenge));
        assert!(verifier_fits("same", Some("plain"), "same"));
    }
}
