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

fn flow_of(uri: &Uri, headers: &HeaderMap) -> Option<LoginFlow> {
    let named = uri
        .authority()
        .map(http::uri::Authority::as_str)
        .or_else(|| headers.get(header::HOST)?.to_str().ok())?;
    match HostName::parse(named)?.name() {
        "graph.instagram.com" | "graph.instagram.localhost" => Some(LoginFlow::Instagram),
        "graph.facebook.com" | "graph.facebook.localhost" => Some(LoginFlow::Facebook),
        _ => None,
    }
}
