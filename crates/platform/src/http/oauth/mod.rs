//! Both login flows: dialogs, codes, exchanges, refresh, debugging (contract: login-instagram, login-facebook).

mod access_token;
mod answer;
mod callbacks;
mod client;
mod debug_token;
mod dialog;
mod dialog_page;
mod exchange_code;
mod facebook_tokens;
mod instagram_tokens;
mod route;

pub(crate) use callbacks::{CallbackAnswer, tell_data_deletion, tell_deauthorized};
pub(crate) use route::{dialogs, tokens};
