//! The network between the halves: everything that crosses it, and what goes wrong on it.
//!
//! Faults come from two sides: from here, as a broken network makes them ([`CallFault`], [`DeliveryFault`]), and from
//! the platform's own chaos, whose waits end only when somebody moves the platform's clock.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{Request, Response, header};
use selfsame_client::transport::{CALL_TIMEOUT, Exchange, ExchangeFuture, TransportError};
use selfsame_gateway::Gateway;
use selfsame_platform::{DeliveryTransport, Platform};
use selfsame_queue::StepOutcome;
use selfsame_runtime::clock::{ProcessClock, ProcessTime};
use selfsame_runtime::http::CutConnection;
use selfsame_wire::graph_error::{ErrorClass, GraphError};
use selfsame_wire::webhook::{self, Event};
use serde_json::Value;
use tokio::sync::Notify;

/// When process time begins on both sides, in milliseconds.
const PROCESS_START_MS: i64 = 1_780_000_000_000;
/// By how much the platform's clock is moved when it is all that is waited for.
const TICK: Duration = Duration::from_secs(1);
/// Longer than any call of the gateway may take.
const BEYOND_THE_TIME_OUT: Duration = Duration::from_secs(11);

/// What a call of the gateway does besides what Instagram answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallFault {
    None,
    EchoFirst,
    NotSent,
    CutBefore,
    CutAfter,
    TimeOutAfter,
    EchoFirstThenCut,
    EchoFirstThenTimeOut,
    EchoFirstThenGatewayCrash,
    GatewayCrashBefore,
    GatewayCrashAfter,
    PlatformCrashAfter,
}

impl CallFault {
    /// Whether nobody knows afterwards what became of the call.
    pub(crate) const fn leaves_doubt(self) -> bool {
        !matches!(self, Self::None | Self::EchoFirst | Self::NotSent)
    }

    const fn echo_comes_first(self) -> bool {
        matches!(
            self,
            Self::EchoFirst | Self::EchoFirstThenCut | Self::EchoFirstThenTimeOut | Self::EchoFirstThenGatewayCrash
        )
    }
}

/// What a delivery of the platform does besides what the gateway answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeliveryFault {
    None,
    Lost,
    AnswerLost,
}

/// Something that Instagram accepted from the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// What it says.
    pub(crate) text: String,
    /// Where it went: the path of the call.
    path: String,
    /// The comment that it answers in private.
    pub(crate) private_reply_to: Option<String>,
}

impl Accepted {
    /// Whether it stands under a post and not in a thread.
    pub(crate) fn is_public(&self) -> bool {
        self.path.ends_with("/replies")
    }

    fn of(request: &Request<Bytes>) -> Option<Self> {
        let path = request.uri().path().to_owned();
        let said = |text: String, private_reply_to| Self {
            text,
            path: path.clone(),
            private_reply_to,
        };
        if let Ok(body) = serde_json::from_slice::<Value>(request.body()) {
            let text = body.pointer("/message/text")?.as_str()?.to_owned();
            let comment = body.pointer("/recipient/comment_id").and_then(Value::as_str);
            return Some(said(text, comment.map(str::to_owned)));
        }
        let mut form = url::form_urlencoded::parse(request.body());
        let (_, text) = form.find(|(name, _)| name == "message")?;
        Some(said(text.into_owned(), None))
    }
}

/// What was seen on the wires.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// What calls achieved, in order.
    pub(crate) accepted: Vec<Accepted>,
    /// The messages and comments whose webhooks were answered 200, in the order of their first arrival.
    pub(crate) arrived: Vec<String>,
    /// Whether some call ended so that nobody knows what became of it.
    pub(crate) had_doubt: bool,
    /// Whether some send was refused for good: for its token, its window, or by chaos.
    pub(crate) had_refusal: bool,
}

/// A delivery that chaos holds up.
type Late = Pin<Box<dyn Future<Output = StepOutcome> + Send>>;

pub(crate) struct Wires {
    pub(crate) platform: Option<Platform>,
    /// Of that platform, made once: describing the API takes longer than a request.
    pub(crate) platform_router: Option<Router>,
    pub(crate) gateway: Option<Gateway>,
    pub(crate) call_fault: CallFault,
    pub(crate) delivery_fault: DeliveryFault,
    pub(crate) platform_must_crash: bool,
    pub(crate) seen: Seen,
    /// Deliveries that wait for the platform's clock.
    late: Vec<Late>,
    /// Webhooks that the gateway is answering.
    n_in_flight: usize,
    /// Calls whose answer waits for the platform's clock.
    n_calls_asleep: usize,
}

/// The wires. Cloning shares them.
#[derive(Clone)]
pub(crate) struct Network {
    wires: Arc<Mutex<Wires>>,
    crash: Arc<Notify>,
    /// One call at a time reaches the platform: side by side they would meet chaos in an order that no seed repeats.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// The gateway's process time.
    pub(crate) process: ProcessClock,
    /// The platform's process time: what chaos waits by.
    pub(crate) platform_process: ProcessClock,
}

