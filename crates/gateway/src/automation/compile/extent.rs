//! How long a text with names in it can come out.

use crate::automation::texts::{is_template, needed_by_text};

/// In what a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Bytes,
    Characters,
}

/// The lengths between which a text can come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extent {
    /// What is there whatever its names stand for.
    pub(super) least: usize,
    /// With every name as long as Instagram lets it be. What `set`, `ask` and `http` keep counts for nothing:
    /// how long that is, nobody knows.
    pub(super) most: usize,
    /// The name that adds most.
    pub(super) longest: Option<String>,
}

/// Names with the most characters and bytes of what they stand for. Usernames and ids are ASCII; a text of a
/// message is limited in bytes (contract, Send API §5.2), a comment in characters.
const LONGEST: [(&str, usize, usize); 13] = [
    ("person.username", 30, 30),
    ("person.name", 64, 256),
    ("person.id", 20, 20),
    ("account.username", 30, 30),
    ("account.name", 64, 256),
    ("account.id", 20, 20),
    ("message.text", 1000, 1000),
    ("message.payload", 1000, 4000),
    ("postback.title", 20, 80),
    ("postback.payload", 1000, 4000),
    ("comment.text", 2200, 8800),
    ("comment.id", 20, 20),
    ("comment.media_id", 20, 20),
];

/// Between which lengths a text can come out; none where that cannot be told, as with loops.
pub(super) fn extent_of(text: &str, unit: Unit) -> Option<Extent> {
    let measure = |text: &str| match unit {
        Unit::Bytes => text.len(),
        Unit::Characters => text.chars().count(),
    };
    if !is_template(text) {
        let length = measure(text);
        return Some(Extent {
            least: length,
            most: length,
            longest: None,
        });
    }
    if text.contains("{%") || text.contains("{#") {
        return None;
    }
    let mut least = 0;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        least += measure(before);
        rest = after.split_once("}}")?.1;
    }
    least += measure(rest);
    let needed = needed_by_text(text).ok()?;
    let added = LONGEST
        .iter()
        .filter(|(name, _, _)| needed.contains(*name))
        .map(|(name, characters, bytes)| {
            let length = match unit {
                Unit::Bytes => *bytes,
                Unit::Characters => *characters,
            };
            (length, *name)
        });
    Some(Extent {
        least,
        most: least + added.clone().map(|(length, _)| length).sum::<usize>(),
        longest: added.max().map(|(_, name)| name.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_long_as_what_its_names_can_stand_for() {
        for (text, unit, least, most) in [
            ("häuser", Unit::Bytes, 7, 7),
            ("häuser", Unit::Characters, 6, 6),
            ("Hi {{ person.username }}!", Unit::Bytes, 4, 34),
            ("{{ person.name }}", Unit::Bytes, 0, 256),
            ("{{ person.name }}", Unit::Characters, 0, 64),
            ("You said {{ message.text }}", Unit::Bytes, 9, 1009),
            ("{{ kept }}", Unit::Bytes, 0, 0),
        ] {
            let extent = extent_of(text, unit).unwrap();
            assert_eq!((extent.least, extent.most), (least, most), "{text}");
        }
        assert_eq!(extent_of("{% for x in [1] %}a{% endfor %}", Unit::Bytes), None);
        assert_eq!(
            extent_of("{{ person.username }}{{ message.text }}", Unit::Bytes)
                .unwrap()
                .longest
                .as_deref(),
            Some("message.text")
        );
    }
}
