//! Makes the calls of `http` steps: within limits, never to a private address unless we are private
//! ourselves, and with a key by which the other side can tell a repetition.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use selfsame_runtime::http::is_public;
use serde_json::Value;

use crate::automation::{PlannedCall, Resumption};

/// The largest answer that is read, in bytes.
const ANSWER_LIMIT_BYTES: usize = 64 * 1024;
/// How long a connection may take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Where calls may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallRules {
    /// Whether loopback and private addresses may be called: only if nobody outside can reach us.
    pub private_addresses: bool,
}

/// Makes calls. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Outcalls {
    rules: CallRules,
    client: Arc<OnceLock<Result<reqwest::Client, String>>>,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum CallEnd {
    /// Go on with this.
    Over(Resumption),
    /// Worth trying again.
    TryAgain(String),
}

impl Outcalls {
    /// Calls under these rules.
    pub fn new(rules: CallRules) -> Self {
        Self {
            rules,
            client: Arc::default(),
        }
    }

    /// Posts a body and answers the status, however it is; the error says for people why there is none.
    /// What the answer says is not read.
    pub(crate) async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
        answer_within: Duration,
    ) -> Result<u16, String> {
        let url = self.rules.check(url)?;
        let client = self
            .client
            .get_or_init(|| build(self.rules))
            .as_ref()
            .map_err(String::clone)?;
        let mut request = client.post(url).timeout(answer_within).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match request.send().await {
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(error) => Err(told(&error)),
        }
    }

    /// Makes a call. `key` is the same whenever the same call is made again.
    pub(super) async fn make(&self, call: &PlannedCall, key: &str) -> CallEnd {
        let url = match self.rules.check(&call.url) {
            Ok(url) => url,
            Err(reason) => return refused(reason),
        };
        let client = match self.client.get_or_init(|| build(self.rules)) {
            Ok(client) => client,
            Err(reason) => return refused(reason.clone()),
        };
        let Ok(method) = reqwest::Method::from_bytes(call.method.as_bytes()) else {
            return refused(format!("{} is not a method", call.method));
        };
        let mut request = client
            .request(method, url)
            .timeout(Duration::from_millis(call.timeout_ms.into()))
            .header("idempotency-key", key);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        if let Some(json) = &call.json {
            request = request.json(json);
        }
        match request.send().await {
            Ok(answer) => read(answer).await,
            Err(error) if error.is_builder() => refused(format!("the call cannot be made: {}", error.without_url())),
            Err(error) => match not_admitted(&error) {
                Some(reason) => refused(reason),
                None => CallEnd::TryAgain(error.without_url().to_string()),
            },
        }
    }
}

/// A name all of whose addresses may not be called.
#[derive(Debug, thiserror::Error)]
#[error("{0} has no address that may be called: private addresses may not")]
struct NotAdmitted(String);

/// Whether a call ended because its name leads inwards.
fn not_admitted(error: &reqwest::Error) -> Option<String> {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(refusal) = cause.downcast_ref::<NotAdmitted>() {
            return Some(refusal.to_string());
        }
        source = cause.source();
    }
    None
}

impl CallRules {
    /// Whether that address may be called, as far as can be said without looking its name up; else why
    /// not, for people.
    pub(crate) fn check(self, address: &str) -> Result<url::Url, String> {
        let url = match url::Url::parse(address) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => url,
            _ => return Err(format!("{address} is not a web address")),
        };
        match literal_address(&url) {
            Some(literal) if !self.admit(literal) => {
                Err(format!("{literal} is a private address, which may not be called"))
            }
            _ => Ok(url),
        }
    }

    fn admit(self, address: IpAddr) -> bool {
        self.private_addresses || is_public(address)
    }
}

