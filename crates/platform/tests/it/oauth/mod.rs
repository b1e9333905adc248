//! Both login flows.

mod callbacks;
mod dialogs;
mod facebook;
mod instagram;
pub(crate) mod login;
