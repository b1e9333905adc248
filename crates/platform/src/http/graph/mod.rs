//! The Graph API on both hosts (contract: send-api, other-apis, errors).

mod route;

pub(crate) use route::router;
