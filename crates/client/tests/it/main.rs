//! The client against scripted hosts: in process for what is asked, over real sockets for failures.

#[cfg(test)]
mod failures;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod secrets;
