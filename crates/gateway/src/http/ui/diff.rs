//! What differs between two texts, line by line.

use selfsame_ui::maud::{Markup, html};

/// Pairs of lines that are compared; larger changes are shown as a whole, old before new.
const PAIRS_MAX: usize = 4_000_000;
/// Lines around a change that are shown as they are.
const CONTEXT: usize = 3;

/// One line of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line<'t> {
    Same(&'t str),
    Removed(&'t str),
    Added(&'t str),
}

/// The comparison as a page shows it. `None`: the texts are the same.
pub(super) fn diff(old: &str, new: &str) -> Option<Markup> {
    let lines = compare(old, new);
    let changed: Vec<usize> = (0..lines.len())
        .filter(|at| !matches!(lines.get(*at), Some(Line::Same(_)) | None))
        .collect();
    if changed.is_empty() {
        return None;
    }
    let is_near = |at: usize| {
        let next = changed.partition_point(|change| *change < at.saturating_sub(CONTEXT));
        changed.get(next).is_some_and(|change| *change <= at + CONTEXT)
    };
    let mut was_left_out = false;
    Some(html! {
        pre.diff tabindex="0" role="region" aria-label="Differences" {
            @for (at, line) in lines.iter().enumerate() {
                @if is_near(at) {
                    @match line {
                        Line::Same(text) => { span { "  " (text) "\n" } },
                        Line::Removed(text) => { del { "− " (text) "\n" } },
                        Line::Added(text) => { ins { "+ " (text) "\n" } },
                    }
                    @let () = was_left_out = false;
                } @else if !was_left_out {
                    span.soft { "  …\n" }
                    @let () = was_left_out = true;
                }
            }
        }
    })
}

fn compare<'t>(old: &'t str, new: &'t str) -> Vec<Line<'t>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let before = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (old.get(before..).unwrap_or(&[]), new.get(before..).unwrap_or(&[]));
    let after = old_rest
        .iter()
        .rev()
        .zip(new_rest.iter().rev())
        .take_while(|(old, new)| old == new)
        .count();
    let (old_middle, same_end) = old_rest.split_at(old_rest.len() - after);
    let (new_middle, _) = new_rest.split_at(new_rest.len() - after);
    let mut lines: Vec<Line<'t>> = old.iter().take(before).map(|line| Line::Same(line)).collect();
    if old_middle.len().saturating_mul(new_middle.len()) > PAIRS_MAX {
        lines.extend(old_middle.iter().map(|line| Line::Removed(line)));
        lines.extend(new_middle.iter().map(|line| Line::Added(line)));
    } else {
        lines.extend(common(old_middle, new_middle));
    }
    lines.extend(same_end.iter().map(|line| Line::Same(line)));
    lines
}

/// Keeps a longest common sequence of lines.
fn common<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Line<'t>> {
    let width = new.len() + 1;
    // How many lines the rests from here on have in common.
    let mut kept = vec![0_u32; (old.len() + 1) * width];
    for at_old in (0..old.len()).rev() {
        for at_new in (0..new.len()).rev() {
            let here = at_old * width + at_new;
            kept[here] = if old[at_old] == new[at_new] {
                kept[here + width + 1] + 1
            } else {
                kept[here + width].max(kept[here + 1])
            };
        }
    }
    let (mut at_old, mut at_new) = (0, 0);
    let mut lines = Vec::with_capacity(old.len() + new.len());
    while at_old < old.len() || at_new < new.len() {
        let here = at_old * width + at_new;
        let (has_old, has_new) = (at_old < old.len(), at_new < new.len());
        if has_old && has_new && old[at_old] == new[at_new] {
            lines.push(Line::Same(old[at_old]));
            at_old += 1;
            at_new += 1;
        } else if has_old && (!has_new || kept[here + width] >= kept[here + 1]) {
            lines.push(Line::Removed(old[at_old]));
            at_old += 1;
        } else {
            lines.push(Line::Added(new[at_new]));
            at_new += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(old: &str, new: &str) -> String {
        compare(old, new)
            .into_iter()
            .map(|line| match line {
                Line::Same(_) => ' ',
                Line::Removed(_) => '-',
                Line::Added(_) => '+',
            })
            .collect()
    }

    #[test]
    fn what_both_have_in_common_stays() {
        for (old, new, expected) in [
            ("", "", ""),
            ("a", "a", " "),
            ("", "a\nb", "++"),
            ("a\nb", "", "--"),
            ("a\nb\nc", "a\nx\nc", " -+ "),
            ("a\nb\nc\nd", "b\nd\ne", "- - +"),
            ("same\nold\nend", "same\nend", " - "),
        ] {
            assert_eq!(signs(old, new), expected, "{old:?} {new:?}");
        }
    }

    #[test]
    fn the_old_lines_and_the_new_lines_are_all_there() {
        let (old, new) = ("a\nb\na\nc\nb", "b\na\nb\nb\nc\na");
        let lines = compare(old, new);
        let of = |keep: fn(&Line<'_>) -> bool| {
            let texts: Vec<&str> = lines
                .iter()
                .filter(|line| keep(line))
                .map(|line| match line {
                    Line::Same(text) | Line::Removed(text) | Line::Added(text) => *text,
                })
                .collect();
            texts.join("\n")
        };
        assert_eq!(of(|line| !matches!(line, Line::Added(_))), old);
        assert_eq!(of(|line| !matches!(line, Line::Removed(_))), new);
    }

    #[test]
    fn changes_too_large_to_compare_are_shown_whole() {
        let many = |word: &str| (0..2_100).map(|n| format!("{word}{n}\n")).collect::<Vec<_>>().concat();
        let shown = signs(&many("old"), &many("new"));
        assert!(shown.starts_with('-') && shown.ends_with('+'));
        assert_eq!(shown.len(), 4_200);
    }

    #[test]
    fn far_from_any_change_lines_are_left_out_once() {
        let text = (0..40).map(|n| format!("line {n}\n")).collect::<Vec<_>>().concat();
        let shown = diff(&text, &text.replace("line 20\n", "<b>new</b>\n"))
            .unwrap()
            .into_string();
        assert_eq!(shown.matches('…').count(), 2);
        assert!(
            shown.contains("<del>− line 20\n</del>") && shown.contains("&lt;b&gt;new&lt;/b&gt;"),
            "{shown}"
        );
        assert!(diff(&text, &text).is_none());
    }
}
