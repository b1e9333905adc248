//! `GET /_sim/export` — the whole world as one document.

use std::io::{Seek as _, SeekFrom};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::header;
use tokio::io::AsyncReadExt as _;

use super::error::{ErrorAnswer, SimError};
use crate::http::App;
use crate::store::StoreError;
use crate::transfer::{DocumentError, write_document};

/// Sent at once.
const PIECE_BYTES: usize = 64 * 1024;

/// Copies the world: everything that this half keeps, as it is at one instant. The document is written to a temporary file first, so that a
/// slow reader holds up nobody.
#[utoipa::path(get, path = "/_sim/export",
    responses((status = 200, content_type = "application/json", body = Object), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn export(State(app): State<App>) -> Result<Response, SimError> {
    app.journal.flush(&app.world.store).await?;
    app.world.rates.save(&app.world.store, &app.world.generation).await?;
    let clock = app.world.clock.clone();
    let folder = app.config.data.clone();
    let file = app
        .world
        .store
        .read(move |connection| {
            let written = || -> Result<std::fs::File, DocumentError> {
                let mut file = tempfile::tempfile_in(folder)?;
                write_document(connection, clock.status(), &mut std::io::BufWriter::new(&mut file))?;
                file.seek(SeekFrom::Start(0))?;
                Ok(file)
            };
            written().map_err(|error| match error {
                DocumentError::Store(error) => error,
                DocumentError::Io(error) => StoreError::Corrupt {
                    what: "temporary file of an export",
                    value: error.to_string(),
                },
            })
        })
        .await?;
    let pieces = stream::try_unfold(tokio::fs::File::from_std(file), async |mut file| {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        let n_read = (&mut file).take(PIECE_BYTES as u64).read_to_end(&mut piece).await?;
        Ok::<_, std::io::Error>((n_read > 0).then(|| (Bytes::from(piece), file)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"selfsame-world.json\"",
        ),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}
