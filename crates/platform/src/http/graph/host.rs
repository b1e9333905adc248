//! Which contract a request asks for: the host's, or (on any other name) that of its token.

use http::request::Parts;
use http::{HeaderMap, Request, Uri, header};
use selfsame_runtime::http::HostName;
use selfsame_wire::flow::LoginFlow;

/// The flow that the host stands for; `None` on names that stand for neither.
pub(super) fn flow_of_host(parts: &Parts) -> Option<LoginFlow> {
    flow_of(&parts.uri, &parts.headers)
}

/// The flow that the host of a request stands for.
pub(crate) fn flow_of_request<B>(request: &Request<B>) -> Option<LoginFlow> {
    flow_of(request.uri(), request.headers())
}

/// The login that the host of a request stands for, the hosts of dialogs and of the code exchange included.
pub(in crate::http) fn login_of_request<B>(request: &Request<B>) -> Option<LoginFlow> {
    let (uri, headers) = (request.uri(), request.headers());
    flow_of(uri, headers).or_else(|| match HostName::parse(named(uri, headers)?)?.name() {
        "api.instagram.com"
        | "api.instagram.localhost"
        | "www.instagram.com"
        | "www.instagram.localhost"
        | "instagram.com" => Some(LoginFlow::Instagram),
        "www.facebook.com" | "www.facebook.localhost" | "facebook.com" => Some(LoginFlow::Facebook),
        _ => None,
    })
}

fn named<'r>(uri: &'r Uri, headers: &'r HeaderMap) -> Option<&'r str> {
    uri.authority()
        .map(http::uri::Authority::as_str)
        .or_else(|| headers.get(header::HOST)?.to_str().ok())
}

fn flow_of(uri: &Uri, headers: &HeaderMap) -> Option<LoginFlow> {
    match HostName::parse(named(uri, headers)?)?.name() {
        "graph.instagram.com" | "graph.instagram.localhost" => Some(LoginFlow::Instagram),
        "graph.facebook.com" | "graph.facebook.localhost" => Some(LoginFlow::Facebook),
        _ => None,
    }
}