impl Network {
    pub(crate) fn new() -> Self {
        let wires = Wires {
            platform: None,
            platform_router: None,
            gateway: None,
            call_fault: CallFault::None,
            delivery_fault: DeliveryFault::None,
            platform_must_crash: false,
            seen: Seen::default(),
            late: Vec::new(),
            n_in_flight: 0,
            n_calls_asleep: 0,
        };
        Self {
            wires: Arc::new(Mutex::new(wires)),
            crash: Arc::default(),
            turn: Arc::default(),
            process: ProcessClock::manual(ProcessTime::from_millis(PROCESS_START_MS)),
            platform_process: ProcessClock::manual(ProcessTime::from_millis(PROCESS_START_MS)),
        }
    }

    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut Wires) -> T) -> T {
        change(&mut self.wires.lock().unwrap())
    }

    /// Ends when a call asks for the gateway to die.
    pub(crate) async fn crash_asked(&self) {
        self.crash.notified().await;
    }

    pub(crate) fn delivery_transport(&self) -> DeliveryTransport {
        let network = self.clone();
        DeliveryTransport::new(move |request| {
            let network = network.clone();
            async move { network.deliver(request).await }
        })
    }

    async fn deliver(&self, request: Request<Bytes>) -> Result<Response<Bytes>, selfsame_platform::TransportError> {
        use selfsame_platform::TransportError as Failure;
        let (gateway, fault) = self.with(|wires| (wires.gateway.clone(), wires.delivery_fault));
        let Some(gateway) = gateway.filter(|_| fault != DeliveryFault::Lost) else {
            return Err(Failure::Refused("nobody listens".to_owned()));
        };
        let carried = ids_in(request.body());
        self.with(|wires| wires.n_in_flight += 1);
        let answer = ask(gateway.router(), request).await;
        self.with(|wires| {
            wires.n_in_flight -= 1;
            if answer.status().is_success() {
                for id in carried {
                    if !wires.seen.arrived.contains(&id) {
                        wires.seen.arrived.push(id);
                    }
                }
            }
        });
        if fault == DeliveryFault::AnswerLost {
            Err(Failure::Cut("cut".to_owned()))
        } else {
            Ok(answer)
        }
    }

    /// One due delivery; one that chaos holds up is set aside and counts as work.
    pub(crate) async fn deliver_one(&self) -> StepOutcome {
        let Some(platform) = self.with(|wires| wires.platform.clone()) else {
            return StepOutcome::Idle { next_due_at_ms: None };
        };
        let mut delivering: Late = Box::pin(async move { platform.deliver_one().await.unwrap() });
        if let Some(outcome) = self.until_asleep(delivering.as_mut()).await {
            return outcome;
        }
        self.with(|wires| wires.late.push(delivering));
        StepOutcome::Worked
    }

    /// How many deliveries chaos holds up.
    pub(crate) fn n_late(&self) -> usize {
        self.with(|wires| wires.late.len())
    }

    /// The delivery of this number that chaos held up arrives, before or after what was made later.
    pub(crate) async fn deliver_late(&self, number: usize) {
        let mut delivering = self.with(|wires| wires.late.remove(number));
        while self.until_asleep(delivering.as_mut()).await.is_none() {
            self.platform_process.advance(TICK);
        }
    }

    /// What the platform had in hand is gone with it.
    pub(crate) fn forget_late(&self) {
        let late = self.with(|wires| std::mem::take(&mut wires.late));
        drop(late);
    }

    /// Works until it is done, or until only the platform's clock could let it go on. Everything else that is waited
    /// for comes by itself.
    async fn until_asleep<F: Future + ?Sized>(&self, mut work: Pin<&mut F>) -> Option<F::Output> {
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.sleeps() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    /// Whether more wait for the platform's clock than are known to: each delivery under way has its time-out.
    fn sleeps(&self) -> bool {
        let n_known = self.with(|wires| wires.n_in_flight + wires.late.len() + wires.n_calls_asleep);
        self.platform_process.n_sleepers() > n_known
    }

    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let began_at = self.process.now();
        let turn = self.turn.lock().await;
        if self.process.now().since(began_at) >= CALL_TIMEOUT {
            // Its time was over while it waited: it never reaches the platform.
            return std::future::pending().await;
        }
        let is_send = request.method() == http::Method::POST;
        let (router, fault) = self.with(|wires| {
            let fault = if is_send {
                std::mem::replace(&mut wires.call_fault, CallFault::None)
            } else {
                CallFault::None
            };
            (wires.platform_router.clone(), fault)
        });
        let Some(router) = router else {
            return Err(TransportError::NotSent {
                cause: "nobody listens".to_owned(),
            });
        };
        match fault {
            CallFault::NotSent => {
                return Err(TransportError::NotSent {
                    cause: "refused".to_owned(),
                });
            }
            CallFault::CutBefore => return Err(cut("cut")),
            CallFault::GatewayCrashBefore => return self.crash_gateway().await,
            _ => {}
        }
        let said = is_send.then(|| Accepted::of(&request)).flatten();
        let answer = self.answered(router, request).await;
        let is_cut = answer.extensions().get::<CutConnection>().is_some();
        self.with(|wires| wires.note(said, &answer, is_cut));
        if is_cut {
            return Err(cut("chaos"));
        }
        if fault.echo_comes_first() {
            self.everything_arrives().await;
        }
        match fault {
            CallFault::CutAfter | CallFault::EchoFirstThenCut => Err(cut("cut")),
            CallFault::TimeOutAfter | CallFault::EchoFirstThenTimeOut => {
                self.process.advance(BEYOND_THE_TIME_OUT);
                std::future::pending().await
            }
            CallFault::GatewayCrashAfter | CallFault::EchoFirstThenGatewayCrash => self.crash_gateway().await,
            CallFault::PlatformCrashAfter => {
                self.with(|wires| wires.platform_must_crash = true);
                Err(cut("the platform died"))
            }
            _ => {
                drop(turn);
                Ok(answer)
            }
        }
    }

    /// The platform's answer. While chaos holds it back, webhooks go on arriving.
    async fn answered(&self, router: Router, request: Request<Bytes>) -> Response<Bytes> {
        let mut asking = std::pin::pin!(ask(router, request));
        if let Some(answer) = self.until_asleep(asking.as_mut()).await {
            return answer;
        }
        self.with(|wires| wires.n_calls_asleep += 1);
        self.everything_arrives().await;
        self.with(|wires| wires.n_calls_asleep -= 1);
        loop {
            if let Some(answer) = self.until_asleep(asking.as_mut()).await {
                return answer;
            }
            self.platform_process.advance(TICK);
        }
    }

    /// Every delivery that is due arrives and is looked at, as it may in the middle of a call.
    async fn everything_arrives(&self) {
        while self.deliver_one().await == StepOutcome::Worked {}
        if let Some(gateway) = self.with(|wires| wires.gateway.clone()) {
            gateway.split_once().await.unwrap();
            gateway.inbox_once().await.unwrap();
        }
    }

    async fn crash_gateway(&self) -> Result<Response<Bytes>, TransportError> {
        self.crash.notify_one();
        std::future::pending().await
    }
}

