//! What became of each message, and what a person can do about it.

mod get;
mod list;
mod resolve;
mod send;

pub(super) use get::{__path_get_message, get_message};
pub(super) use list::{__path_list_messages, list_messages};
pub(super) use resolve::{__path_dismiss, __path_release, __path_send_again, dismiss, release, send_again};
pub(in crate::http) use resolve::{Resolution, resolve};
pub(super) use send::{__path_send_message, send_message};
pub(in crate::http) use send::{IDEMPOTENCY_KEY, idempotency_key};
