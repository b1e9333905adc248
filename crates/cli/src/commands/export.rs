//! `selfsame export`: the platform's whole world as one document.

use std::io::Write as _;

use anyhow::Context as _;
use selfsame_workbench::connection::HouseClient;
use serde_json::json;

use crate::arguments::ExportArgs;
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, args: &ExportArgs, printer: Printer) -> anyhow::Result<()> {
    let mut answer = house.platform().download("/_sim/export").await?;
    let Some(path) = &args.file else {
        while let Some(piece) = answer.chunk().await.context("the document ended early")? {
            printer.bytes(&piece)?;
        }
        return Ok(());
    };
    // A document that ended early must not lie where a whole one is looked for.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or_else(|| ".".as_ref()))
        .with_context(|| format!("cannot write beside {}", path.display()))?;
    let mut bytes: usize = 0;
    while let Some(piece) = answer.chunk().await.context("the document ended early")? {
        file.write_all(&piece)?;
        bytes = bytes.saturating_add(piece.len());
    }
    file.persist(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    let result = json!({"file": path, "bytes": bytes});
    printer.result(&result, || {
        format!("the world is in {} ({bytes} bytes)", path.display())
    })
}
