//! Publishing (contract: other-apis §6.7): `POST /{IG_ID}/media` prepares a container, `GET /{container}` reads its status,
//! `POST /{IG_ID}/media_publish` publishes it, `GET /{IG_ID}/content_publishing_limit` counts, `DELETE /{media}` takes back.
//!
//! Files are named by their URLs and not fetched.

use selfsame_wire::flow::{Feature, LoginFlow};
use selfsame_wire::graph_error::GraphError;
use serde_json::{Value, json};
use url::Url;

use super::call::{Call, Outcome, require};
use super::fields::requested;
use super::refusal::GraphRefusal;
use super::render::{RenderError, object, render};
use crate::actions::{PrepareMedia, PublishRefusal};
use crate::domain::caller::Caller;
use crate::domain::container::{CHILDREN_MAX, Container, ContainerKind, QUOTA, QUOTA_MS};
use crate::domain::media::Media;
use crate::store::{Failure, containers};

/// Prepares a container.
pub(super) async fn prepare(call: &Call, caller: &Caller) -> Outcome {
    require(caller, Feature::Publishing)?;
    let flow = caller.flow();
    let (image, video) = (file(call, flow, "image_url")?, file(call, flow, "video_url")?);
    let kind = kind_of(call, flow, video.is_some())?;
    let is_item = call.parameters.flag("is_carousel_item").unwrap_or(false);
    if kind != ContainerKind::Carousel && image.is_none() && video.is_none() {
        return Err(GraphRefusal::new(
            GraphError::parameter_required(flow, "image_url"),
            "name the file by image_url or video_url",
        ));
    }
    let prepare = PrepareMedia {
        caller: caller.clone(),
        kind: if is_item && video.is_some() {
            ContainerKind::Video
        } else {
            kind
        },
        is_video: video.is_some(),
        is_item,
        media_url: video.or(image),
        caption: call.parameters.text("caption"),
        children: call.parameters.names("children"),
    };
    let id = call
        .app
        .world
        .prepare_media(prepare)
        .await
        .map_err(|failure| refusal(flow, failure))?;
    Ok(json!({"id": id}))
}

/// The address of a file; it has to be one.
fn file(call: &Call, flow: LoginFlow, name: &str) -> Result<Option<String>, GraphRefusal> {
    let Some(text) = call.parameters.text(name) else {
        return Ok(None);
    };
    match Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(text)),
        _ => Err(GraphRefusal::new(
            GraphError::invalid_parameter(flow, &format!("Param {name} is not a valid URI.")),
            format!("{name} is the http or https address of the file"),
        )),
    }
}

fn kind_of(call: &Call, flow: LoginFlow, has_video: bool) -> Result<ContainerKind, GraphRefusal> {
    let Some(name) = call.parameters.text("media_type") else {
        return Ok(if has_video {
            ContainerKind::Reels
        } else {
            ContainerKind::Image
        });
    };
    ContainerKind::parse(&name.to_ascii_uppercase()).ok_or_else(|| {
        GraphRefusal::new(
            GraphError::invalid_parameter(
                flow,
                &format!("Param media_type must be one of {{IMAGE, VIDEO, REELS, STORIES, CAROUSEL}} - got unexpected value \"{name}\""),
            ),
            "media_type is IMAGE, VIDEO, REELS, STORIES or CAROUSEL",
        )
    })
}

/// Publishes a container.
pub(super) async fn publish(call: &Call, caller: &Caller) -> Outcome {
    require(caller, Feature::Publishing)?;
    let flow = caller.flow();
    let Some(id) = call.parameters.text("creation_id") else {
        return Err(GraphRefusal::new(
            GraphError::parameter_required(flow, "creation_id"),
            "creation_id is the id that POST /{IG_ID}/media answered",
        ));
    };
    let published = call.app.world.publish_container(caller.clone(), id).await;
    let media_id = published.map_err(|failure| refusal(flow, failure))?;
    Ok(json!({"id": media_id.as_str()}))
}

/// Reads a container.
pub(super) async fn read(call: &Call, caller: &Caller, container: Container) -> Outcome {
    require(caller, Feature::Basic)?;
    let fields = requested(&call.parameters);
    render(call, caller, move |scope| {
        object(&fields, &["id"], |field| {
            let code = container.status_code(scope.now_ms);
            let value = match field.name.as_str() {
                "id" => container.container_id.as_str().into(),
                "status_code" => code.into(),
                "status" => format!("{code}: media is not processed here").into(),
                _ => return Err(RenderError::UnknownField(field.name.clone())),
            };
            Ok(Some(value))
        })
    })
    .await
}

/// How much of the quota is used.
pub(super) async fn limit(call: &Call, caller: &Caller) -> Outcome {
    require(caller, Feature::Basic)?;
    let account = caller.account.key;
    let fields = requested(&call.parameters);
    let row = render(call, caller, move |scope| {
        let since_ms = scope.now_ms.saturating_sub(QUOTA_MS);
        let used = containers::published_since(scope.connection, account, since_ms)?;
        let mut row = object(&fields, &["quota_usage", "config"], |field| {
            Ok(match field.name.as_str() {
                "quota_usage" => Some(used.into()),
                "config" => Some(json!({"quota_total": QUOTA, "quota_duration": QUOTA_MS / 1000})),
                "id" => None,
                _ => return Err(RenderError::UnknownField(field.name.clone())),
            })
        })?;
        Ok(row.take())
    })
    .await?;
    Ok(json!({"data": [row]}))
}

/// Deletes media.
pub(super) async fn delete(call: &Call, caller: &Caller, media: &Media) -> Outcome {
    require(caller, Feature::Publishing)?;
    let deleted = call.app.world.delete_media(media.key).await;
    deleted.map_err(|failure| refusal(caller.flow(), failure))?;
    Ok(Value::from(serde_json::Map::from_iter([(
        "success".to_owned(),
        true.into(),
    )])))
}

fn refusal(flow: LoginFlow, failure: Failure<PublishRefusal>) -> GraphRefusal {
    let refusal = match failure {
        Failure::Store(error) => return error.into(),
        Failure::Refused(refusal) => refusal,
    };
    match refusal {
        PublishRefusal::Unknown { id } => GraphRefusal::new(
            GraphError::invalid_parameter(flow, "Invalid parameter"),
            format!(
                "{id:?} is no container of this account (for an album: none that was made with is_carousel_item=true)"
            ),
        ),
        PublishRefusal::NotReady { id, state } => GraphRefusal::new(
            GraphError::invalid_parameter(flow, "Invalid parameter"),
            format!(
                "the container {id} is {state}; a container is published once, within 24 hours, and not as an item of an album"
            ),
        ),
        PublishRefusal::ChildCount { count } => GraphRefusal::new(
            GraphError::invalid_parameter(flow, "Param children must be an array."),
            format!(
                "an album has 1 to {CHILDREN_MAX} children, container ids made with is_carousel_item=true; there were {count}"
            ),
        ),
        PublishRefusal::Quota => GraphRefusal::new(
            GraphError::recorded(flow, 9, Some(2_207_042)),
            format!("the account has published {QUOTA} posts in 24 hours of world time; wait, or advance the clock"),
        ),
    }
}
