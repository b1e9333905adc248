//! Fetching media that callers name by URL, within limits of time, size and place.

mod fetcher;
mod preparer;

pub use fetcher::{FetchError, Fetched, MediaFetcher};
pub(crate) use preparer::{Preparer, check_file};
