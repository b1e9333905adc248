//! Live: the callback as Instagram calls it, the clocks, and where the app has its events delivered.

use std::error::Error;
use std::time::Duration;

use jiff::Timestamp;
use selfsame_client::AppCredentials;
use selfsame_wire::secret::AppSecret;
use url::Url;

use super::{Check, Checker, configuration};
use crate::onboarding::{Finding, explain};

/// How long one look may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The bytes of a challenge.
const CHALLENGE_BYTES: usize = 12;
/// Clocks that differ by more blur which echo belongs to which call.
const SKEW_WARNING_S: i64 = 5;
/// Clocks that differ by more get tokens and windows wrong.
const SKEW_BAD_S: i64 = 60;
/// The path of the callback.
const CALLBACK: &str = "/webhooks/instagram";

pub(super) async fn checks(checker: Checker<'_>) -> Vec<Check> {
    let http = match client() {
        Ok(http) => http,
        Err(error) => {
            let text = format!("no HTTP client can be built: {error}");
            let finding = Finding::bad("http", &text, "is the system's certificate store readable?");
            return vec![Check::of("callback", finding)];
        }
    };
    let address = callback_address(checker);
    let mut checks = vec![
        Check::of("callback", handshake(checker, &http, &address).await),
        Check::of("clock", clock(checker, &http).await),
    ];
    if let Some(finding) = subscription(checker, &address).await {
        checks.push(Check::of("app", finding));
    }
    checks
}

