//! The inspector: every webhook with its attempts, every Graph call with its answer.

mod call;
mod calls;
mod deliveries;
mod delivery;

pub(super) use call::call;
pub(super) use calls::{calls, calls_live};
pub(super) use deliveries::{deliveries, deliveries_live};
pub(super) use delivery::{delivery, delivery_live};

use selfsame_ui::maud::{Markup, html};
use selfsame_ui::parts::{Tone, pill};

/// A delivery status as a label.
fn status_pill(status: &str) -> Markup {
    let tone = match status {
        "delivered" => Tone::Good,
        "failed" | "suppressed" => Tone::Warn,
        "dead" => Tone::Bad,
        _ => Tone::Plain,
    };
    pill(status, tone)
}

/// An HTTP status as a label; none at all is bad.
fn http_pill(status: Option<u16>) -> Markup {
    match status {
        Some(status) if (200..300).contains(&status) => pill(&status.to_string(), Tone::Good),
        Some(status) if status < 500 => pill(&status.to_string(), Tone::Warn),
        Some(status) => pill(&status.to_string(), Tone::Bad),
        None => pill("no answer", Tone::Bad),
    }
}

/// Header names and values, one a line.
fn header_lines(headers: &serde_json::Value) -> String {
    let Some(headers) = headers.as_object() else {
        return String::new();
    };
    let line = |(name, value): (&String, &serde_json::Value)| match value.as_str() {
        Some(text) => format!("{name}: {text}"),
        None => format!("{name}: {value}"),
    };
    headers.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// JSON with line breaks if it is JSON, else the text as it is.
fn pretty(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&value).ok())
        .unwrap_or_else(|| text.to_owned())
}

/// The two lists of the inspector; `current` is the path of the one on show.
fn tabs(current: &str) -> Markup {
    let tab = |path: &'static str, label: &'static str| {
        let class = if path == current { "button" } else { "button quiet" };
        html! { a class=(class) href=(path) aria-current=[(path == current).then_some("page")] { (label) } }
    };
    html! { p.row { (tab("/inspector", "Webhooks")) (tab("/inspector/calls", "Graph calls")) } }
}

/// A drop-down of a filter form.
fn choice(name: &str, label: &str, values: &[String], chosen: Option<&str>) -> Markup {
    let mut distinct: Vec<&str> = values.iter().map(String::as_str).collect();
    distinct.sort_unstable();
    distinct.dedup();
    html! {
        label.field { span { (label) } select name=(name) {
            option value="" { "any" }
            @for value in distinct { option value=(value) selected[chosen == Some(value)] { (value) } }
        } }
    }
}
