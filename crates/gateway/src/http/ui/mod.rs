//! `/studio`: accounts, automations and messages, for people; and what every page of the gateway is
//! made of.

mod asset;
mod deliveries;
mod keys;
mod live;
mod message;
mod page;
mod route;
mod signatures;
mod studio;

pub(in crate::http) use live::stream_of;
pub(in crate::http) use page::{Page, PageError, frame};
pub use route::{assets_router, router};