fn client() -> Result<reqwest::Client, reqwest::Error> {
    // Installing twice is harmless: the first one stays, and it is the same one.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

fn callback_address(checker: Checker<'_>) -> String {
    let base = match &checker.config.public_url {
        Some(public_url) => public_url.trim_end_matches('/').to_owned(),
        None => format!("http://{}", checker.config.bind),
    };
    format!("{base}{CALLBACK}")
}

/// How the address took Instagram's handshake.
enum Handshake {
    /// Nothing was answered in time.
    TimedOut,
    /// There was no connection, or it broke: the last cause.
    Unreachable(String),
    /// Something was answered.
    Answered {
        status: http::StatusCode,
        /// Whether the body is the challenge.
        is_challenge: bool,
    },
}

async fn handshake(checker: Checker<'_>, http: &reqwest::Client, address: &str) -> Finding {
    let challenge = checker.random.hex(CHALLENGE_BYTES);
    let Ok(mut url) = Url::parse(address) else {
        return Finding::bad("callback", &format!("{address} is no address"), "correct --public-url");
    };
    url.query_pairs_mut()
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", &challenge)
        .append_pair("hub.verify_token", &checker.config.verify_token);
    let taken = match http.get(url).send().await {
        Ok(answer) => Handshake::Answered {
            status: answer.status(),
            is_challenge: answer.text().await.is_ok_and(|body| body == challenge),
        },
        Err(error) if error.is_timeout() => Handshake::TimedOut,
        Err(error) => Handshake::Unreachable(root_of(&error)),
    };
    judge(address, &taken)
}

fn judge(address: &str, taken: &Handshake) -> Finding {
    let bad = |text: String, remedy: &str| Finding::bad("callback", &text, remedy);
    match taken {
        Handshake::TimedOut => bad(
            format!("{address} does not answer within {} s", TIMEOUT.as_secs()),
            "does a firewall stand before it, and does the proxy reach the gateway?",
        ),
        Handshake::Unreachable(reason) => {
            let said = reason.to_ascii_lowercase();
            let remedy = if said.contains("certificate") {
                "the TLS certificate is not trusted, or not for this name: Meta refuses it too"
            } else if said.contains("corrupt message") || said.contains("tls") {
                "what listens there speaks no TLS: put TLS in front of the gateway, at the port that --public-url names"
            } else if said.contains("dns") || said.contains("lookup") {
                "the name does not resolve: correct the DNS record or --public-url"
            } else {
                "does something listen there, and does the proxy reach the gateway?"
            };
            bad(format!("{address} cannot be reached: {reason}"), remedy)
        }
        Handshake::Answered {
            status,
            is_challenge: true,
        } if status.is_success() => Finding::good("callback", &format!("{address} answers Instagram's handshake")),
        Handshake::Answered { status, .. } => {
            let remedy = match status.as_u16() {
                200..=299 => "something else answers in place of the gateway: a page of the proxy or of a tunnel?",
                300..=399 => "it redirects, and Meta does not follow: name the final address in --public-url",
                401 | 407 => "the proxy asks for a password on this path: let /webhooks/instagram through",
                403 => {
                    "the verify token is wrong there: another gateway answers, or a proxy changes the query, so that \
                     the token does not arrive as it is"
                }
                404 => "the proxy does not hand the path on unchanged: it must end in /webhooks/instagram",
                500..=599 => "the proxy does not reach the gateway",
                _ => "look at the proxy's log",
            };
            bad(format!("{address} answers the handshake with {status}"), remedy)
        }
    }
}

async fn clock(checker: Checker<'_>, http: &reqwest::Client) -> Finding {
    let address = checker.config.instagram_url.as_str();
    let answer = match http.get(address).send().await {
        Ok(answer) => answer,
        Err(error) => {
            return Finding::bad(
                "clock",
                &format!("{address} cannot be reached: {}", root_of(&error)),
                "does this machine reach the internet? Is --instagram-url right?",
            );
        }
    };
    let date = answer
        .headers()
        .get("date")
        .and_then(|date| date.to_str().ok())
        .and_then(|date| jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
    let Some(date) = date else {
        return Finding::warning(
            "clock",
            &format!("{address} does not tell the time"),
            "is it Instagram that answers?",
        );
    };
    skew(checker.world.now(), date)
}

fn skew(ours: Timestamp, theirs: Timestamp) -> Finding {
    let skew_s = theirs.as_second().saturating_sub(ours.as_second());
    let text = format!("Instagram's clock is {skew_s} s ahead of ours");
    let remedy = "set this machine's clock by NTP (timedatectl set-ntp true)";
    match skew_s.abs() {
        0..=SKEW_WARNING_S => Finding::good("clock", &text),
        skew_s if skew_s <= SKEW_BAD_S => Finding::warning("clock", &text, remedy),
        _ => Finding::bad("clock", &text, remedy),
    }
}

/// Where the Meta app has its events delivered. Only the Meta app can be asked; the Instagram app's
/// callback is in the App Dashboard alone.
async fn subscription(checker: Checker<'_>, address: &str) -> Option<Finding> {
    let app = &checker.config.meta_app;
    if app.id.is_empty() || app.id == checker.config.instagram_app.id {
        return None;
    }
    let credentials = AppCredentials {
        client_id: app.id.clone(),
        client_secret: AppSecret::new(app.secret.clone()),
    };
    let dashboard = "App Dashboard → Webhooks → Instagram";
    Some(match checker.client.get_app_subscription(&credentials).await {
        Err(failure) => Finding::bad(
            "app_subscription",
            &format!("the Meta app cannot be asked for its webhooks: {}", explain(&failure)),
            "compare --meta-app-id and --meta-app-secret with the App Dashboard",
        ),
        Ok(None) => Finding::bad(
            "app_subscription",
            "the Meta app has no callback for Instagram",
            &format!("{dashboard}: set the callback {address} and the verify token, then verify"),
        ),
        Ok(Some(found)) if !found.is_active => Finding::bad(
            "app_subscription",
            "the Meta app's callback is switched off",
            &format!("{dashboard}: verify the callback again"),
        ),
        Ok(Some(found)) if found.callback_url != address && configuration::is_meta(checker.config) => Finding::bad(
            "app_subscription",
            &format!("the Meta app delivers to {}, not to {address}", found.callback_url),
            &format!("{dashboard}: set the callback, or set --public-url"),
        ),
        Ok(Some(found)) => Finding::good(
            "app_subscription",
            &format!("the Meta app delivers to {}", found.callback_url),
        ),
    })
}

/// The last cause, which says most; addresses, which may hold the verify token, left out.
fn root_of(error: &reqwest::Error) -> String {
    let mut source = error.source();
    let mut text = "the connection failed".to_owned();
    while let Some(cause) = source {
        text = cause.to_string();
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onboarding::FindingLevel;

    #[test]
    fn each_way_in_which_a_callback_fails_has_its_remedy() {
        let unreachable = |reason: &str| Handshake::Unreachable(reason.to_owned());
        let answered = |status: u16| Handshake::Answered {
            status: http::StatusCode::from_u16(status).unwrap(),
            is_challenge: false,
        };
        for (taken, remedy) in [
            (Handshake::TimedOut, "firewall"),
            (
                unreachable("Connection refused (os error 111)"),
                "does something listen there",
            ),
            (
                unreachable("invalid peer certificate: UnknownIssuer"),
                "certificate is not trusted",
            ),
            (
                unreachable("invalid peer certificate: certificate expired"),
                "certificate is not trusted",
            ),
            (
                unreachable("received corrupt message of type InvalidContentType"),
                "speaks no TLS",
            ),
            (unreachable("failed to lookup address information"), "does not resolve"),
            (answered(200), "something else answers"),
            (answered(302), "Meta does not follow"),
            (answered(401), "asks for a password"),
            (answered(403), "the verify token is wrong"),
            (answered(404), "hand the path on unchanged"),
            (answered(418), "the proxy's log"),
            (answered(502), "does not reach the gateway"),
        ] {
            let finding = judge("https://bot.example/webhooks/instagram", &taken);
            assert_eq!(finding.level, FindingLevel::Bad, "{remedy}");
            assert!(finding.remedy.contains(remedy), "{remedy}: {finding:?}");
        }
        let well = Handshake::Answered {
            status: http::StatusCode::OK,
            is_challenge: true,
        };
        assert_eq!(judge("https://bot.example", &well).level, FindingLevel::Good);
    }

    #[test]
    fn clocks_that_differ_are_said_to() {
        let ours = Timestamp::from_second(1_000_000).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(skew(ours, at(1_000_004)).level, FindingLevel::Good);
        assert_eq!(skew(ours, at(999_980)).level, FindingLevel::Warning);
        let bad = skew(ours, at(1_000_100));
        assert!(bad.level == FindingLevel::Bad && bad.text.contains("100 s") && !bad.remedy.is_empty());
    }
}
