//! Durations as people write them: `500ms`, `10s`, `25h`, `1d`.

use jiff::{SignedDuration, Span, SpanRelativeTo};

use super::error::SimError;

/// Reads a duration that is not negative. A bare number means seconds.
pub(crate) fn parse(field: &'static str, text: &str) -> Result<SignedDuration, SimError> {
    let text = text.trim();
    let parsed = match text.parse::<u32>() {
        Ok(seconds) => Some(SignedDuration::from_secs(i64::from(seconds))),
        Err(_) => text
            .parse::<Span>()
            .ok()
            .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()),
    };
    parsed.filter(|duration| !duration.is_negative()).ok_or_else(|| {
        SimError::bad_request(
            "invalid_value",
            format!("{text:?} is no duration; write 500ms, 10s, 90m, 25h or 7d"),
            Some(field),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, millis) in [
            ("500ms", 500),
            ("10s", 10_000),
            ("25h", 90_000_000),
            ("1d", 86_400_000),
            ("3", 3_000),
            ("1h 30m", 5_400_000),
            ("0s", 0),
        ] {
            assert_eq!(
                parse("advance", text),
                Ok(SignedDuration::from_millis(millis)),
                "{text}"
            );
        }
        for text in ["", "soon", "-5s", "5 parsecs", "1mo"] {
            assert!(parse("advance", text).is_err(), "{text}");
        }
    }
}
