//! `/preview/{token}`: the page that a signed link opens, for a business owner who has read nothing: what to do,
//! her phone, why her automation answers as it does, and a button that publishes it.
//!
//! The token is the key: no cookie, no login, so that the page can stand in a provider's own frame.

mod address;
mod change;
mod conversation;
mod page;
mod phone;
mod route;
mod words;

pub(in crate::http) use address::link_of;
pub use route::router;
