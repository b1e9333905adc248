//! The ledger of everything we say: sends, their calls and what became of them (design §4.3).

pub mod limits;
pub mod state;
