//! The `hub.challenge` handshake (contract: webhooks §4.1): passed only by status 200 **and** the challenge as the body.
//!
//! A callback that has not passed is tried again every second, so that a bot may be started after the platform.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, TryStreamExt as _};
use http::{Request, StatusCode};
use selfsame_runtime::random::Random;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::transport::{ACK_TIMEOUT, DeliveryTransport};
use crate::domain::app::{App, CallbackState};
use crate::domain::keys::AppKey;
use crate::store::{Durability, Failure, StoreError, apps};
use crate::world::World;

/// How often an unverified callback is tried, real time.
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// How many callbacks are tried at the same time: one that hangs holds up no other.
const TRIED_TOGETHER: usize = 16;
/// How long whoever sets a callback waits for its first handshake, real time.
const FIRST_TRY: Duration = Duration::from_secs(2);
/// Digits of a challenge; an integer, as documented.
const CHALLENGE_DIGITS: usize = 10;
/// How much of a wrong answer is quoted.
const QUOTED_CHARS_MAX: usize = 80;

/// Why a callback did not pass, in the developer's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HandshakeError {
    /// The callback URL is none.
    #[error("the callback URL cannot be called: {0}")]
    BadUrl(String),
    /// No answer.
    #[error("no answer from the callback: {0}")]
    NoAnswer(String),
    /// Another status than 200.
    #[error("the callback answered {0} instead of 200: does its verify token equal the app's?")]
    WrongStatus(u16),
    /// Status 200 with another body.
    #[error(
        "the callback answered 200 but its body is not the challenge: {body:?}; answer hub.challenge as plain text"
    )]
    WrongBody {
        /// What it was; the challenge itself, which differs each time, is written as `hub.challenge`.
        body: String,
    },
}

/// Asks a callback once.
pub(crate) async fn shake_hands(
    world: &World,
    transport: &DeliveryTransport,
    callback_url: &str,
    verify_token: &str,
) -> Result<(), HandshakeError> {
    let challenge = challenge(&world.random);
    let mut url = Url::parse(callback_url).map_err(|error| HandshakeError::BadUrl(error.to_string()))?;
    url.query_pairs_mut()
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", &challenge)
        .append_pair("hub.verify_token", verify_token);
    let request = Request::get(url.as_str())
        .body(Bytes::new())
        .map_err(|error| HandshakeError::BadUrl(error.to_string()))?;
    let answer = match world.process.timeout(ACK_TIMEOUT, transport.send(request)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(HandshakeError::NoAnswer(error.to_string())),
        Err(_elapsed) => return Err(HandshakeError::NoAnswer(super::TransportError::TimedOut.to_string())),
    };
    if answer.status() != StatusCode::OK {
        return Err(HandshakeError::WrongStatus(answer.status().as_u16()));
    }
    if answer.body().as_ref() != challenge.as_bytes() {
        let body = String::from_utf8_lossy(answer.body()).replace(&challenge, "hub.challenge");
        return Err(HandshakeError::WrongBody {
            body: body.chars().take(QUOTED_CHARS_MAX).collect(),
        });
    }
    Ok(())
}

fn challenge(random: &Random) -> String {
    format!("1{}", random.digits(CHALLENGE_DIGITS.saturating_sub(1)))
}

/// Tries the callbacks that have not passed yet.
#[derive(Debug, Clone)]
pub(crate) struct Handshaker {
    world: World,
    transport: DeliveryTransport,
}

impl Handshaker {
    /// A worker with nothing to do.
    pub(crate) fn new(world: World, transport: DeliveryTransport) -> Self {
        Self { world, transport }
    }

    /// Tries every callback that has not passed once. Answers how many there were.
    pub(crate) async fn run_once(&self) -> Result<usize, StoreError> {
        let waiting = self.world.store.read(apps::awaiting_handshake).await?;
        let count = waiting.len();
        stream::iter(waiting.into_iter().map(Ok))
            .try_for_each_concurrent(TRIED_TOGETHER, |app| self.try_app(app))
            .await?;
        Ok(count)
    }

    /// The first try of a callback that was just set, so that one that is up is verified when its app is answered.
    /// One that is not, or takes too long, is left to the worker.
    pub(crate) async fn try_first(&self, key: AppKey) -> Result<(), StoreError> {
        let app = self
            .world
            .store
            .read(move |connection| apps::by_key(connection, key))
            .await?;
        match app {
            Some(app) => {
                let tried = self.world.process.timeout(FIRST_TRY, self.try_app(app)).await;
                tried.unwrap_or(Ok(()))
            }
            None => Ok(()),
        }
    }

    /// Tries every second until the shutdown begins.
    pub(crate) async fn work(&self, finish: &CancellationToken) {
        while !finish.is_cancelled() {
            if let Err(error) = self.run_once().await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the handshake worker failed and goes on"
                );
            }
            tokio::select! {
                () = finish.cancelled() => {}
                () = self.world.process.sleep(RETRY_EVERY) => {}
            }
        }
    }

    async fn try_app(&self, app: App) -> Result<(), StoreError> {
        let Some(subscription) = app.subscription else {
            return Ok(());
        };
        if subscription.state == CallbackState::Verified {
            return Ok(());
        }
        let result = shake_hands(
            &self.world,
            &self.transport,
            &subscription.callback_url,
            &subscription.verify_token,
        )
        .await;
        let now_ms = self.world.clock.now_ms();
        let (key, generation, url) = (app.key, subscription.generation, subscription.callback_url);
        let said = match (&result, &subscription.state) {
            (
                Err(error),
                CallbackState::Unverified {
                    last_error: Some(last), ..
                },
            ) => error.to_string() == *last,
            _ => false,
        };
        if said {
            return Ok(());
        }
        match &result {
            Ok(()) => tracing::info!(target: "selfsame::handshake", app = app.name, url, "callback verified"),
            Err(error) => {
                tracing::warn!(target: "selfsame::handshake", app = app.name, url, %error, "callback not verified; trying every second");
            }
        }
        let stored = self.world.store.write(Durability::Durable, move |tx| {
            match result {
                Ok(()) => apps::handshake_passed(tx, key, generation, now_ms)?,
                Err(error) => apps::handshake_failed(tx, key, generation, &error.to_string())?,
            };
            Ok::<_, Failure<std::convert::Infallible>>(())
        });
        stored.await.map_err(StoreError::from)
    }
}
