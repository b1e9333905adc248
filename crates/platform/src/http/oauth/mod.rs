//! Both login flows: dialogs, codes, exchanges, refresh, debugging (contract: login-instagram, login-facebook).

mod access_token;
mod answer;
mod callbacks;
mod client;
mod debug_token;
mod dialog;
mod dialog_page;
mod disconnect;
mod exchange_code;
mod facebook_tokens;
mod instagram_tokens;
mod route;

pub(crate) use callbacks::tell_deauthorized;
pub(crate) use disconnect::{CalledBack, Disconnection, disconnect};
pub(crate) use route::{dialogs, tokens};
