//! One GET of a media URL.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use selfsame_runtime::http::is_public;
use url::Url;

/// Time for everything, connection and body (contract: send-api §5.2, errors 2018294).
const FETCH_TIMEOUT: Duration = Duration::from_secs(75);
/// Redirects followed; each target is checked like the first one.
const REDIRECTS_MAX: usize = 3;

/// A file that was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// As the server said.
    pub content_type: String,
    /// The file.
    pub body: Bytes,
}

/// Why a file was not fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Not http or https, or no URL at all.
    #[error("{0:?} is no http or https URL")]
    BadUrl(String),
    /// The address is private and the platform can be called from outside.
    #[error(
        "{0} is a private address; media is fetched from public addresses only while the platform is bound beyond loopback"
    )]
    PrivateAddress(String),
    /// Another status than 200.
    #[error("the server answered {0}")]
    Status(u16),
    /// More bytes than any kind of media may have.
    #[error("the file has more than {0} bytes")]
    TooLarge(usize),
    /// It took too long.
    #[error("the file could not be fetched within {} s", FETCH_TIMEOUT.as_secs())]
    TimedOut,
    /// No connection, or a broken one.
    #[error("the file could not be fetched: {0}")]
    Unreachable(String),
}

/// What a file is, without the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Measured {
    /// As the server said.
    pub(crate) content_type: String,
    /// How long it is.
    pub(crate) size_bytes: usize,
}

/// What to do with the bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bytewise {
    Keep,
    /// Films to publish are far too large to be held in memory.
    Count,
}

/// A file, and its length even when its bytes were only counted.
type Got = (Fetched, usize);
/// Which addresses may be fetched from; none: all.
type Admit = Option<fn(IpAddr) -> bool>;
type Answer = Pin<Box<dyn Future<Output = Result<Got, FetchError>> + Send>>;
type Fetch = dyn Fn(String, usize, Bytewise) -> Answer + Send + Sync;

/// Fetches media by URL.
#[derive(Clone)]
pub struct MediaFetcher {
    fetch: Arc<Fetch>,
}

impl MediaFetcher {
    /// Over HTTP. `private_allowed`: whether addresses of this machine and its networks are fetched from.
    pub fn http(private_allowed: bool) -> Self {
        let admit: Admit = if private_allowed { None } else { Some(is_public) };
        Self {
            fetch: Arc::new(move |url, size_bytes_max, bytewise| Box::pin(fetch(url, size_bytes_max, bytewise, admit))),
        }
    }

    /// Any function from URL and size limit to file, for tests.
    pub fn new<F, A>(fetch: F) -> Self
    where
        F: Fn(String, usize) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Fetched, FetchError>> + Send + 'static,
    {
        Self {
            fetch: Arc::new(move |url, size_bytes_max, _| {
                let answer = fetch(url, size_bytes_max);
                Box::pin(async move {
                    let fetched = answer.await?;
                    let size_bytes = fetched.body.len();
                    Ok((fetched, size_bytes))
                })
            }),
        }
    }

    /// Fetches at most `size_bytes_max` bytes.
    pub(crate) async fn fetch(&self, url: &str, size_bytes_max: usize) -> Result<Fetched, FetchError> {
        let (fetched, _) = (self.fetch)(url.to_owned(), size_bytes_max, Bytewise::Keep).await?;
        Ok(fetched)
    }

    /// Fetches at most `size_bytes_max` bytes and keeps none of them.
    pub(crate) async fn measure(&self, url: &str, size_bytes_max: usize) -> Result<Measured, FetchError> {
        let (fetched, size_bytes) = (self.fetch)(url.to_owned(), size_bytes_max, Bytewise::Count).await?;
        Ok(Measured {
            content_type: fetched.content_type,
            size_bytes,
        })
    }
}

impl std::fmt::Debug for MediaFetcher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("MediaFetcher")
    }
}

async fn fetch(url: String, size_bytes_max: usize, bytewise: Bytewise, admit: Admit) -> Result<Got, FetchError> {
    let mut target = parse(&url)?;
    for _ in 0..=REDIRECTS_MAX {
        match fetch_once(&target, size_bytes_max, bytewise, admit).await? {
            Step::Done(got) => return Ok(got),
            Step::Redirect(location) => {
                target = target
                    .join(&location)
                    .map_err(|_| FetchError::BadUrl(location.clone()))
                    .and_then(|next| parse(next.as_str()))?;
            }
        }
    }
    Err(FetchError::Unreachable("too many redirects".to_owned()))
}

enum Step {
    Done(Got),
    Redirect(String),
}

