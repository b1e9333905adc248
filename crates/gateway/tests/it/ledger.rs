//! The rules of the ledger, one by one.