impl Wires {
    /// Remembers what a call came to.
    fn note(&mut self, said: Option<Accepted>, answer: &Response<Bytes>, is_cut: bool) {
        let Some(said) = said else { return };
        if answer.status().is_success() {
            self.seen.had_doubt |= is_cut;
            self.seen.accepted.push(said);
            return;
        }
        match GraphError::parse(answer.body(), answer.status().as_u16()).map(|error| error.classify()) {
            Some(ErrorClass::Retry) => {}
            Some(ErrorClass::AlreadySent) => self.seen.had_doubt = true,
            None => {
                self.seen.had_doubt = true;
                self.seen.had_refusal = true;
            }
            Some(ErrorClass::Reauth | ErrorClass::Permanent) => self.seen.had_refusal = true,
        }
    }
}

impl Exchange for Network {
    fn exchange(&self, request: Request<Bytes>) -> ExchangeFuture<'_> {
        Box::pin(self.call(request))
    }
}

fn cut(cause: &str) -> TransportError {
    TransportError::Cut {
        cause: cause.to_owned(),
    }
}

/// The messages and comments that a webhook tells of.
fn ids_in(body: &[u8]) -> Vec<String> {
    let parsed = webhook::parse(body);
    let ids = parsed.events.iter().filter_map(|incoming| match &incoming.event {
        Event::Message(message) => Some(message.mid.as_str().to_owned()),
        Event::Comment(comment) => Some(comment.id.as_str().to_owned()),
        _ => None,
    });
    ids.collect()
}

/// Asks a router as if over HTTP.
pub(crate) async fn ask(router: Router, request: Request<Bytes>) -> Response<Bytes> {
    use tower::ServiceExt as _;
    let (mut parts, body) = request.into_parts();
    if !parts.headers.contains_key(header::HOST)
        && let Some(authority) = parts.uri.authority()
    {
        let host = authority.as_str().parse().unwrap();
        parts.headers.insert(header::HOST, host);
    }
    let response = router
        .oneshot(Request::from_parts(parts, Body::from(body)))
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, to_bytes(body, usize::MAX).await.unwrap())
}

/// How often each text stands in a list.
pub(crate) fn count<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for text in texts {
        *counts.entry(text.to_owned()).or_default() += 1;
    }
    counts
}
