//! The rest of the Graph surface, and worlds of more than one app and account.

mod comments;
mod conventions;
mod conversations;
mod fields;
pub(crate) mod graph;
mod likes;
mod lost;
mod mentions;
mod messenger_profile;
mod paging;
mod people_and_things;
mod phone;
mod pictures;
mod publishing;
mod send_limits;
mod thread_control;
