//! The look of the pages, as far as it can be measured.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod contrast;
