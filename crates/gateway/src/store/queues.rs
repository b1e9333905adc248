//! The queues in the gateway's database.

use selfsame_queue::{Order, Queue};

/// Events to be decided, in order per person (or per media, for comments). Due times are process time,
/// because the only thing an event waits for is a call in real time.
pub const INBOX: Queue = Queue::new("inbox", Order::StrictPerKey);

/// Things to say, in order per person. Due times are world time. A job whose send is in doubt stays at
/// the head of its lane, due [`NEVER`], until the ledger settles it.
pub const OUTBOX: Queue = Queue::new("outbox", Order::StrictPerKey);

/// Events on their way to somebody's own engine, in order per thread (or per media, for comments). Due
/// times are process time, because what they wait for is another machine.
pub const FORWARD: Queue = Queue::new("forward", Order::StrictPerKey);

/// The due time of a job that only the ledger moves.
pub const NEVER: i64 = i64::MAX;
