//! The Graph API on both hosts (contract: send-api, other-apis, errors).
//!
//! Every path goes through one door: parameters from wherever they came, version and segments of the path, the token, the node,
//! then one file per endpoint. Refusals are Meta's error bodies, with our cause and remedy in `X-Selfsame-Why`.

mod answer;
mod app_subscriptions;
mod authenticate;
mod batch;
mod call;
mod change_comment;
mod control_thread;
mod door;
mod fields;
mod host;
mod like;
mod limits;
mod list_comments;
mod list_conversations;
mod list_media;
mod list_pages;
mod media_source;
mod messenger_profile;
mod node;
mod paging;
mod parameters;
mod path;
mod permissions;
mod publish;
mod read_account;
mod read_comment;
mod read_conversation;
mod read_media;
mod read_mention;
mod read_message;
mod read_page;
mod read_person;
mod refusal;
mod render;
mod route;
mod send_message;
mod subscribed_apps;
mod suggest;
mod upload_attachment;
mod voice;
mod write_comment;

pub(in crate::http) use answer::{Answer, why_header};
pub(in crate::http) use authenticate::check_alive;
pub(crate) use host::flow_of_request;
pub(in crate::http) use host::login_of_request;
pub(in crate::http) use parameters::Parameters;
pub(crate) use refusal::GraphRefusal;
pub(crate) use route::router;
pub(in crate::http) use voice::Voice;
