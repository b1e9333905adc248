//! What every half needs before it knows anything about Instagram: two clocks, randomness, shutdown, logging,
//! the data folder and the database.
//!
//! It deliberately does not know what is stored, sent or decided; nothing in here names an account or a message.
//!
//! ```
//! use selfsame_runtime::clock::WorldClock;
//! use jiff::{SignedDuration, Timestamp};
//!
//! let clock = WorldClock::manual("2026-01-01T00:00:00Z".parse::<Timestamp>()?);
//! clock.advance(SignedDuration::from_hours(25))?;
//! assert_eq!(clock.now().to_string(), "2026-01-02T01:00:00Z");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod clock;
pub mod db;
pub mod folder;
pub mod http;
pub mod random;
pub mod shutdown;
pub mod telemetry;