async fn read(mut answer: reqwest::Response) -> CallEnd {
    let status = answer.status();
    let mut body = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_LIMIT_BYTES => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => {
                return refused(format!("the answer is longer than {ANSWER_LIMIT_BYTES} bytes"));
            }
            Ok(None) => break,
            Err(error) => return CallEnd::TryAgain(error.without_url().to_string()),
        }
    }
    if status.is_server_error() || status.as_u16() == 429 || status.as_u16() == 408 {
        return CallEnd::TryAgain(format!("it answered {status}"));
    }
    if !status.is_success() {
        return refused(format!("it answered {status}"));
    }
    let value = serde_json::from_slice(&body)
        .unwrap_or_else(|_not_json| Value::String(String::from_utf8_lossy(&body).into_owned()));
    CallEnd::Over(Resumption::CallReturned(value))
}

/// What went wrong with a call, without its address, which may carry a secret.
fn told(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "it did not answer in time".to_owned()
    } else if error.is_connect() {
        "it could not be reached".to_owned()
    } else {
        "the connection broke".to_owned()
    }
}

fn refused(reason: String) -> CallEnd {
    CallEnd::Over(Resumption::CallFailed(reason))
}

fn build(rules: CallRules) -> Result<reqwest::Client, String> {
    // Installing twice is harmless: the first one stays, and it is the same one.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(Policy::none())
        .no_proxy()
        .dns_resolver(Resolver { rules })
        .build()
        .map_err(|error| error.to_string())
}

/// Resolves names and leaves out the addresses that may not be called, so that a name which points
/// inwards is refused at the moment of the connection and not at an earlier look.
struct Resolver {
    rules: CallRules,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = self.rules;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let admitted: Vec<SocketAddr> = found.filter(|address| rules.admit(address.ip())).collect();
            if admitted.is_empty() {
                return Err(NotAdmitted(name.as_str().to_owned()).into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

fn literal_address(url: &url::Url) -> Option<IpAddr> {
    match url.host()? {
        url::Host::Ipv4(address) => Some(address.into()),
        url::Host::Ipv6(address) => Some(address.into()),
        url::Host::Domain(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(url: &str, header: &str) -> PlannedCall {
        let call = serde_json::json!({"method": "GET", "url": url, "headers": {"x-a": header}, "json": null, "timeout_ms": 2_000});
        serde_json::from_value(call).unwrap()
    }

    async fn refusal(url: &str, header: &str, private_addresses: bool) -> String {
        match Outcalls::new(CallRules { private_addresses })
            .make(&call(url, header), "key")
            .await
        {
            CallEnd::Over(Resumption::CallFailed(reason)) => reason,
            other => format!("not refused: {other:?}"),
        }
    }

    #[tokio::test]
    async fn private_addresses_are_refused_by_any_spelling_and_by_name() {
        for host in [
            "127.0.0.1",
            "localhost",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "127.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[fe80::1]",
            "[fd00::1]",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
        ] {
            let reason = refusal(&format!("http://{host}:1/"), "a", false).await;
            assert!(reason.contains("private address"), "{host}: {reason}");
        }
        for url in [
            "file:///etc/passwd",
            "gopher://127.0.0.1/",
            "ftp://127.0.0.1/",
            "nonsense",
        ] {
            let reason = refusal(url, "a", true).await;
            assert!(reason.contains("is not a web address"), "{url}: {reason}");
        }
    }

    #[tokio::test]
    async fn a_header_cannot_be_split() {
        let reason = refusal("http://127.0.0.1:1/", "a\r\nx-b: c", true).await;
        assert!(reason.contains("cannot be made"), "{reason}");
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let answer = format!(
                "HTTP/1.1 302 Found\r\nlocation: http://{address}/inside\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 4096])
                .await
                .unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, answer.as_bytes())
                .await
                .unwrap();
            stream
        };
        let url = format!("http://{address}/");
        let (_stream, reason) = tokio::join!(serve, refusal(&url, "a", true));
        assert!(reason.contains("302"), "{reason}");
        let second = tokio::select! {
            biased;
            _again = listener.accept() => true,
            () = std::future::ready(()) => false,
        };
        assert!(!second, "it asked again");
    }
}
