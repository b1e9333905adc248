//! Fetching media that callers name by URL, within limits of time, size and place.

mod addresses;
mod fetcher;

pub use fetcher::{FetchError, Fetched, MediaFetcher};
