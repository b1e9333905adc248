//! `/_sim`: the remote control of the world (design §6).

mod route;

pub(crate) use route::router;
