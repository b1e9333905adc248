//! Bodies of the two logins: token answers, their errors, and signed requests.

mod error;
mod signed_request;
mod token;

pub use error::OAuthError;
pub use signed_request::{SignedRequest, SignedRequestError};
pub use token::{CodeExchangeAnswer, CodeExchangeShape, LongLivedToken};
