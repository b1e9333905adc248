//! Connecting accounts by Instagram's and Facebook's login, the page that says whether an account is
//! well, and what Meta calls when an owner leaves (contract, login flows).

mod account;
pub(in crate::http) mod address;
mod callback;
mod choose_page;
mod data_deletion;
mod deauthorize;
mod route;
mod session;
mod start;

pub use route::{called_by_meta, router};
