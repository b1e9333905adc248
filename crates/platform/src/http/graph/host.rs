//! Which contract a request asks for: the host's, or (on any other name) that of its token.

use http::header;
use http::request::Parts;
use selfsame_runtime::http::HostName;
use selfsame_wire::flow::LoginFlow;

/// The flow that the host stands for; `None` on names that stand for neither.
pub(super) fn flow_of_host(parts: &Parts) -> Option<LoginFlow> {
    let named = parts
        .uri
        .authority()
        .map(http::uri::Authority::as_str)
        .or_else(|| parts.headers.get(header::HOST)?.to_str().ok())?;
    match HostName::parse(named)?.name() {
        "graph.instagram.com" | "graph.instagram.localhost" | "api.instagram.com" | "api.instagram.localhost" => {
            Some(LoginFlow::Instagram)
        }
        "graph.facebook.com" | "graph.facebook.localhost" => Some(LoginFlow::Facebook),
        _ => None,
    }
}
