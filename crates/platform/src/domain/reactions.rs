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

/// Characters of the longest emoji: a family is seven joined by six, a flag of a region has seven.
const EMOJI_CHARS_MAX: usize = 16;

/// Whether somebody can react with this: a name, or something that may be an emoji (no words, nothing long).
pub fn is_reaction(reaction: &str) -> bool {
    let given = reaction.trim();
    let is_name = |name: &str| name.eq_ignore_ascii_case(given);
    let may_be_emoji = !given.is_ascii()
        && given.chars().count() <= EMOJI_CHARS_MAX
        && !given.chars().any(|one| one.is_alphabetic() || one.is_control());
    may_be_emoji || is_name("haha") || is_name(OTHER) || NAMED.iter().any(|(name, _)| is_name(name))
}

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
    fn a_reaction_is_a_name_or_an_emoji_and_no_word() {
        let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}";
        for given in [
            "love",
            "HAHA",
            "other",
            "\u{1f525}",
            "1\u{fe0f}\u{20e3}",
            "\u{2764}",
            family,
        ] {
            assert!(is_reaction(given), "{given}");
        }
        for given in [
            "",
            " ",
            "wat",
            "5",
            "ch\u{e9}ri",
            "\u{1f525}\n\u{1f525}",
            &"\u{1f525}".repeat(17),
        ] {
            assert!(!is_reaction(given), "{given}");
        }
    }

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
