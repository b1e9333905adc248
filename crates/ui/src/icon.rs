//! Line icons and the pictures that stand for posts. Drawn here; nothing is loaded.

use maud::{Markup, PreEscaped, html};

use crate::assets::fnv1a;

fn line_icon(path: &'static str) -> Markup {
    html! { svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" { (PreEscaped(path)) } }
}

/// An arrow to the previous page.
pub fn back() -> Markup {
    line_icon(r#"<path d="M15 5l-7 7 7 7"/>"#)
}

/// Three dots: more.
pub fn more() -> Markup {
    line_icon(r#"<path d="M5 12h.01M12 12h.01M19 12h.01"/>"#)
}

/// A heart.
pub fn heart() -> Markup {
    line_icon(
        r#"<path d="M12 20s-7.5-4.6-7.5-10A4.2 4.2 0 0 1 12 7.300a4.200 4.200 0 0 1 7.500 2.700c0 5.400-7.500 10-7.500 10z"/>"#,
    )
}

/// Three lines: a menu.
pub fn menu() -> Markup {
    line_icon(r#"<path d="M4 7h16M4 12h16M4 17h16"/>"#)
}

/// A picture.
pub fn image() -> Markup {
    line_icon(
        r#"<rect x="3.500" y="4.500" width="17" height="15" rx="3"/><circle cx="9" cy="10" r="1.600"/><path d="M4 17l5-4 4 3 3-2.500 4 3.500"/>"#,
    )
}

/// A list behind a magnifying glass: the delivery log.
pub fn inspect() -> Markup {
    line_icon(r#"<path d="M4 6h16M4 12h7M4 18h5"/><circle cx="16" cy="15" r="3.500"/><path d="M18.700 17.700L21 20"/>"#)
}

/// An abstract landscape that stands for a post, the same for the same `seed`.
pub fn artwork(seed: &str, label: &str) -> Markup {
    const SKIES: [[&str; 4]; 6] = [
        ["#fde2c8", "#f2a65a", "#8c4a2f", "#4b2a20"],
        ["#dbe9ff", "#8fb3e8", "#3d5a94", "#22345c"],
        ["#e6f3df", "#9cc69b", "#4a7856", "#274b3a"],
        ["#f7dfe6", "#d98ca3", "#8b4560", "#4c2438"],
        ["#efe5ff", "#b79be0", "#6a4a9c", "#3a2860"],
        ["#fff3cf", "#e8c468", "#9a7424", "#574012"],
    ];
    let digest = fnv1a(seed.as_bytes());
    let pick = |shift: u32, many: u64| (digest >> shift) % many;
    let sky = usize::try_from(pick(3, 6))
        .ok()
        .and_then(|index| SKIES.get(index))
        .copied()
        .unwrap_or(SKIES[0]);
    let sun_x = 80 + pick(11, 240);
    let sun_y = 70 + pick(19, 60);
    let rise = 150 + pick(27, 40);
    let fall = 175 + pick(33, 40);
    let near = 215 + pick(41, 30);
    let far_hill = format!("M0 {rise} C 100 {} 180 {} 400 {fall} V 300 H 0 Z", rise - 50, fall + 30);
    let near_hill = format!(
        "M0 {near} C 140 {} 260 {} 400 {} V 300 H 0 Z",
        near - 60,
        near + 30,
        near - 30
    );
    html! {
        svg viewBox="0 0 400 300" preserveAspectRatio="xMidYMid slice" role="img" aria-label=(label) focusable="false" {
            rect width="400" height="300" fill=(sky[0]) {}
            circle cx=(sun_x) cy=(sun_y) r="36" fill=(sky[1]) {}
            path d=(far_hill) fill=(sky[2]) {}
            path d=(near_hill) fill=(sky[3]) {}
        }
    }
}
