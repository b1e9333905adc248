//! Addresses of the phone's pages.

use selfsame_ui::parts::segment;

/// The profile and inbox of the one who holds the phone.
pub(super) fn profile(me: &str) -> String {
    format!("/phone/@{}", segment(me))
}

/// Somebody's settings.
pub(super) fn settings(me: &str) -> String {
    format!("/phone/@{}/settings", segment(me))
}

/// The apps that somebody is connected to.
pub(super) fn connected_apps(me: &str) -> String {
    format!("/phone/@{}/apps", segment(me))
}

/// A thread on somebody's phone.
pub(super) fn thread(me: &str, other: &str) -> String {
    format!("/phone/@{}/t/@{}", segment(me), segment(other))
}

/// A post on somebody's phone.
pub(super) fn post(me: &str, media_id: &str) -> String {
    format!("/phone/@{}/p/{}", segment(me), segment(media_id))
}
