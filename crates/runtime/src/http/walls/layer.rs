//! The walls as a layer around routers.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderMap};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};

use super::caller::{COOKIE_NAME, Caller};
use super::decision::{Policy, Surface};
use crate::http::host_name::HostName;

/// Query parameter of the banner's link.
const KEY_PARAMETER: &str = "key";
/// A month: as long as people keep a tab open.
const COOKIE_AGE_SECONDS: u32 = 30 * 24 * 60 * 60;

/// The walls of one half, ready to be put around its routers.
#[derive(Clone)]
pub struct Walls(Arc<Policy>);

impl fmt::Debug for Walls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Walls") // the key stays out of logs
    }
}

impl Walls {
    /// Builds the walls by `policy`.
    pub fn new(policy: Policy) -> Self {
        Self(Arc::new(policy))
    }

    /// Puts the walls around every route of `router`, its fallback included.
    pub fn around<S: Clone + Send + Sync + 'static>(&self, surface: Surface, router: Router<S>) -> Router<S> {
        let walls = self.clone();
        router.layer(middleware::from_fn(move |request: Request, next: Next| {
            let walls = walls.clone();
            async move {
                match walls.admit(surface, request) {
                    Ok(request) => next.run(request).await,
                    Err(response) => *response,
                }
            }
        }))
    }

    /// Lets the request through, or answers in its place (a refusal, or the redirect that trades the link's key for a
    /// cookie).
    ///
    /// # Errors
    /// The response to send instead.
    pub fn admit(&self, surface: Surface, request: Request) -> Result<Request, Box<Response>> {
        let (parts, body) = request.into_parts();
        let caller = Caller::of(&parts);
        if let Some(redirect) = self.trade_key_for_cookie(surface, &parts, &caller) {
            return Err(Box::new(redirect));
        }
        let decision = self.0.decide(surface, &caller);
        let admitted = (surface == Surface::Keyed).then(|| self.0.admitted(surface, &caller));
        match decision {
            Ok(()) => {
                let mut request = Request::from_parts(parts, body);
                if let Some(admitted) = admitted {
                    request.extensions_mut().insert(admitted);
                }
                Ok(request)
            }
            Err(refusal) => {
                tracing::debug!(reason = refusal.code(), "turned a request away");
                Err(Box::new(refusal.into_response()))
            }
        }
    }

    /// The answer to the banner's link: the cookie, and the same address without the key.
    fn trade_key_for_cookie(&self, surface: Surface, parts: &Parts, caller: &Caller<'_>) -> Option<Response> {
        if surface == Surface::Machine || parts.method != Method::GET {
            return None;
        }
        let (shown, target) = take_key(parts)?;
        if !self.0.admin_token.matches(&shown) {
            return None; // somebody else's `key`, or a wrong one: the ordinary rules decide
        }
        let host = caller.host.and_then(HostName::parse)?;
        self.0.check_host(surface, &host).ok()?;

        let secure = if came_by_https(&parts.headers) { "; Secure" } else { "" };
        let cookie = format!(
            "{COOKIE_NAME}={}; Path=/; Max-Age={COOKIE_AGE_SECONDS}; HttpOnly; SameSite=Lax{secure}",
            self.0.admin_token.cookie_value()
        );
        let mut response = StatusCode::SEE_OTHER.into_response();
        let headers = response.headers_mut();
        headers.insert(header::LOCATION, HeaderValue::from_str(&target).ok()?);
        headers.insert(header::SET_COOKIE, HeaderValue::from_str(&cookie).ok()?);
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Some(response)
    }
}

fn came_by_https(headers: &HeaderMap) -> bool {
    headers
        .get("x-forwarded-proto")
        .is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"))
}

