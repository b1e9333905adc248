//! Live events of a platform, and passing its webhooks on to one more place.

use std::time::Duration;

use reqwest::Client;
use serde_json::Value;
use url::Url;

use crate::connection::{CallError, HouseClient};

/// A bot that has not answered a forwarded webhook by then has had its chance.
const FORWARD_TIMEOUT: Duration = Duration::from_secs(10);
/// One event is smaller than this; a longer one means that the stream is something else.
const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// One event of `/_sim/stream`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LiveEvent {
    /// Its place in the sequence.
    pub id: Option<String>,
    /// `message`, `comment`, `delivery`, `attempt`, `call` or `clock`.
    pub name: String,
    /// The object of the matching list.
    pub data: Value,
}

/// The open stream.
#[derive(Debug)]
pub struct EventStream {
    response: reqwest::Response,
    url: Url,
    buffer: Vec<u8>,
}

impl EventStream {
    /// Opens `/_sim/stream` at its present end.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn open(house: &HouseClient) -> Result<Self, CallError> {
        let response = house.platform().open_stream("/_sim/stream", None).await?;
        Ok(Self {
            response,
            url: house.platform().base().clone(),
            buffer: Vec::new(),
        })
    }

    /// The next event; `None` when the platform closed the stream.
    ///
    /// # Errors
    /// When the connection broke, or what came is not an event.
    pub async fn next(&mut self) -> Result<Option<LiveEvent>, CallError> {
        loop {
            if let Some(end) = find_block_end(&self.buffer) {
                let block: Vec<u8> = self.buffer.drain(..end).collect();
                if let Some(event) = parse_block(&String::from_utf8_lossy(&block)) {
                    return Ok(Some(event));
                }
                continue;
            }
            if self.buffer.len() > MAX_EVENT_BYTES {
                return Err(CallError::Unreadable {
                    url: Box::new(self.url.clone()),
                    reason: "an event without end".to_owned(),
                });
            }
            let chunk = self.response.chunk().await.map_err(|source| CallError::Broken {
                method: reqwest::Method::GET,
                url: Box::new(self.url.clone()),
                source,
            })?;
            match chunk {
                Some(chunk) => self.buffer.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
    }
}

impl LiveEvent {
    /// One line for a person.
    pub fn line(&self) -> String {
        let word = |name: &str| {
            self.data
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        match self.name.as_str() {
            "message" => format!(
                "message   {:<8} {}",
                word("side"),
                self.data.get("text").and_then(Value::as_str).unwrap_or("(no text)")
            ),
            "comment" => format!("comment   @{} {}", word("username"), word("text")),
            "delivery" => format!("delivery  {:<10} {} {}", word("status"), word("field"), word("reason")),
            "call" => {
                let status = self.data.get("status").and_then(Value::as_u64).unwrap_or_default();
                format!("call      {status} {} {} {}", word("method"), word("path"), word("why"))
            }
            other => format!("{other:<9} {}", self.data),
        }
    }
}

/// Where the first block ends, its empty line included.
fn find_block_end(buffer: &[u8]) -> Option<usize> {
    buffer
        .windows(2)
        .position(|pair| pair == b"\n\n")
        .map(|start| start + 2)
}

/// An event, unless the block is a comment that keeps the connection open.
fn parse_block(block: &str) -> Option<LiveEvent> {
    let mut event = LiveEvent::default();
    let mut data = String::new();
    for line in block.lines() {
        if let Some(id) = line.strip_prefix("id:") {
            event.id = Some(id.trim().to_owned());
        } else if let Some(name) = line.strip_prefix("event:") {
            name.trim().clone_into(&mut event.name);
        } else if let Some(more) = line.strip_prefix("data:") {
            data.push_str(more.strip_prefix(' ').unwrap_or(more));
        }
    }
    if data.is_empty() {
        return None;
    }
    event.data = serde_json::from_str(&data).unwrap_or(Value::String(data));
    Some(event)
}

/// Posts webhooks on to one more place, with the signature headers that the platform sent.
#[derive(Debug)]
pub struct Forwarder {
    to: Url,
    http: Client,
}

impl Forwarder {
    /// A forwarder to `to`.
    ///
    /// # Errors
    /// When no HTTP client can be built on this machine.
    pub fn new(to: Url) -> Result<Self, reqwest::Error> {
        let http = Client::builder().timeout(FORWARD_TIMEOUT).no_proxy().build()?;
        Ok(Self { to, http })
    }

    /// Forwards a delivery's body byte for byte when its attempt went out; says what came of it.
    pub async fn forward(&self, event: &LiveEvent) -> Option<String> {
        if event.name != "delivery" || event.data.get("status").and_then(Value::as_str) == Some("suppressed") {
            return None;
        }
        let attempts = event.data.get("attempts").and_then(Value::as_array)?;
        let headers = attempts.first()?.get("request_headers")?;
        let raw = event.data.get("raw").and_then(Value::as_str)?;
        let mut request = self
            .http
            .post(self.to.clone())
            .header("content-type", "application/json")
            .body(raw.to_owned());
        for name in ["x-hub-signature", "x-hub-signature-256"] {
            if let Some(value) = headers.get(name).and_then(Value::as_str) {
                request = request.header(name, value);
            }
        }
        Some(match request.send().await {
            Ok(response) => format!("forwarded to {}: {}", self.to, response.status()),
            Err(error) => format!("forwarding to {} failed: {error}", self.to),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_is_read_and_a_keep_alive_is_not_one() {
        let event = parse_block("id: 7\nevent: message\ndata: {\"text\":\"hi\"}\n\n").unwrap();
        assert_eq!(
            event,
            LiveEvent {
                id: Some("7".to_owned()),
                name: "message".to_owned(),
                data: json!({"text": "hi"})
            }
        );
        assert_eq!(parse_block(": keep-alive\n\n"), None);
    }

    #[test]
    fn a_block_ends_at_its_empty_line() {
        assert_eq!(find_block_end(b"id: 1\n\nid: 2"), Some(7));
        assert_eq!(find_block_end(b"id: 1\n"), None);
    }
}
