//! One attempt: sign, POST, judge the answer.

use http::StatusCode;
use selfsame_runtime::clock::ProcessClock;
use selfsame_wire::flow::LoginFlow;

use super::fault::{AttemptFault, Instead};
use super::request::{build, headers_json, secret_of};
use super::transport::{ACK_TIMEOUT, DeliveryTransport, TransportError};
use crate::domain::app::App;
use crate::store::deliveries::NewAttempt;
use crate::store::delivery_jobs::Signing;
use crate::world::World;

/// How much of an answer is kept.
const RESPONSE_BODY_BYTES_MAX: usize = 4096;

/// An attempt that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ended {
    /// What is recorded.
    pub(super) attempt: NewAttempt,
    /// Whether the callback acknowledged: status 200 within the time.
    pub(super) acknowledged: bool,
}

/// Makes one attempt at a delivery, with these faults.
pub(super) async fn attempt(
    world: &World,
    transport: &DeliveryTransport,
    app: &App,
    url: &str,
    (flow, raw): (LoginFlow, &[u8]),
    fault: &AttemptFault,
    signing: Signing,
) -> Ended {
    if !fault.delay.is_zero() {
        world.process.sleep(fault.delay).await;
    }
    let started = world.process.now();
    let mut record = NewAttempt {
        at_ms: world.clock.now_ms(),
        url: url.to_owned(),
        status: None,
        error: None,
        latency_ms: 0,
        ended_at: started,
        request_headers: "{}".to_owned(),
        response_body: String::new(),
    };
    let mut outcome = Ok(None);
    if fault.instead == Some(Instead::Dropped) {
        record.error = Some("chaos: dropped on the way; the platform takes it for delivered".to_owned());
        return Ended {
            attempt: record,
            acknowledged: true,
        };
    }
    for _ in 0..=fault.duplicates {
        let request = match build(url, raw, secret_of(app, flow), signing) {
            Ok(request) => request,
            Err(error) => {
                outcome = Err(format!("the callback URL cannot be called: {error}"));
                break;
            }
        };
        record.request_headers = headers_json(request.headers());
        outcome = send(&world.process, transport, request).await.map(Some);
    }
    record.ended_at = world.process.now();
    record.latency_ms = i64::try_from(record.ended_at.since(started).as_millis()).unwrap_or(i64::MAX);
    match outcome {
        Ok(Some(answer)) => {
            record.status = Some(answer.status().as_u16());
            record.response_body = capped_text(answer.body());
        }
        Ok(None) => {}
        Err(error) => record.error = Some(error),
    }
    match fault.instead {
        Some(Instead::Status(status)) => {
            record.status = Some(status);
            record.error = Some("chaos: this status stands in for the callback's".to_owned());
        }
        Some(Instead::Cut) => {
            record.status = None;
            record.error = Some("chaos: the answer was lost".to_owned());
        }
        Some(Instead::Dropped) | None => {}
    }
    let acknowledged = record.status == Some(StatusCode::OK.as_u16());
    Ended {
        attempt: record,
        acknowledged,
    }
}

async fn send(
    process: &ProcessClock,
    transport: &DeliveryTransport,
    request: http::Request<bytes::Bytes>,
) -> Result<http::Response<bytes::Bytes>, String> {
    match process.timeout(ACK_TIMEOUT, transport.send(request)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_elapsed) => Err(TransportError::TimedOut.to_string()),
    }
}

fn capped_text(body: &[u8]) -> String {
    let kept = body.get(..RESPONSE_BODY_BYTES_MAX).unwrap_or(body);
    String::from_utf8_lossy(kept).into_owned()
}
