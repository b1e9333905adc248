//! The address that people and Meta reach us by, as it must stand in a redirect URI: to the letter.

use axum::http::{HeaderMap, header};

use crate::http::App;
use selfsame_wire::flow::LoginFlow;

/// The public base of a request, without a slash at its end.
///
/// `--public-url` when given; else the host that the browser used, which the walls have admitted.
pub(in crate::http) fn public_base(app: &App, headers: &HeaderMap) -> String {
    if let Some(public_url) = &app.config.public_url {
        return public_url.trim_end_matches('/').to_owned();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.map_or_else(|| app.config.bind.to_string(), str::to_owned);
    format!("http://{host}")
}

/// The redirect URI of a login flow.
pub(super) fn redirect_uri(base: &str, flow: LoginFlow) -> String {
    format!("{base}/connect/{}/callback", flow.name())
}
