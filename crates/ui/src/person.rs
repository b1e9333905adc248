//! People and their faces.

use maud::{Markup, html};

use crate::assets::fnv1a;

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// User name without `@`.
    pub username: String,
    /// Display name; may be empty.
    pub name: String,
    /// What kind of account it is, in words: "Business".
    pub kind: String,
}

impl Person {
    /// The name to show: the display name, or the user name if there is none.
    pub fn shown_name(&self) -> &str {
        if self.name.trim().is_empty() {
            &self.username
        } else {
            &self.name
        }
    }
}

/// How large a face is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaceSize {
    /// Beside a comment.
    Small,
    /// In a list.
    Middle,
    /// On a profile.
    Big,
}

/// A coloured disc with the initial; the colour follows from the user name.
pub fn face(username: &str, size: FaceSize) -> Markup {
    let tint = fnv1a(username.as_bytes()) % 8;
    let size_class = match size {
        FaceSize::Small => "small",
        FaceSize::Middle => "middle",
        FaceSize::Big => "big",
    };
    let initial = username.chars().next().unwrap_or('?');
    html! { span class={ "face " (size_class) " tint-" (tint) } aria-hidden="true" { (initial) } }
}
