//! The frame of the platform's pages.

use selfsame_ui::frame::{Frame, Layout, Live, NavLink};

fn links() -> Vec<NavLink> {
    vec![
        NavLink::new("Start", "/"),
        NavLink::new("Phone", "/phone"),
        NavLink::new("Inspector", "/inspector"),
        NavLink::new("Dashboard", "/dashboard"),
    ]
}

/// A page of cards; `current` is the path of the link that leads to it.
pub(super) fn document(title: &str, current: Option<&str>, live: Option<Live>) -> Frame {
    Frame {
        title: title.to_owned(),
        links: links(),
        current: current.map(str::to_owned),
        live,
        layout: Layout::Document,
    }
}

/// A page of the phone; `immersive` hides the top bar on narrow screens.
pub(super) fn phone(title: &str, live: Option<Live>, immersive: bool) -> Frame {
    let layout = if immersive {
        Layout::PhoneImmersive
    } else {
        Layout::Phone
    };
    Frame {
        title: title.to_owned(),
        links: links(),
        current: Some("/phone".to_owned()),
        live,
        layout,
    }
}
