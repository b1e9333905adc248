//! What the benchmarks share: a gateway in a temporary folder, processor time, signed webhooks, and `wrk`.
//!
//! The programs are in `src/bin`; `bench/README.md` says how to run them and how to read what they print.

pub mod house;
pub mod processor;
pub mod webhooks;
pub mod wrk;
