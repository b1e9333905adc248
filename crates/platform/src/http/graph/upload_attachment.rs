//! `POST /{account or page}/message_attachments` — a reusable upload, by URL or as `filedata` (contract: send-api §5.5).
//!
//! `messageattachments` means the same.

use selfsame_wire::flow::Feature;
use selfsame_wire::graph_error::GraphError;
use selfsame_wire::send::MediaKind;
use serde_json::{Value, json};

use super::call::{Call, Outcome, require, require_page_token};
use super::media_source::{Source, upload};
use super::refusal::GraphRefusal;
use crate::domain::caller::Caller;

/// Answers the call.
pub(super) async fn handle(call: &Call, caller: &Caller) -> Outcome {
    require(caller, Feature::Messaging)?;
    require_page_token(caller)?;
    let flow = caller.flow();
    let missing = |name: &str, why: &str| GraphRefusal::new(GraphError::parameter_required(flow, name), why);
    let message = call
        .parameters
        .json("message")
        .ok_or_else(|| missing("message", "message holds the attachment to upload"))?;
    let attachment = message
        .get("attachment")
        .ok_or_else(|| missing("message", "message.attachment is missing"))?;
    let name = attachment.get("type").and_then(Value::as_str).unwrap_or_default();
    let Some(kind) = MediaKind::from_name(name) else {
        let why = format!("attachment.type {name:?} is none of image, audio, video, file");
        return Err(GraphRefusal::new(
            GraphError::invalid_parameter(flow, "Param message[attachment][type] is invalid"),
            why,
        ));
    };
    let url = attachment.pointer("/payload/url").and_then(Value::as_str);
    let source = match (url, &call.parameters.file) {
        (Some(url), _) => Source::Url(url),
        (None, Some(file)) => Source::File(file),
        (None, None) => {
            return Err(missing(
                "filedata",
                "send payload.url, or the file as multipart filedata",
            ));
        }
    };
    let id = upload(call, caller, kind, source).await?;
    Ok(json!({"attachment_id": id}))
}
