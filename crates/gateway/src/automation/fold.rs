//! How texts are made comparable: composed, case-folded, trimmed, cut into words.

/// The form in which two texts that people call "the same" are equal.
///
/// Composed (NFC), then each letter lower-cased, upper-cased and lower-cased again, which folds `ß`
/// and `ẞ` with `SS` and `ς` with `σ`, without the emoji variation selector, which phones add and drop
/// at will. Letter by letter on purpose: a part of a text folds to a part of the folded text.
pub(super) fn fold(text: &str) -> String {
    compose(text)
        .chars()
        .filter(|character| *character != '\u{fe0f}')
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// The composed form (NFC): an accent and its letter are one character, however they were typed.
pub(super) fn compose(text: &str) -> std::borrow::Cow<'_, str> {
    icu_normalizer::ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// Whether a letter can stand inside a word.
pub(super) fn is_word_letter(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || is_combining(character)
}

/// The words of a folded text: runs of letters and digits.
pub(super) fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded
        .split(|character| !is_word_letter(character))
        .filter(|word| !word.is_empty())
}

/// Whether "one of these whole words" can be decided by spaces and punctuation alone. Not so for
/// emoji, and not for scripts that put no space between words.
pub(super) fn has_word_boundaries(folded: &str) -> bool {
    words(folded).next().is_some()
        && folded.chars().all(|character| {
            !is_written_without_spaces(character)
                && (is_word_letter(character)
                    || character.is_whitespace()
                    || character.is_ascii_punctuation()
                    || matches!(character, '’' | '‘' | '–' | '—' | '…'))
        })
}

/// Marks that join the letter before them (the common blocks of them).
fn is_combining(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}')
}

/// Han, kana, Thai, Lao, Burmese, Khmer.
fn is_written_without_spaces(character: char) -> bool {
    matches!(
        u32::from(character),
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x4dbf
            | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_people_call_the_same_fold_alike() {
        for (left, right) in [
            ("MENU", "menu"),
            ("Straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("ΟΔΟΣ", "οδος"),
            ("cafe\u{301}", "CAFÉ"),
            ("❤\u{fe0f}", "❤"),
            ("ПРИВЕТ", "привет"),
        ] {
            assert_eq!(fold(left), fold(right), "{left} and {right}");
        }
        assert_ne!(fold("cafe"), fold("café"));
    }

    #[test]
    fn words_end_at_punctuation_and_keep_their_marks() {
        let folded = fold("What's on the MENU, please?");
        assert_eq!(
            words(&folded).collect::<Vec<_>>(),
            ["what", "s", "on", "the", "menu", "please"]
        );
    }

    #[test]
    fn emoji_and_scripts_without_spaces_have_no_word_boundaries() {
        assert!(has_word_boundaries(&fold("price list")));
        assert!(has_word_boundaries(&fold("меню")));
        for text in ["👍", "菜单", "เมนู", "menu 👍", "?"] {
            assert!(!has_word_boundaries(&fold(text)), "{text}");
        }
    }
}
