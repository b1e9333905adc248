//! The text of the file, to find the place of a part of a value.

use crate::automation::document::At;

/// The text of a file and where its lines begin.
pub(super) struct Source<'a> {
    text: &'a str,
    line_starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(position, _)| position + 1))
            .collect();
        Self { text, line_starts }
    }

    /// Line and column of the first `part` inside a value; those of the value where it cannot be
    /// found (an escape in a quoted text hides it).
    pub(super) fn place_of(&self, value: &At<String>, part: &str) -> (u64, u64) {
        self.find(value, part).unwrap_or((value.line, value.column))
    }

    fn find(&self, value: &At<String>, part: &str) -> Option<(u64, u64)> {
        let line = usize::try_from(value.line).ok()?.checked_sub(1)?;
        let line_start = *self.line_starts.get(line)?;
        let column = usize::try_from(value.column).ok()?.checked_sub(1)?;
        let start = line_start + self.text.get(line_start..)?.char_indices().nth(column)?.0;
        // Quotes, indentation and escapes make the written form longer than the value.
        let end = (start + value.value.len() * 2 + 200).min(self.text.len());
        let end = (end..=self.text.len()).find(|end| self.text.is_char_boundary(*end))?;
        let found = start + self.text.get(start..end)?.find(part)?;
        let line = self.line_starts.partition_point(|line_start| *line_start <= found);
        let line_start = *self.line_starts.get(line.checked_sub(1)?)?;
        let column = self.text.get(line_start..found)?.chars().count() + 1;
        Some((u64::try_from(line).ok()?, u64::try_from(column).ok()?))
    }
}
