//! Typed client of the Graph API, for either host and for the local platform alike.
//!
//! One file per call under `calls/`. What matters most here is honesty about failure: a send that was
//! refused before it was written, one that Graph refused, and one of which nobody knows are three
//! different answers ([`Outcome`]), because the API has no idempotency key.
//!
//! Invariants: nothing is retried here, save that a call whose `appsecret_proof` was refused is made without;
//! no redirect is followed; every call has a time-out and every
//! answer a size limit; tokens travel in the `Authorization` header and never reach a log.

mod base_urls;
mod calls;
mod failure;
mod graph_client;
mod outcome;
mod proofs;
pub mod transport;
mod usage;

pub use base_urls::{API_VERSION, BaseUrlError, BaseUrls};
pub use calls::{
    AppCredentials, AppSubscription, CodeExchange, CommentReply, ConversationMessage, ConversationPage,
    ConversationSummary, InstagramProfile, MediaComment, PageAccount, PageProfile, PassedBody, PassedOn, PersonProfile,
    PostedMessage, TokenFacts,
};
pub use failure::CallFailure;
pub use graph_client::{Caller, GraphClient};
pub use outcome::{InDoubtCause, Outcome};
pub use transport::Transport;
pub use usage::Usage;