/// The `key` of the query, and path and query without it.
fn take_key(parts: &Parts) -> Option<(String, String)> {
    let query = parts.uri.query()?;
    let mut key = None;
    let mut rest = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name == KEY_PARAMETER {
            key = Some(value.into_owned());
        } else {
            rest.append_pair(&name, &value);
        }
    }
    let rest = rest.finish();
    // A path like `//evil.example` would be read as another host.
    let path = format!("/{}", parts.uri.path().trim_start_matches('/'));
    let target = if rest.is_empty() {
        path
    } else {
        format!("{path}?{rest}")
    };
    Some((key?, target))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;
    use crate::http::AdminToken;

    const KEY: &str = "the key";

    async fn answer(request: Request) -> Response {
        let walls = Walls::new(Policy {
            bound_to_loopback: false,
            allowed_hosts: HostName::parse("house.example").into_iter().collect(),
            admin_token: AdminToken::new(KEY.to_owned()),
        });
        let pages = Router::new().route("/phone", get(async || "page").post(async || "done"));
        let graph = Router::new().route("/me", get(async || "graph"));
        walls
            .around(Surface::Private, pages)
            .merge(walls.around(Surface::Machine, graph))
            .oneshot(request)
            .await
            .unwrap()
    }

    fn request(method: Method, path: &str, headers: &[(&str, &str)]) -> Request {
        let mut builder = http::Request::builder().method(method).uri(path);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(Body::empty()).unwrap()
    }

    #[tokio::test]
    async fn the_link_of_the_banner_is_traded_for_a_cookie_that_then_opens_the_pages() {
        let house = ("host", "house.example");
        let traded = answer(request(Method::GET, "/phone?as=%40luna&key=the+key", &[house])).await;

        assert_eq!(traded.status(), StatusCode::SEE_OTHER);
        assert_eq!(traded.headers()[header::LOCATION], "/phone?as=%40luna");
        let cookie = traded.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
        assert!(!cookie.contains(KEY), "{cookie}");
        assert!(!cookie.contains("Secure"), "plain http would lose it: {cookie}");

        let pair = cookie.split(';').next().unwrap();
        let opened = answer(request(
            Method::GET,
            "/phone",
            &[house, ("cookie", &format!("other=1; {pair}"))],
        ))
        .await;
        assert_eq!(opened.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn a_link_with_a_wrong_key_opens_nothing() {
        let answered = answer(request(Method::GET, "/phone?key=guess", &[("host", "house.example")])).await;

        assert_eq!(answered.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answered.headers()[header::WWW_AUTHENTICATE], "Bearer");
        assert!(!answered.headers().contains_key(header::SET_COOKIE));
    }

    #[tokio::test]
    async fn the_link_never_leads_to_another_host() {
        let answered = answer(request(Method::GET, "/phone?key=the+key", &[("host", "house.example")])).await;
        assert_eq!(answered.headers()[header::LOCATION], "/phone");

        let (parts, _) = request(Method::GET, "//evil.example/x?key=the+key", &[]).into_parts();
        assert_eq!(take_key(&parts).unwrap().1, "/evil.example/x");
    }

    #[tokio::test]
    async fn a_rebound_name_gets_neither_page_nor_cookie() {
        let answered = answer(request(Method::GET, "/phone?key=the+key", &[("host", "evil.example")])).await;

        assert_eq!(answered.status(), StatusCode::FORBIDDEN);
        assert!(!answered.headers().contains_key(header::SET_COOKIE));
    }

    #[tokio::test]
    async fn a_bearer_token_opens_and_a_foreign_origin_closes() {
        let bearer = ("authorization", "bearer the key");
        let house = ("host", "house.example");

        let opened = answer(request(Method::POST, "/phone", &[house, bearer])).await;
        assert_eq!(opened.status(), StatusCode::OK);
        let foreign = answer(request(
            Method::POST,
            "/phone",
            &[house, bearer, ("origin", "https://evil.example")],
        ))
        .await;
        assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
        let doubled = request(
            Method::POST,
            "/phone",
            &[
                house,
                bearer,
                ("origin", "http://house.example"),
                ("origin", "http://evil.example"),
            ],
        );
        assert_eq!(answer(doubled).await.status(), StatusCode::FORBIDDEN);
    }

    #[tokio::test]
    async fn a_stream_is_held_to_the_rules_of_a_write() {
        let foreign = [
            ("host", "house.example"),
            ("authorization", "Bearer the key"),
            ("accept", "text/event-stream"),
            ("origin", "https://evil.example"),
        ];

        assert_eq!(
            answer(request(Method::GET, "/phone", &foreign)).await.status(),
            StatusCode::FORBIDDEN
        );
        assert_eq!(
            answer(request(Method::GET, "/phone", &foreign[..2])).await.status(),
            StatusCode::OK
        );
    }

    #[tokio::test]
    async fn two_hosts_are_none_and_the_request_target_counts_before_the_header() {
        let bearer = ("authorization", "Bearer the key");
        let two = request(
            Method::GET,
            "/phone",
            &[("host", "house.example"), ("host", "evil.example"), bearer],
        );
        assert_eq!(answer(two).await.status(), StatusCode::BAD_REQUEST);

        let absolute = request(
            Method::GET,
            "http://evil.example/phone",
            &[("host", "house.example"), bearer],
        );
        assert_eq!(answer(absolute).await.status(), StatusCode::FORBIDDEN);
    }

    #[tokio::test]
    async fn machine_paths_take_any_host_and_leave_key_parameters_alone() {
        let answered = answer(request(Method::GET, "/me?key=the+key", &[("host", "evil.example")])).await;

        assert_eq!(answered.status(), StatusCode::OK);
    }

    #[test]
    fn every_header_that_only_proxies_send_is_known() {
        for (name, expected) in [
            ("forwarded", true),
            ("via", true),
            ("x-forwarded-for", true),
            ("X-Forwarded-Proto", true),
            ("x-forwarded-anything", true),
            ("x-real-ip", true),
            ("x-requested-with", false),
        ] {
            let (parts, _) = request(Method::GET, "/", &[(name, "x")]).into_parts();
            assert_eq!(Caller::of(&parts).through_proxy, expected, "{name}");
        }
    }
}
