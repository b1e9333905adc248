//! Faults on the Graph edge: the layer between the journal and the handlers.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use selfsame_runtime::http::CutConnection;
use selfsame_wire::graph_error::GraphError;
use serde_json::{Map, Value};
use tokio::sync::broadcast::error::RecvError;

use super::App;
use super::graph::{GraphRefusal, Voice};
use crate::chaos::{Fault, Subject, Target};
use crate::domain::delivery::DeliveryStatus;
use crate::hub::{Signal, StreamEvent};
use crate::store::deliveries::{self, DeliveryFilter};
use crate::store::{StoreError, grants};

/// Longest wait of `echo_first` (design §6).
const ECHO_FIRST_MAX: Duration = Duration::from_secs(1);
const WHY_HEADER: HeaderName = HeaderName::from_static("x-selfsame-why");
const INSTEAD: &str = "chaos: a rule of /_sim/chaos answered in place of the API; nothing happened";

/// Lets the call through, unless a rule strikes.
pub(crate) async fn strike_call(State(app): State<App>, request: Request, next: Next) -> Response {
    if !app.world.chaos.is_armed(Target::Graph) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    // The journal before this layer has read the body whole.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let (body_token, sends_message) = told_by_body(&bytes);
    let request = Request::from_parts(parts, Body::from(bytes));
    let token = token_of(&request).or(body_token);
    let voice = Voice::of(&request, token.as_deref());
    let subject = Subject {
        target: Target::Graph,
        app: None,
        account: None,
        field: None,
        method: Some(request.method().as_str().to_owned()),
        path: Some(request.uri().path().to_owned()),
        message: sends_message || named_in(request.uri().query().unwrap_or_default().as_bytes(), "message").is_some(),
    };
    let faults = match faults_of(&app, token, subject).await {
        Ok(faults) => faults,
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "chaos could not be decided; the call goes through"
            );
            Vec::new()
        }
    };
    for fault in &faults {
        if let Fault::Delay(delay_ms) = fault {
            app.world.process.sleep(Duration::from_millis(*delay_ms)).await;
        }
    }
    if let Some(instead) = faults.iter().find_map(|fault| answer_instead(&app, &voice, fault)) {
        return instead;
    }
    let mut response = next.run(request).await;
    if faults.contains(&Fault::EchoFirst) {
        response = after_its_echo(&app, response).await;
    }
    if faults.contains(&Fault::Cut) {
        response.extensions_mut().insert(CutConnection);
        put_why(
            &mut response,
            "chaos: the call took effect, then its connection was cut",
        );
    }
    response
}

async fn faults_of(app: &App, token: Option<String>, subject: Subject) -> Result<Vec<Fault>, StoreError> {
    let store = &app.world.store;
    let caller = match token {
        None => None,
        Some(token) => store.read(move |connection| grants::caller(connection, &token)).await?,
    };
    let (app_name, account) = caller.map(|caller| (caller.app_name, caller.account.username)).unzip();
    let subject = Subject {
        app: app_name,
        account,
        ..subject
    };
    Ok(app.world.chaos.strike(store, subject).await?.faults)
}

/// The token of a JSON or form body, and whether the body carries a message. Uploads (multipart) tell neither here: rules about an app,
/// an account or messages do not strike them unless their token is in header or query.
fn told_by_body(bytes: &[u8]) -> (Option<String>, bool) {
    if let Ok(body) = serde_json::from_slice::<Map<String, Value>>(bytes) {
        let token = body.get("access_token").and_then(Value::as_str).map(str::to_owned);
        return (token, body.contains_key("message"));
    }
    (named_in(bytes, "access_token"), named_in(bytes, "message").is_some())
}

fn named_in(form: &[u8], wanted: &str) -> Option<String> {
    form_urlencoded::parse(form)
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
}

/// The token of header or query.
fn token_of(request: &Request) -> Option<String> {
    let bearer = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned());
    bearer.or_else(|| named_in(request.uri().query()?.as_bytes(), "access_token"))
}

fn answer_instead(app: &App, voice: &Voice, fault: &Fault) -> Option<Response> {
    let mut response = match fault {
        Fault::Drop => (axum::Extension(CutConnection), StatusCode::SERVICE_UNAVAILABLE).into_response(),
        Fault::Status(status) => StatusCode::from_u16(*status).ok()?.into_response(),
        Fault::GraphError { code, subcode, message } => graph_error(app, voice, *code, *subcode, message.as_deref()),
        Fault::Duplicate(_) | Fault::Delay(_) | Fault::Batch { .. } | Fault::Cut | Fault::EchoFirst => return None,
    };
    put_why(&mut response, INSTEAD);
    Some(response)
}

/// The error as its rule would have caused it; a message of the rule replaces the recorded words.
fn graph_error(app: &App, voice: &Voice, code: i64, subcode: Option<u32>, message: Option<&str>) -> Response {
    let mut error = GraphError::recorded(voice.flow, code, subcode.map(i64::from));
    if let Some(message) = message {
        message.clone_into(&mut error.message);
    }
    voice.refuse(
        GraphRefusal::new(error, INSTEAD),
        &app.world.switches.current(),
        &app.world.random,
    )
}

fn put_why(response: &mut Response, why: &'static str) {
    response.headers_mut().insert(WHY_HEADER, HeaderValue::from_static(why));
}

/// Holds the answer of a send until every delivery of its echo was answered, at most [`ECHO_FIRST_MAX`].
async fn after_its_echo(app: &App, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default(); // answers are made in memory
    let mid = serde_json::from_slice::<Value>(&bytes).ok().and_then(|answer| {
        answer
            .get("message_id")
            .or_else(|| answer.get("id"))?
            .as_str()
            .map(str::to_owned)
    });
    if let Some(mid) = mid.filter(|_| parts.status.is_success()) {
        let deadline = app.world.process.now().plus(ECHO_FIRST_MAX);
        tokio::select! {
            () = echo_answered(app, mid) => {}
            () = app.world.process.sleep_until(deadline) => {}
        }
    }
    Response::from_parts(parts, Body::from(bytes))
}

async fn echo_answered(app: &App, mid: String) {
    // Listen first, look second: nothing can fall between.
    let mut signals = app.hub().listen();
    let filter = DeliveryFilter {
        limit: i64::MAX,
        mid: Some(mid),
        ..DeliveryFilter::default()
    };
    loop {
        let wanted = filter.clone();
        match app
            .world
            .store
            .read(move |connection| deliveries::views(connection, &wanted))
            .await
        {
            Ok(echoes)
                if echoes
                    .iter()
                    .all(|echo| echo.status != DeliveryStatus::Pending.as_str()) =>
            {
                return;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the echo of a send could not be looked up"
                );
                return;
            }
        }
        loop {
            match signals.recv().await {
                Ok(Signal::Stored(item)) if item.event == StreamEvent::Delivery => break,
                Ok(Signal::Stored(_) | Signal::Typing { .. }) => {}
                Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return,
            }
        }
    }
}
