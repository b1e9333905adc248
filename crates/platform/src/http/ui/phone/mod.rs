//! The phone: choose who you are, threads, posts, and every gesture.

mod choose;
mod connected_apps;
mod conversation;
mod entries;
mod gesture;
mod lines;
mod paths;
mod post;
mod profile;
mod receipts;
mod settings;
mod thread;

pub(super) use choose::{choose, choose_live};
pub(super) use connected_apps::{connected_apps, remove_app};
pub(super) use gesture::{comment, edit, react, seen, send, tap, unsend};
pub(super) use post::{post_live, post_page};
pub(super) use profile::{profile, profile_live};
pub(super) use settings::{save_settings, settings};
pub(super) use thread::{thread, thread_live};
