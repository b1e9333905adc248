//! `POST /webhooks/instagram`: takes a delivery in. Documented under "Delivery".
//!
//! Three steps and nothing else before the answer: the signature over the raw bytes, one appended row,
//! its durable commit. Parsing comes later, so a body that nobody understands is taken in all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use selfsame_runtime::db::Durability;
use selfsame_wire::signature::{SIGNATURE_1_HEADER, SIGNATURE_256_HEADER, SignatureError, Unverified};

use crate::http::App;
use crate::metrics::WebhookEnd;
use crate::store::StoreError;
use crate::store::{failed_signatures, raw_deliveries};

/// Shortest time between two recorded failures, in milliseconds of process time: whoever floods us with
/// forgeries costs an HMAC each, not a row each.
const RECORD_FAILURES_EVERY_MS: i64 = 200;

/// Limits how often failed signatures are recorded.
#[derive(Debug)]
pub struct SignatureFailures(AtomicI64);

impl Default for SignatureFailures {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
}

impl SignatureFailures {
    /// Whether this failure is to be recorded.
    fn admit(&self, now_ms: i64) -> bool {
        let last = self.0.load(Ordering::Relaxed);
        now_ms.saturating_sub(last) >= RECORD_FAILURES_EVERY_MS
            && self
                .0
                .compare_exchange(last, now_ms, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

/// Takes a delivery in: 200 once it is on disk, 403 for a signature of nobody we know, 503 when the
/// store fails, 413 beyond the body limit.
pub(super) async fn receive(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                app.metrics.webhook(WebhookEnd::TooLarge);
            }
            return rejection.into_response();
        }
    };
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (sha256, sha1) = (header(SIGNATURE_256_HEADER), header(SIGNATURE_1_HEADER));
    let verified = match Unverified::new(body.clone(), sha256, sha1).verify(&app.webhook_secrets) {
        Ok(verified) => verified,
        Err(error) => return refuse(&app, body, error).await,
    };
    let names = Arc::clone(&app.secret_names);
    let secret_index = verified.secret_index();
    let body = verified.into_body();
    let received_at_ms = app.process.now().as_millis();
    let received_world_ms = app.world.now().as_millisecond();
    let taken = app
        .database
        .write_statement(Durability::Durable, move |tx| {
            let signed_with = names.get(secret_index).map(String::as_str).unwrap_or_default();
            raw_deliveries::append(tx, received_at_ms, received_world_ms, signed_with, &body)
        })
        .await;
    match taken {
        Ok(_id) => {
            app.split_bell.ring();
            app.metrics.webhook(WebhookEnd::Taken);
            StatusCode::OK.into_response()
        }
        Err(error) => {
            app.metrics.webhook(WebhookEnd::StoreFailed);
            let error = StoreError::from(error);
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a webhook could not be stored"
            );
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the event could not be stored; deliver it again",
            )
                .into_response()
        }
    }
}

/// Refuses a body that nobody we know has signed, and keeps enough of it to find out why.
async fn refuse(app: &App, body: Bytes, error: SignatureError) -> Response {
    app.metrics.webhook(WebhookEnd::BadSignature);
    let now_ms = app.process.now().as_millis();
    if app.signature_failures.admit(now_ms) {
        tracing::warn!(reason = %error, body.bytes = body.len(), "a webhook was refused");
        let (reason, tried) = (error.to_string(), app.secret_names.join(","));
        let recorded = app
            .database
            .write(Durability::Relaxed, move |tx| {
                failed_signatures::record(tx, now_ms, &body, &reason, &tried)
            })
            .await
            .map_err(StoreError::from);
        if let Err(error) = recorded {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a refused webhook could not be recorded"
            );
        }
    }
    (StatusCode::FORBIDDEN, error.to_string()).into_response()
}
