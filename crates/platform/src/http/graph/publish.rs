//! Publishing (contract: other-apis §6.7): `POST /{IG_ID}/media` prepares a container, `GET /{container}` reads its status,
//! `POST /{IG_ID}/media_publish` publishes it, `GET /{IG_ID}/content_publishing_limit` counts, `DELETE /{media}` takes back.
//!
//! A picture is fetched while the call waits, a film afterwards (`IN_PROGRESS`); with `--no-fetch` neither is.

use selfsame_wire::flow::{Feature, LoginFlow};
use selfsame_wire::graph_error::GraphError;
use serde_json::{Value, json};
use url::Url;

use super::call::{Call, Outcome, require, require_facebook_login};
use super::fields::requested;
use super::refusal::GraphRefusal;
use super::render::{RenderError, object, render};
use crate::actions::{PrepareMedia, PublishRefusal};
use crate::domain::caller::Caller;
use crate::domain::container::{
    CAPTION_CHARACTERS_MAX, CHILDREN_MAX, CHILDREN_MIN, Container, ContainerKind, HASHTAGS_MAX, QUOTA, QUOTA_MS,
    Status, TAGS_MAX,
};
use crate::domain::media::Media;
use crate::media_fetch::check_file;
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
    let kind = if is_item && video.is_some() {
        ContainerKind::Video
    } else {
        kind
    };
    let fetches = call.app.config.fetch_media && kind != ContainerKind::Carousel;
    if let (true, None, Some(url)) = (fetches, &video, &image) {
        check_file(&call.app.media_fetcher, url, kind, false)
            .await
            .map_err(|problem| fault(flow, problem.fault.codes(), problem.why))?;
    }
    let prepare = PrepareMedia {
        caller: caller.clone(),
        kind,
        is_video: video.is_some(),
        is_item,
        is_fetching: fetches && video.is_some(),
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
            GraphError::recorded(flow, 100, Some(2_207_023)),
            format!("media_type is IMAGE, VIDEO, REELS, STORIES or CAROUSEL, not {name:?}"),
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
    require(caller, Feature::Publishing)?;
    let fields = requested(&call.parameters);
    render(call, caller, move |scope| {
        let children = containers::by_ids(scope.connection, &container.children)?;
        let status = container.status(&children, scope.now_ms);
        object(&fields, &["id"], |field| {
            let value = match field.name.as_str() {
                "id" => container.container_id.as_str().into(),
                "status_code" => status.code().into(),
                "status" => status.words().into(),
                _ => return Err(RenderError::UnknownField(field.name.clone())),
            };
            Ok(Some(value))
        })
    })
    .await
}

/// How much of the quota is used.
pub(super) async fn limit(call: &Call, caller: &Caller) -> Outcome {
    require(caller, Feature::Publishing)?;
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

/// Deletes media; the Facebook login's alone (contract: login-facebook §3.6).
pub(super) async fn delete(call: &Call, caller: &Caller, media: &Media) -> Outcome {
    require_facebook_login(call, caller)?;
    require(caller, Feature::Contents)?;
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
        PublishRefusal::Unknown { id } => fault(
            flow,
            (24, 2_207_008),
            format!("{id:?} is no container of this account; creation_id is what POST /{{IG_ID}}/media answered"),
        ),
        PublishRefusal::UnknownChild { id } => GraphRefusal::new(
            GraphError::invalid_parameter(flow, "Invalid parameter"),
            format!("{id:?} is no container of this account that was made with is_carousel_item=true"),
        ),
        PublishRefusal::NotReady { id, status } => {
            let codes = if status == Status::Expired {
                (-2, 2_207_020)
            } else {
                (9_007, 2_207_027)
            };
            let why = format!(
                "the container {id} is {} ({}); wait for status_code FINISHED, and publish once, within 24 hours",
                status.code(),
                status.words()
            );
            fault(flow, codes, why)
        }
        PublishRefusal::IsItem { id } => GraphRefusal::new(
            GraphError::invalid_parameter(flow, "Invalid parameter"),
            format!("the container {id} was made with is_carousel_item=true; publish the album that has it as a child"),
        ),
        PublishRefusal::Caption => fault(
            flow,
            (36_004, 2_207_010),
            format!(
                "a caption has at most {CAPTION_CHARACTERS_MAX} characters, {HASHTAGS_MAX} hashtags and {TAGS_MAX} @ tags"
            ),
        ),
        PublishRefusal::ChildCount { count } => fault(
            flow,
            (100, 2_207_028),
            format!(
                "an album has {CHILDREN_MIN} to {CHILDREN_MAX} children, container ids made with is_carousel_item=true; there were {count}"
            ),
        ),
        PublishRefusal::Quota => fault(
            flow,
            (9, 2_207_042),
            format!("the account has published {QUOTA} posts in 24 hours of world time; wait, or advance the clock"),
        ),
    }
}

fn fault(flow: LoginFlow, (code, subcode): (i64, i64), why: String) -> GraphRefusal {
    GraphRefusal::new(GraphError::recorded(flow, code, Some(subcode)), why)
}
