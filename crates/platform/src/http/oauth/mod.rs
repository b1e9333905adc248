//! Both login flows: dialogs, token exchanges, debugging (contract: login-instagram, login-facebook).

mod route;

pub(crate) use route::{dialogs, tokens};