async fn fetch_once(url: &Url, size_bytes_max: usize, bytewise: Bytewise, admit: Admit) -> Result<Step, FetchError> {
    // A second half in the same process may have installed the same provider already.
    rustls::crypto::ring::default_provider().install_default().ok();
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        // A proxy of the environment would look the name up again, and reach what was refused here.
        .no_proxy()
        .timeout(FETCH_TIMEOUT);
    if let Some(admit) = admit {
        // The client connects to the very addresses that were checked: the name is not asked again.
        let (host, addresses) = checked_addresses(url, admit).await?;
        builder = builder.resolve_to_addrs(&host, &addresses);
    }
    let client = builder
        .build()
        .map_err(|error| FetchError::Unreachable(error.to_string()))?;
    let mut answer = client
        .get(url.clone())
        .send()
        .await
        .map_err(|error| unreachable(&error))?;
    if answer.status().is_redirection()
        && let Some(location) = answer
            .headers()
            .get(http::header::LOCATION)
            .and_then(|value| value.to_str().ok())
    {
        return Ok(Step::Redirect(location.to_owned()));
    }
    if answer.status() != http::StatusCode::OK {
        return Err(FetchError::Status(answer.status().as_u16()));
    }
    let content_type = answer
        .headers()
        .get(http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let (mut body, mut size_bytes) = (BytesMut::new(), 0_usize);
    while let Some(chunk) = answer.chunk().await.map_err(|error| unreachable(&error))? {
        size_bytes = size_bytes.saturating_add(chunk.len());
        if size_bytes > size_bytes_max {
            return Err(FetchError::TooLarge(size_bytes_max));
        }
        if bytewise == Bytewise::Keep {
            body.extend_from_slice(&chunk);
        }
    }
    let body = body.freeze();
    Ok(Step::Done((Fetched { content_type, body }, size_bytes)))
}

fn parse(url: &str) -> Result<Url, FetchError> {
    Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| FetchError::BadUrl(url.to_owned()))
}

async fn checked_addresses(url: &Url, admit: fn(IpAddr) -> bool) -> Result<(String, Vec<SocketAddr>), FetchError> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(80);
    let found = tokio::net::lookup_host((host.as_str(), port))
        .await
        .map_err(|error| FetchError::Unreachable(error.to_string()))?;
    let addresses: Vec<SocketAddr> = found.collect();
    match addresses.iter().find(|address| !admit(address.ip())) {
        Some(private) => Err(FetchError::PrivateAddress(private.ip().to_string())),
        None if addresses.is_empty() => Err(FetchError::Unreachable("the name has no address".to_owned())),
        None => Ok((host, addresses)),
    }
}

fn unreachable(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return FetchError::TimedOut;
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    FetchError::Unreachable(cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn private_addresses_are_refused_by_any_spelling_and_by_name() {
        let fetcher = MediaFetcher::http(false);
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
            "10.0.0.1",
            "169.254.169.254",
            "0.0.0.0",
        ] {
            let outcome = fetcher.fetch(&format!("http://{host}:1/a.png"), 10).await;
            assert!(
                matches!(outcome, Err(FetchError::PrivateAddress(_))),
                "{host}: {outcome:?}"
            );
        }
        for url in ["file:///etc/passwd", "gopher://127.0.0.1/", "nonsense"] {
            let outcome = MediaFetcher::http(true).fetch(url, 10).await;
            assert!(matches!(outcome, Err(FetchError::BadUrl(_))), "{url}: {outcome:?}");
        }
    }

    #[tokio::test]
    async fn a_redirect_is_followed_to_an_address_that_may_be_fetched_from_only() {
        let only_here: Admit = Some(|address| address == IpAddr::from([127, 0, 0, 1]));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let serving = async {
            for _ in 0..4 {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = [0; 1024];
                let n_bytes = stream.read(&mut head).await.unwrap();
                let head = String::from_utf8_lossy(&head[..n_bytes]).into_owned();
                let location = match head.split(' ').nth(1).unwrap_or_default() {
                    "/here" => format!("http://{here}/file"),
                    "/there" => "http://127.0.0.2:1/file".to_owned(),
                    "/elsewhere" => "file:///etc/passwd".to_owned(),
                    _ => String::new(),
                };
                let answer = if location.is_empty() {
                    "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"
                        .to_owned()
                } else {
                    format!(
                        "HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                    )
                };
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        };
        let ask = |path: &str| fetch(format!("http://{here}{path}"), 10, Bytewise::Keep, only_here);
        let asking = async {
            assert_eq!(ask("/here").await.unwrap().0.body.as_ref(), b"ok");
            let refused = ask("/there").await.unwrap_err();
            assert_eq!(refused, FetchError::PrivateAddress("127.0.0.2".to_owned()));
            assert!(matches!(ask("/elsewhere").await, Err(FetchError::BadUrl(_))));
        };
        tokio::join!(serving, asking);
    }
}
