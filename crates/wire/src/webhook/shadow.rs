//! The lenient reading of bodies behind [`super::parse`].

use super::parse::{Delivery, Incoming};

pub(super) fn read_body(_body: &[u8]) -> Delivery {
    Delivery { object: None, events: Vec::new() }
}

pub(super) fn write_single(_incoming: &Incoming) -> Vec<u8> {
    Vec::new()
}
