//! The ledger of everything we say: sends, their calls and what became of them (design §4.3).
