//! From the media of a send or upload to stored files: fetched by URL, looked up by attachment id, or taken from `filedata`.

use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::send::{MediaKind, MediaSource, OutboundMedia};
use serde_json::{Value, json};

use super::call::Call;
use super::parameters::UploadedFile;
use super::refusal::GraphRefusal;
use super::subscribed_apps::settle;
use crate::domain::caller::Caller;
use crate::domain::media_rules::{self, MediaRefusal};
use crate::media_fetch::{FetchError, Fetched};
use crate::store::Durability;
use crate::store::assets::{self, AssetFile, NewAsset, attachment};

/// Media ready to be sent.
#[derive(Debug, Clone)]
pub(super) struct ReadyMedia {
    /// As in webhooks.
    pub(super) attachment: Value,
    /// The file that belongs to this message alone.
    pub(super) asset_id: Option<String>,
}

/// Makes every attachment ready, in order. Nothing is stored unless all of them can be had.
pub(super) async fn ready(
    call: &Call,
    caller: &Caller,
    media: &[OutboundMedia],
) -> Result<Vec<ReadyMedia>, GraphRefusal> {
    let mut ready = Vec::with_capacity(media.len());
    let mut new = Vec::new();
    for one in media {
        let attachment = match &one.source {
            MediaSource::Url(url) if call.app.config.fetch_media => {
                let file = fetch(call, caller.flow(), one.kind, url).await?;
                own(call, caller, one.kind, file, &mut new)
            }
            MediaSource::Url(url) => ReadyMedia {
                attachment: json!({"type": one.kind.name(), "payload": {"url": url}}),
                asset_id: None,
            },
            MediaSource::Attachment(id) => by_attachment_id(call, caller, one.kind, id.as_str()).await?,
            MediaSource::Filedata => {
                let file = sent_along(call, caller.flow(), one.kind)?;
                own(call, caller, one.kind, file, &mut new)
            }
        };
        ready.push(attachment);
    }
    store(call, new).await?;
    Ok(ready)
}

/// A file for this message alone.
fn own(call: &Call, caller: &Caller, kind: MediaKind, file: Fetched, new: &mut Vec<NewAsset>) -> ReadyMedia {
    let asset = new_asset(call, caller, kind, file, false);
    let made = ReadyMedia {
        attachment: attachment(&call.base, kind.name(), &asset.asset_id, &asset.signature),
        asset_id: Some(asset.asset_id.clone()),
    };
    new.push(asset);
    made
}

/// The file that came as `filedata` of the same request.
fn sent_along(call: &Call, flow: LoginFlow, kind: MediaKind) -> Result<Fetched, GraphRefusal> {
    let Some(file) = &call.parameters.file else {
        let why = "attachment.payload names no url and no attachment_id, and no file came along as multipart filedata";
        return Err(GraphRefusal::new(
            GraphError::parameter_required(flow, "attachment.payload.url"),
            why,
        ));
    };
    uploaded(flow, kind, file)
}

fn uploaded(flow: LoginFlow, kind: MediaKind, file: &UploadedFile) -> Result<Fetched, GraphRefusal> {
    check(flow, kind, &file.content_type, file.bytes.len())?;
    Ok(Fetched {
        content_type: file.content_type.clone(),
        body: file.bytes.clone(),
    })
}

/// Stores an upload for later use and answers its attachment id.
pub(super) async fn upload(
    call: &Call,
    caller: &Caller,
    kind: MediaKind,
    source: Source<'_>,
) -> Result<String, GraphRefusal> {
    let flow = caller.flow();
    let file = match source {
        Source::Url(url) => fetch(call, flow, kind, url).await?,
        Source::File(file) => uploaded(flow, kind, file)?,
    };
    let asset = new_asset(call, caller, kind, file, true);
    let id = asset.asset_id.clone();
    store(call, vec![asset]).await?;
    Ok(id)
}

/// Where an upload comes from.
pub(super) enum Source<'a> {
    /// `payload.url`
    Url(&'a str),
    /// `filedata`
    File(&'a UploadedFile),
}

async fn by_attachment_id(call: &Call, caller: &Caller, kind: MediaKind, id: &str) -> Result<ReadyMedia, GraphRefusal> {
    let (asset_id, account, flow) = (id.to_owned(), caller.account.key, caller.flow());
    let found = call
        .app
        .world
        .store
        .read(move |connection| assets::owned(connection, &asset_id, account))
        .await?;
    let Some(asset) = found else {
        let why = format!("attachment {id:?} is unknown, or another account uploaded it");
        return Err(GraphRefusal::new(GraphError::invalid_attachment_id(flow), why));
    };
    if asset.kind != kind.name() {
        let why = format!("attachment {id:?} is {}, not {}", asset.kind, kind.name());
        return Err(GraphRefusal::new(GraphError::media_type_mismatch(flow), why));
    }
    Ok(ReadyMedia {
        attachment: attachment(&call.base, kind.name(), &asset.asset_id, &asset.signature),
        asset_id: None,
    })
}

async fn fetch(call: &Call, flow: LoginFlow, kind: MediaKind, url: &str) -> Result<Fetched, GraphRefusal> {
    let size_bytes_max = media_rules::rule(kind).size_bytes_max;
    let fetched = call
        .app
        .media_fetcher
        .fetch(url, size_bytes_max)
        .await
        .map_err(|error| {
            let graph_error = match &error {
                FetchError::TooLarge(_) => GraphError::media_too_large(flow),
                FetchError::TimedOut if kind == MediaKind::Video => GraphError::video_fetch_timed_out(flow),
                FetchError::BadUrl(_)
                | FetchError::PrivateAddress(_)
                | FetchError::Status(_)
                | FetchError::TimedOut
                | FetchError::Unreachable(_) => GraphError::media_fetch_failed(flow),
            };
            GraphRefusal::new(graph_error, format!("{url}: {error}"))
        })?;
    check(flow, kind, &fetched.content_type, fetched.body.len())?;
    Ok(fetched)
}

fn check(flow: LoginFlow, kind: MediaKind, content_type: &str, size_bytes: usize) -> Result<(), GraphRefusal> {
    media_rules::check(kind, content_type, size_bytes).map_err(|refusal| {
        let graph_error = match &refusal {
            MediaRefusal::WrongType { .. } => GraphError::media_type_mismatch(flow),
            MediaRefusal::TooLarge { .. } => GraphError::media_too_large(flow),
        };
        GraphRefusal::new(graph_error, refusal.to_string())
    })
}

fn new_asset(call: &Call, caller: &Caller, kind: MediaKind, file: Fetched, reusable: bool) -> NewAsset {
    let world = &call.app.world;
    let file = AssetFile {
        kind,
        content_type: file.content_type,
        body: file.body,
    };
    let now_ms = world.clock.now_ms();
    NewAsset::new(
        &world.random,
        caller.account.key,
        Some(caller.app),
        file,
        reusable,
        now_ms,
    )
}

async fn store(call: &Call, new: Vec<NewAsset>) -> Result<(), GraphRefusal> {
    if new.is_empty() {
        return Ok(());
    }
    let now_ms = call.app.world.clock.now_ms();
    settle(
        call.app
            .world
            .store
            .write(Durability::Durable, move |tx| {
                for asset in &new {
                    assets::insert(tx, asset, now_ms)?;
                }
                Ok(())
            })
            .await,
    )?;
    Ok(())
}
