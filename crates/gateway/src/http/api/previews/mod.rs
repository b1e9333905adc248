//! Previews: an owner's conversation with her draft, made up or sent for real, and the link to its page.

mod create;
mod end;
mod get;
mod list;
mod turn;
mod view;

pub(super) use create::{__path_create_preview, create_preview};
pub(super) use end::{__path_end_preview, end_preview};
pub(super) use get::{__path_get_preview, get_preview};
pub(super) use list::{__path_list_previews, list_previews};
pub(super) use turn::{__path_take_turn, take_turn};
