//! `/studio`: accounts, automations and messages, for people; and what every page of the gateway is
//! made of.

mod asset;
mod deliveries;
mod diff;
mod draft;
mod form;
mod keys;
mod live;
mod message;
mod page;
mod previews;
mod route;
mod signatures;
mod studio;
mod takeover;

pub(in crate::http) use live::stream_of;
pub(in crate::http) use page::{Page, PageError, frame};
pub use route::{assets_router, router};
