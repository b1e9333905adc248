//! Small parts that many pages use: times, copyable values, commands, pills.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but letters, digits and the marks that user names, message ids and paths may hold unescaped.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'.')
    .remove(b'_')
    .remove(b'-')
    .remove(b'~')
    .remove(b'@');

/// `text` as one segment of a path or one value of a query.
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// How a time is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeFormat {
    /// Hour and minute.
    Clock,
    /// Hour, minute and second.
    Seconds,
    /// Day of the week, date, hour and minute.
    Day,
}

/// A time: UTC in the page, turned into the reader's zone by the script.
pub fn time(at: Timestamp, format: TimeFormat) -> Markup {
    let (name, pattern) = match format {
        TimeFormat::Clock => ("clock", "%H:%M"),
        TimeFormat::Seconds => ("seconds", "%H:%M:%S"),
        TimeFormat::Day => ("day", "%a %-d %b, %H:%M"),
    };
    let text = at.to_zoned(TimeZone::UTC).strftime(pattern).to_string();
    html! { time datetime=(at) data-format=(name) title={ (at) } { (text) } }
}

/// A value with a button that copies it. `name` says what is copied, for those who do not see the page.
pub fn copyable(name: &str, value: &str) -> Markup {
    html! {
        code.clip title=(value) { (value) }
        button.copy type="button" data-copy=(value) aria-label={ "Copy " (name) } { "Copy" }
    }
}

/// A command line with a button that copies it.
pub fn command(line: &str) -> Markup {
    html! {
        div.command {
            pre { (line) }
            button.copy type="button" data-copy=(line) aria-label="Copy the command" { "Copy" }
        }
    }
}

/// How good a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Neither.
    Plain,
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Wrong.
    Bad,
}

impl Tone {
    /// The class that colours it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A small rounded label.
pub fn pill(text: &str, tone: Tone) -> Markup {
    html! { span class={ "pill " (tone.class()) } { (text) } }
}

/// A coloured box: what is the case, and what to do about it.
pub fn callout(tone: Tone, headline: &str, remedy: &str) -> Markup {
    html! {
        div class={ "note " (tone.class()) } {
            strong { (headline) }
            @if !remedy.is_empty() { span { (remedy) } }
        }
    }
}

/// Where the script, or the server after a plain form, says why something was refused.
pub fn problem(text: Option<&str>) -> Markup {
    html! { div #problem .note .bad role="alert" hidden[text.is_none()] { (text.unwrap_or_default()) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_cannot_leave_its_place() {
        assert_eq!(segment("luna.coffee"), "luna.coffee");
        assert_eq!(segment("../a?b#c d"), "..%2Fa%3Fb%23c%20d");
    }

    #[test]
    fn a_copied_value_is_escaped() {
        let text = copyable("x", "\"><script>").into_string();
        assert!(!text.contains("<script>"));
    }
}
