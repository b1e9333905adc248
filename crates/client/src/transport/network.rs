//! The real network: reqwest with rustls on ring.

use std::error::Error as _;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use reqwest::redirect;

use super::exchange::{AnswerWithin, Exchange, ExchangeFuture, Transport, TransportError};

/// Longest wait for a whole call. The gateway holds echoes as long as a call can run.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for the answer to an upload: Instagram fetches media for up to 75 s before it answers
/// (contract, Send API §5.5).
pub const UPLOAD_TIMEOUT: Duration = Duration::from_secs(90);
/// Longest wait for a connection; shorter than [`CALL_TIMEOUT`], so that an unreachable host is
/// known to be unreachable instead of being in doubt.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// Largest answer that is read.
pub const RESPONSE_BYTES_MAX: usize = 1024 * 1024;
/// How long an unused connection is kept.
const IDLE_CONNECTION_MAX: Duration = Duration::from_secs(30);

/// Time-outs of a transport.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a whole call.
    pub call: Duration,
    /// For a connection.
    pub connect: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            call: CALL_TIMEOUT,
            connect: CONNECT_TIMEOUT,
        }
    }
}

impl Transport {
    /// The network, with the usual time-outs.
    pub fn network() -> Self {
        Self::network_with(Timeouts::default())
    }

    /// The network, with other time-outs.
    pub fn network_with(timeouts: Timeouts) -> Self {
        Self::new(Network {
            timeouts,
            plain: OnceLock::new(),
            secure: OnceLock::new(),
        })
    }
}

/// Two clients, each built when first needed: one that only ever speaks to `http` and loads no
/// certificates, and one that asks the system whom to trust.
struct Network {
    timeouts: Timeouts,
    plain: OnceLock<Result<reqwest::Client, String>>,
    secure: OnceLock<Result<reqwest::Client, String>>,
}

impl Network {
    fn client(&self, scheme: Option<&str>) -> Result<&reqwest::Client, TransportError> {
        let is_secure = scheme != Some("http");
        let slot = if is_secure { &self.secure } else { &self.plain };
        slot.get_or_init(|| build(self.timeouts, is_secure))
            .as_ref()
            .map_err(|cause| TransportError::NotSent { cause: cause.clone() })
    }
}

impl Exchange for Network {
    fn exchange(&self, request: Request<Bytes>) -> ExchangeFuture<'_> {
        Box::pin(async move {
            let client = self.client(request.uri().scheme_str())?;
            let within = request.extensions().get::<AnswerWithin>().copied();
            let mut request = reqwest::Request::try_from(request).map_err(|error| classify(&error))?;
            if let Some(AnswerWithin(within)) = within {
                *request.timeout_mut() = Some(within);
            }
            let mut answer = client.execute(request).await.map_err(|error| classify(&error))?;
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = answer.status();
            *response.headers_mut() = std::mem::take(answer.headers_mut());
            let mut body = BytesMut::new();
            while let Some(chunk) = answer.chunk().await.map_err(|error| classify(&error))? {
                if body.len().saturating_add(chunk.len()) > RESPONSE_BYTES_MAX {
                    return Err(TransportError::TooLarge {
                        limit_bytes: RESPONSE_BYTES_MAX,
                    });
                }
                body.extend_from_slice(&chunk);
            }
            *response.body_mut() = body.freeze();
            Ok(response)
        })
    }
}

fn build(timeouts: Timeouts, is_secure: bool) -> Result<reqwest::Client, String> {
    // Installing twice is harmless: the first one stays, and it is the same one.
    drop(rustls::crypto::ring::default_provider().install_default());
    let builder = reqwest::Client::builder()
        .timeout(timeouts.call)
        .connect_timeout(timeouts.connect)
        .pool_idle_timeout(IDLE_CONNECTION_MAX)
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never());
    let builder = if is_secure {
        builder
    } else {
        // No proxy either: plain HTTP is for a platform nearby.
        builder.tls_certs_only(std::iter::empty()).no_proxy()
    };
    builder.build().map_err(|error| chain(&error))
}

/// Sorts an error by whether the host can have seen the request.
fn classify(error: &reqwest::Error) -> TransportError {
    if error.is_builder() || error.is_connect() {
        TransportError::NotSent { cause: chain(error) }
    } else if error.is_timeout() {
        TransportError::TimedOut
    } else {
        TransportError::Cut { cause: chain(error) }
    }
}

/// The whole chain of causes, without the URL: it can carry a secret in its query.
fn chain(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut source = error.source();
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    if causes.is_empty() {
        "the request cannot be built".to_owned()
    } else {
        causes.join(": ")
    }
}
