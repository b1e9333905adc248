//! Whether the colours of the style sheet can be told from what is behind them (WCAG 2, level AA), in light and in dark.

use std::collections::BTreeMap;

use selfsame_ui::assets::STYLE;

/// What text needs.
const TEXT: f64 = 4.5;
/// What icons and the marks of controls need.
const MARK: f64 = 3.0;

/// Foreground, background, what it needs, and where they meet.
const PAIRS: &[(&str, &str, f64, &str)] = &[
    ("text", "back", TEXT, "a document"),
    ("text", "paper", TEXT, "a card"),
    ("text", "fill", TEXT, "a bubble"),
    ("text", "fill-strong", TEXT, "a quiet button under the pointer"),
    ("text", "info-back", TEXT, "a note"),
    ("text", "good-back", TEXT, "a good note"),
    ("text", "warn-back", TEXT, "a warning"),
    ("text", "bad-back", TEXT, "a problem"),
    ("soft", "back", TEXT, "the lead of a document"),
    ("soft", "paper", TEXT, "a time in a list"),
    ("soft", "fill", TEXT, "a pill, the subtitle of a card"),
    ("soft", "fill-strong", TEXT, "a pill in the list of threads"),
    ("accent", "back", TEXT, "a link in a document"),
    ("accent", "paper", TEXT, "a link, the outline of what has the focus"),
    ("accent", "fill", TEXT, "a button in a message"),
    ("accent", "fill-strong", TEXT, "the same under the pointer"),
    ("accent", "info-back", TEXT, "a suggested answer under the pointer"),
    ("accent", "warn-back", TEXT, "a link in a warning"),
    ("on-mine", "mine-a", TEXT, "one's own bubble, at its top"),
    ("on-mine", "mine-b", TEXT, "one's own bubble, at its end"),
    ("#ffffff", "accent-fill", TEXT, "a button"),
    ("accent-fill", "paper", MARK, "a ticked box"),
    ("good", "paper", TEXT, "delivered"),
    ("good", "back", TEXT, "the same in a document"),
    ("good", "good-back", TEXT, "a good pill"),
    ("warn", "paper", TEXT, "not delivered"),
    ("warn", "back", TEXT, "the same in a document"),
    ("warn", "warn-back", TEXT, "a warning pill"),
    ("bad", "paper", TEXT, "given up"),
    ("bad", "back", TEXT, "the same in a document"),
    ("bad", "bad-back", TEXT, "a bad pill"),
];

/// The colours of one scheme by name.
type Colours = BTreeMap<String, [f64; 3]>;

fn sheet() -> &'static str {
    std::str::from_utf8(STYLE.bytes).unwrap()
}

/// Both schemes: light, and dark where it differs.
fn schemes() -> [(&'static str, Colours); 2] {
    let mut blocks = sheet()
        .split(":root {")
        .skip(1)
        .map(|rest| rest.split('}').next().unwrap());
    let light = colours(blocks.next().unwrap());
    let mut dark = light.clone();
    dark.extend(colours(blocks.next().unwrap()));
    assert!(blocks.next().is_none(), "a third scheme is not measured");
    [("light", light), ("dark", dark)]
}

fn colours(block: &str) -> Colours {
    block
        .split(';')
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'))
        .filter_map(|(name, value)| Some((name.to_owned(), hex(value.trim())?)))
        .collect()
}

fn hex(text: &str) -> Option<[f64; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let part = |from: usize| u8::from_str_radix(&digits[from..from + 2], 16).ok().map(f64::from);
    Some([part(0)?, part(2)?, part(4)?])
}

fn luminance(colour: [f64; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = part / 255.0;
        if part <= 0.040_45 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

#[test]
fn every_text_can_be_read_in_light_and_in_dark() {
    let mut faint = Vec::new();
    for (scheme, colours) in schemes() {
        let colour =
            |name: &str| hex(name).unwrap_or_else(|| *colours.get(name).unwrap_or_else(|| panic!("no --{name}")));
        for (front, behind, needed, place) in PAIRS {
            let measured = contrast(colour(front), colour(behind));
            if measured < *needed {
                faint.push(format!(
                    "{scheme}: {front} on {behind}: {measured:.2}, needs {needed} ({place})"
                ));
            }
        }
    }
    assert!(faint.is_empty(), "{}", faint.join("\n"));
}

#[test]
fn letters_in_faces_can_be_read() {
    let tints: Vec<[f64; 3]> = sheet()
        .split(".tint-")
        .skip(1)
        .map(|rest| hex(rest.split_once("background: ").unwrap().1.split(';').next().unwrap()).unwrap())
        .collect();
    assert_eq!(tints.len(), 8);
    for tint in tints {
        assert!(contrast([255.0; 3], tint) >= TEXT, "{tint:?}");
    }
}

#[test]
fn the_measure_is_the_one_of_wcag() {
    let near = |measured: f64, expected: f64| (measured - expected).abs() < 0.01;
    assert!(near(contrast([0.0; 3], [255.0; 3]), 21.0));
    // #777777 on white is the usual example of a grey that just fails.
    assert!(near(contrast([119.0; 3], [255.0; 3]), 4.48));
}
