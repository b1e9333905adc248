//! Line icons. Drawn here; nothing is loaded.

use maud::{Markup, PreEscaped, html};

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

/// A plus: something to add.
pub fn plus() -> Markup {
    line_icon(r#"<path d="M12 5v14M5 12h14"/>"#)
}

/// A list behind a magnifying glass: the delivery log.
pub fn inspect() -> Markup {
    line_icon(r#"<path d="M4 6h16M4 12h7M4 18h5"/><circle cx="16" cy="15" r="3.500"/><path d="M18.700 17.700L21 20"/>"#)
}
