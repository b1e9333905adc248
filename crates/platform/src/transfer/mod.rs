//! A whole world as one document: written, read, and gone back to.

mod document;
mod import;
mod reset;

pub use document::{DocumentError, FORMAT, VERSION, write_document};
pub use import::{ImportError, ImportRefusal};
pub use reset::ResetTo;

pub(crate) use reset::keep_snapshot;
