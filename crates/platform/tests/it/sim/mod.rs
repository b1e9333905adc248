//! `/_sim`.

mod calls;
mod chaos;
mod chaos_graph;
mod clock;
mod deliveries;
mod every_webhook;
mod gestures;
mod grants;
mod openapi;
mod setup;
mod stream;
mod trigger;
mod wait;
mod walls;
