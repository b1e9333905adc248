//! Gestures posted by the phone's pages. Each calls the same act as `/_sim`.

mod comment;
mod edit;
mod react;
mod seen;
mod send;
mod tap;
mod unsend;

pub(in super::super) use comment::comment;
pub(in super::super) use edit::edit;
pub(in super::super) use react::react;
pub(in super::super) use seen::seen;
pub(in super::super) use send::send;
pub(in super::super) use tap::tap;
pub(in super::super) use unsend::unsend;

use axum::response::Response;
use selfsame_ui::thread::Refused;

use super::super::fields::Fields;
use super::super::page::{PageError, done};
use super::{paths, thread};
use crate::http::App;

/// Answers a gesture in a thread: the script is told briefly, a plain form sees the thread again, with the reason and its text if it
/// was refused.
async fn answer(app: &App, me: &str, other: &str, fields: &Fields, outcome: Result<(), PageError>) -> Response {
    let (me, other) = (me.trim_start_matches('@'), other.trim_start_matches('@'));
    match outcome {
        Ok(()) => done(fields.stays_on_page, &paths::thread(me, other)),
        Err(PageError::Refused(why)) if !fields.stays_on_page => {
            let refused = Refused {
                why,
                text: fields.get("text").unwrap_or_default(),
            };
            thread::refused_page(app, me, other, refused).await
        }
        Err(error) => error.answer(fields.stays_on_page),
    }
}

/// The message that a gesture is about.
fn mid_of(fields: &Fields) -> Result<String, PageError> {
    fields
        .filled("mid")
        .ok_or_else(|| PageError::refused("The form names no message."))
}
