//! Who may do what, how often, and what a refusal looks like (contract: ids-and-objects "Access levels", login-facebook §3.6,
//! send-api §5.8, errors §7).

mod errors;
mod levels;
mod limits;
mod pages;
mod permissions;
mod shut_out;
mod standing;
