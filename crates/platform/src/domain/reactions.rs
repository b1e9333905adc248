//! Names and characters of reactions (contract: webhooks §4.6 `message_reactions`).

/// The named reactions with their characters.
const NAMED: &[(&str, &str)] = &[
    ("love", "\u{2764}\u{fe0f}"),
    ("laugh", "\u{1f606}"),
    ("wow", "\u{1f62e}"),
    ("sad", "\u{1f622}"),
    ("angry", "\u{1f620}"),
    ("like", "\u{1f44d}"),
];
/// Name of every reaction that has none of its own.
const OTHER: &str = "other";

/// Name and character of what somebody reacted with: a name, or any emoji.
pub fn named(reaction: &str) -> (String, String) {
    let given = reaction.trim();
    let found = NAMED.iter().find(|(name, emoji)| {
        name.eq_ignore_ascii_case(given) || *emoji == given || emoji.trim_end_matches('\u{fe0f}') == given
    });
    match found {
        Some((name, emoji)) => ((*name).to_owned(), (*emoji).to_owned()),
        None if given.eq_ignore_ascii_case("haha") => named("laugh"),
        None => (OTHER.to_owned(), given.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_characters_are_recognised_both_ways() {
        for given in ["love", "LOVE", "\u{2764}\u{fe0f}", "\u{2764}"] {
            assert_eq!(
                named(given),
                ("love".to_owned(), "\u{2764}\u{fe0f}".to_owned()),
                "{given}"
            );
        }
        assert_eq!(named("haha").0, "laugh");
        assert_eq!(named("\u{1f525}"), ("other".to_owned(), "\u{1f525}".to_owned()));
    }
}
