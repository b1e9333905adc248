//! `GET /_sim/threads` — threads with their messages.

#![expect(
    unused_qualifications,
    reason = "the macro that documents a handler writes whole paths"
)]

use axum::Json;
use axum::extract::State;
use rusqlite::Connection;
use serde::Deserialize;
use utoipa::IntoParams;

use super::error::{ErrorAnswer, SimError};
use super::list::{LIMIT_MAX, List, limit};
use super::request::SimQuery;
use crate::domain::account::Account;
use crate::domain::thread::Thread;
use crate::domain::view::ThreadView;
use crate::http::App;
use crate::store::{Failure, accounts, threads};

/// Which threads.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThreadsQuery {
    /// One participant, with or without `@`.
    a: Option<String>,
    /// The other one; the same account for the self thread.
    b: Option<String>,
    /// Threads made after the thread with this id.
    after: Option<i64>,
    /// At most so many threads; 1000 unless given, at most 10000.
    limit: Option<i64>,
    /// Only messages made after the message with this `id`.
    messages_after: Option<i64>,
}

/// Lists threads, oldest first, each with its messages (at most 10000), oldest first.
#[utoipa::path(get, path = "/_sim/threads", params(ThreadsQuery),
    responses((status = 200, body = List<ThreadView>), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn threads(
    State(app): State<App>,
    SimQuery(query): SimQuery<ThreadsQuery>,
) -> Result<Json<List<ThreadView>>, SimError> {
    let limit = limit(query.limit)?;
    let messages_after = query.messages_after.unwrap_or(0);
    let found = app
        .world
        .store
        .read(move |connection| {
            let mut views = Vec::new();
            match chosen(connection, &query, limit) {
                Ok(chosen) => {
                    for thread in chosen {
                        views.push(threads::view(connection, &thread, messages_after, LIMIT_MAX)?);
                    }
                }
                Err(Failure::Refused(error)) => return Ok(Err(error)),
                Err(Failure::Store(error)) => return Err(error),
            }
            Ok(Ok(views))
        })
        .await?;
    Ok(Json(List { data: found? }))
}

fn chosen(connection: &Connection, query: &ThreadsQuery, limit: i64) -> Result<Vec<Thread>, Failure<SimError>> {
    let after = query.after.unwrap_or(0);
    let a = query
        .a
        .as_deref()
        .map(|reference| participant(connection, "a", reference))
        .transpose()?;
    let b = query
        .b
        .as_deref()
        .map(|reference| participant(connection, "b", reference))
        .transpose()?;
    Ok(match (a, b) {
        (Some(a), Some(b)) => threads::between(connection, a.key, b.key)?
            .into_iter()
            .filter(|thread| thread.key.0 > after)
            .collect(),
        (Some(one), None) | (None, Some(one)) => {
            let mut of_one = threads::of_account(connection, one.key, LIMIT_MAX, 0)?;
            of_one.retain(|thread| thread.key.0 > after);
            of_one.sort_by_key(|thread| thread.key);
            of_one.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            of_one
        }
        (None, None) => threads::all(connection, after, limit)?,
    })
}

/// The account of a reference.
pub(super) fn participant(
    connection: &Connection,
    field: &'static str,
    reference: &str,
) -> Result<Account, Failure<SimError>> {
    let found = accounts::by_username(connection, reference).map_err(Failure::Store)?;
    found.ok_or_else(|| {
        let words = format!("there is no account {reference:?}; see `selfsame world` for the accounts");
        Failure::Refused(SimError::not_found("unknown_account", words, Some(field)))
    })
}
