//! `POST /_sim/import` — the world of a document in place of the one that is there.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use futures_util::StreamExt as _;
use http::StatusCode;
use serde::Serialize;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};
use utoipa::ToSchema;

use super::clock::ClockView;
use super::error::{ErrorAnswer, SimError};
use crate::http::App;
use crate::store::StoreError;
use crate::transfer::ImportError;

/// Largest document, in bytes. It is read piece by piece.
pub(crate) const IMPORT_BODY: (&str, usize) = ("/_sim/import", 4 * 1024 * 1024 * 1024);

/// What was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportAnswer {
    /// Always true.
    imported: bool,
    /// World time, which goes on from where the document's stood.
    clock: ClockView,
}

/// Takes a document of `GET /_sim/export`: the same ids, tokens, threads, subscriptions, switches, faults and time. All of it or nothing. Ids
/// kept from before (`after=`) mean nothing afterwards; `/_sim/stream` goes on.
#[utoipa::path(post, path = "/_sim/import", request_body(content = Object, content_type = "application/json"),
    responses((status = 200, body = ImportAnswer), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn import(State(app): State<App>, body: Body) -> Result<Json<ImportAnswer>, SimError> {
    let document = keep(&app, body).await?;
    app.journal.flush(&app.world.store).await?;
    app.world.import(document).await?;
    super::reset::point_at_callback(&app).await?;
    Ok(Json(ImportAnswer {
        imported: true,
        clock: app.world.clock.status().into(),
    }))
}

/// Puts the body aside: the database waits for nobody's connection.
async fn keep(app: &App, body: Body) -> Result<std::fs::File, SimError> {
    let failed = |error: std::io::Error| {
        SimError::from(StoreError::Corrupt {
            what: "temporary file of an import",
            value: error.to_string(),
        })
    };
    let mut file = tokio::fs::File::from_std(tempfile::tempfile_in(&app.config.data).map_err(failed)?);
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| {
            SimError::bad_request("unreadable_body", error.to_string(), None).with_status(StatusCode::BAD_REQUEST)
        })?;
        file.write_all(&piece).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)?;
    file.rewind().await.map_err(failed)?;
    Ok(file.into_std().await)
}

impl From<ImportError> for SimError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Refused(refusal) => {
                Self::bad_request("invalid_document", refusal.message, refusal.field.as_deref())
            }
            ImportError::Store(error) => error.into(),
            ImportError::Clock(error) => Self::from_clock(&error, Some("clock")),
        }
    }
}
