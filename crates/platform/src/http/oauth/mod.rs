//! Both login flows: dialogs, codes, exchanges, refresh, debugging (contract: login-instagram, login-facebook).

mod route;
mod client;
mod dialog;
mod dialog_page;
mod answer;
mod access_token;
mod exchange_code;
mod instagram_tokens;
mod facebook_tokens;
mod debug_token;
mod callbacks;

pub(crate) use callbacks::{CallbackAnswer, tell_data_deletion, tell_deauthorized};
pub(crate) use route::{dialogs, tokens};
