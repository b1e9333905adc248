//! The named limits of one listening socket.

use std::time::Duration;

/// What one listening socket grants its callers at most. Every field is a limit; none can be switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Request line and headers together, in bytes; beyond it the answer is 431. Tokens, and on the Graph surface whole
    /// messages, travel in the query, so this is far above what a browser needs.
    pub header_bytes: usize,
    /// Headers of one request; beyond it the answer is 431.
    pub header_count: usize,
    /// Request body, in bytes; beyond it the answer is 413. Single routes may be stricter.
    pub body_bytes: usize,
    /// A path whose bodies may have another size, in bytes: its handler reads them piece by piece and never holds one.
    pub large_body: Option<(&'static str, usize)>,
    /// Open connections. Further ones wait in the system's backlog until one closes.
    pub connections: usize,
    /// From the first byte of a request (or from accepting the connection) to the end of its headers.
    pub header_read_timeout: Duration,
    /// From the end of the headers to the end of the body.
    pub body_read_timeout: Duration,
    /// Between two requests of one connection.
    pub idle_timeout: Duration,
    /// How long the peer may accept no byte of an answer; a reader of a stream that stopped reading is dropped by this.
    pub write_stall_timeout: Duration,
    /// How long running requests may take to finish once shutdown began; then their connections are cut.
    pub drain_timeout: Duration,
}

impl Limits {
    /// The limit of a body sent to `path`, in bytes.
    pub fn body_bytes_of(&self, path: &str) -> usize {
        match self.large_body {
            Some((large, bytes)) if large == path => bytes,
            _ => self.body_bytes,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_bytes: 64 * 1024,
            header_count: 100,
            body_bytes: 32 * 1024 * 1024,
            large_body: None,
            connections: 1024,
            header_read_timeout: Duration::from_secs(10),
            body_read_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            write_stall_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(5),
        }
    }
}
