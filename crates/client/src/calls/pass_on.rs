//! A call that somebody else wrote, made in the name of an account.
//!
//! It is built anew: of what was asked, only what [`PassedOn`] names goes to Graph, and the host, the token and the proof
//! are the caller's own.

use bytes::Bytes;
use http::{HeaderValue, Method, Response};

use crate::base_urls::join;
use crate::graph_client::{Body, Caller, GraphClient};
use crate::transport::TransportError;

/// What goes on to Graph.
#[derive(Debug, Clone)]
pub struct PassedOn<'a> {
    /// The method.
    pub method: Method,
    /// The version, such as `v25.0`.
    pub version: &'a str,
    /// The segments after the version, not escaped.
    pub segments: &'a [&'a str],
    /// The parameters of the query, not escaped.
    pub query: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: PassedBody<'a>,
}

/// A body that goes on to Graph.
#[derive(Debug, Clone, Copy)]
pub enum PassedBody<'a> {
    /// None.
    None,
    /// Parameters, not escaped.
    Form(&'a [(&'a str, &'a str)]),
    /// Media, or where it lies: Graph answers when it has it.
    Upload {
        /// The type of the bytes.
        content_type: &'a HeaderValue,
        /// The body itself.
        bytes: &'a Bytes,
    },
}

impl GraphClient {
    /// Makes the call and answers whatever Graph answers.
    ///
    /// # Errors
    /// There is no answer; whether Graph acted on the call, the error says.
    pub async fn pass_on(&self, caller: &Caller, call: PassedOn<'_>) -> Result<Response<Bytes>, TransportError> {
        let base = join(self.base_urls().graph(caller.flow), &[call.version]);
        let mut url = join(&base, call.segments);
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(call.query);
        }
        let body = match call.body {
            PassedBody::None => Body::None,
            PassedBody::Form(fields) => Body::Form(fields),
            PassedBody::Upload { content_type, bytes } => Body::Upload { content_type, bytes },
        };
        self.call(caller, call.method, url, body).await
    }
}
