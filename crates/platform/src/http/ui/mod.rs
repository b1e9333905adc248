//! Pages: start, phone, inspector, dashboard.
//!
//! Pages are rendered on the server and kept current by one event stream each. Forms call the same acts as `/_sim`
//! and work without the script.

mod asset;
mod dashboard;
mod fields;
mod frame;
mod inspector;
mod live;
mod page;
mod phone;
mod route;
mod start;

pub(crate) use page::not_here;
pub(crate) use route::{assets, router};
