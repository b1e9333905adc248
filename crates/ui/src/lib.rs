//! What both halves draw with: the page frame, one style sheet, one script, and the views of a thread, a post and a
//! profile.
//!
//! Views take plain data and return markup. They know no database, no HTTP framework and no clock, so the platform
//! draws a phone with them and the gateway draws the same phone as a preview. Text is always escaped by the template
//! macro; no view accepts ready-made HTML from a person.
//!
//! ```
//! use selfsame_ui::frame::{Frame, Layout, NavLink};
//!
//! let page = Frame {
//!     title: "Start".to_owned(),
//!     links: vec![NavLink::new("Phone", "/phone")],
//!     current: None,
//!     live: None,
//!     layout: Layout::Document,
//! };
//! let markup = page.around(&maud::html! { h1 { "2 < 3" } });
//! assert!(markup.into_string().contains("2 &lt; 3"));
//! ```

pub mod artwork;
pub mod assets;
pub mod frame;
pub mod icon;
pub mod message;
pub mod node;
pub mod parts;
pub mod person;
pub mod policy;
pub mod post;
pub mod thread;

pub use maud;
