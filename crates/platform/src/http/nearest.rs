//! Which of several names was probably meant.

/// How many letters may be wrong in a name that is still recognised.
const SLIPS_MAX: usize = 2;
/// Longer names are not compared.
const NAME_BYTES_MAX: usize = 80;

/// The candidate that comes nearest to a name, if one comes near.
pub(crate) fn nearest<'c, T>(name: &str, candidates: &'c [T], name_of: impl Fn(&T) -> &str) -> Option<&'c T> {
    if name.len() > NAME_BYTES_MAX {
        return None;
    }
    let name = name.to_ascii_lowercase();
    candidates
        .iter()
        .map(|candidate| (slips(&name, name_of(candidate)), candidate))
        .filter(|(slips, candidate)| *slips <= SLIPS_MAX && *slips < name_of(candidate).len() / 2)
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, candidate)| candidate)
}

/// Letters to insert, delete or replace to get from one name to the other.
fn slips(from: &str, to: &str) -> usize {
    let to: Vec<u8> = to.bytes().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters_may_be_wrong_and_not_half_of_them() {
        let candidates = ["messages", "media", "x"];
        for (name, expected) in [
            ("mesages", Some("messages")),
            ("Messages", Some("messages")),
            ("medai", None),
            ("meda", Some("media")),
            ("y", None),
            ("nothing", None),
            (&"m".repeat(1000), None),
        ] {
            let found = nearest(name, &candidates, |candidate| candidate).copied();
            assert_eq!(found, expected, "{name}");
        }
    }
}
