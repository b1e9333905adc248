//! Takes the body of a call in: small ones from everybody, uploads from whoever has shown a key.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use tokio::sync::OwnedSemaphorePermit;

use super::answer::Refusal;
use crate::http::App;

/// Largest body of a call whose key is not known before it is read.
pub(super) const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Largest body of an upload: Instagram takes 25 MB (contract, Send API §5.5), and the form around it.
pub const UPLOAD_BYTES_MAX: usize = 26 * 1024 * 1024;

/// A body, and its place among the large ones.
pub(super) struct TakenIn {
    /// The bytes.
    pub(super) bytes: Bytes,
    /// Held as long as the bytes are.
    pub(super) _place: Option<OwnedSemaphorePermit>,
}

/// Reads a body. It is a small one unless it is known whose call it is.
pub(super) async fn take_in(
    app: &App,
    flow: LoginFlow,
    headers: &HeaderMap,
    body: Body,
    is_known: bool,
) -> Result<TakenIn, Refusal> {
    let told = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let may_be_large = told.is_none_or(|bytes| bytes > BODY_BYTES_MAX) && is_multipart(headers);
    let (limit, place) = if is_known && may_be_large {
        let place = app.graph_room.for_large_body().ok_or_else(|| {
            Refusal::new(
                GraphError::temporary(),
                "as many uploads are under way as there may be: try again soon",
            )
        })?;
        (UPLOAD_BYTES_MAX, Some(place))
    } else {
        (BODY_BYTES_MAX, None)
    };
    let bytes = axum::body::to_bytes(body, limit).await.map_err(|error| {
        let why = format!(
            "the body could not be read: {error}. It may have {BODY_BYTES_MAX} bytes; a multipart body whose key stands in \
             the Authorization header or the query, {UPLOAD_BYTES_MAX}"
        );
        Refusal::new(GraphError::invalid_parameter(flow, "Invalid request body"), why)
    })?;
    Ok(TakenIn { bytes, _place: place })
}

fn is_multipart(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/"))
}
