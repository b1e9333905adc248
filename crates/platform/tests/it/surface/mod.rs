//! The rest of the Graph surface, and worlds of more than one app and account.

mod conversations;
mod graph;
mod people_and_things;
mod thread_control;
