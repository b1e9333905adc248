//! The Graph API on both hosts (contract: send-api, other-apis, errors).
//!
//! Every path goes through one door: parameters from wherever they came, version and segments of the path, the token, the node,
//! then one file per endpoint. Refusals are Meta's error bodies, with our cause and remedy in `X-Selfsame-Why`.

mod route;
mod parameters;
mod path;
mod host;
mod refusal;
mod answer;
mod authenticate;
mod node;
mod call;
mod door;
mod batch;
mod fields;
mod render;
mod paging;
mod send_message;
mod media_source;
mod upload_attachment;
mod read_account;
mod read_page;
mod list_pages;
mod permissions;
mod read_person;
mod subscribed_apps;
mod app_subscriptions;
mod list_conversations;
mod read_conversation;
mod read_message;
mod list_media;
mod read_media;
mod list_comments;
mod read_comment;
mod write_comment;
mod change_comment;
mod messenger_profile;

pub(in crate::http) use answer::Answer;
pub(in crate::http) use parameters::Parameters;
pub(crate) use refusal::GraphRefusal;
pub(crate) use host::flow_of_request;
pub(crate) use route::router;
