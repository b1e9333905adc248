//! The one broadcast that feeds live pages and `/_sim/stream`. Everything on it is a hint: rows are the truth.

use tokio::sync::broadcast;

use crate::domain::keys::{AccountKey, ThreadKey};

/// How many signals a slow reader may lag behind before it must read the table again.
const HUB_CAPACITY: usize = 4096;

/// What a row of the stream is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamEvent {
    /// A message was made or changed.
    Message,
    /// A comment was made or changed.
    Comment,
    /// A delivery was made or changed.
    Delivery,
    /// An attempt ended.
    Attempt,
    /// A Graph or OAuth call was answered.
    Call,
    /// World time was moved.
    Clock,
}

impl StreamEvent {
    /// The name in the database and in the stream.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Comment => "comment",
            Self::Delivery => "delivery",
            Self::Attempt => "attempt",
            Self::Call => "call",
            Self::Clock => "clock",
        }
    }

    /// The event with this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "message" => Some(Self::Message),
            "comment" => Some(Self::Comment),
            "delivery" => Some(Self::Delivery),
            "attempt" => Some(Self::Attempt),
            "call" => Some(Self::Call),
            "clock" => Some(Self::Clock),
            _ => None,
        }
    }
}

/// One row of the persistent sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamItem {
    /// Persistent sequence number.
    pub id: i64,
    /// Which table.
    pub event: StreamEvent,
    /// Row in that table.
    pub subject: i64,
}

/// What is said on the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// A row of the sequence was committed.
    Stored(StreamItem),
    /// The business types (or stopped) in a thread; never stored.
    Typing {
        /// Where.
        thread: ThreadKey,
        /// Who.
        account: AccountKey,
        /// Started or stopped.
        on: bool,
    },
}

/// The broadcast. Clones speak on the same one.
#[derive(Debug, Clone)]
pub struct Hub {
    sender: broadcast::Sender<Signal>,
}

impl Hub {
    /// A hub with no readers.
    pub fn new() -> Self {
        let (sender, _) = broadcast::channel(HUB_CAPACITY);
        Self { sender }
    }

    /// Tells whoever listens; nobody listening is fine.
    pub fn tell(&self, signal: Signal) {
        self.sender.send(signal).ok();
    }

    /// Starts to listen. A `Lagged` error means: read the stream table again from the last id seen.
    pub fn listen(&self) -> broadcast::Receiver<Signal> {
        self.sender.subscribe()
    }
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}
