//! Which part of a list is read.

/// Where a part of a list lies, in the order in which the list is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Slice {
    /// From the beginning.
    #[default]
    First,
    /// Behind this row.
    After(i64),
    /// The last ones in front of this row.
    Before(i64),
}

impl Slice {
    /// The statement to read with, and the row it starts from: `onwards` reads as the list is shown, `back` against that.
    pub(super) fn statement(self, onwards: &'static str, back: &'static str, start: i64) -> (&'static str, i64) {
        match self {
            Self::First => (onwards, start),
            Self::After(row) => (onwards, row),
            Self::Before(row) => (back, row),
        }
    }

    /// What the statement found, as the list is shown.
    pub(super) fn in_order<T>(self, mut found: Vec<T>) -> Vec<T> {
        if matches!(self, Self::Before(_)) {
            found.reverse();
        }
        found
    }
}
