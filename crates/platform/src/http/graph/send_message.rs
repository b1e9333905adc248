//! `POST /{node}/messages` — a message or a sender action (contract: send-api §5, self-messaging §8.1).
//!
//! `/{SELF_IGSID}/messages` without recipient answers `{"id"}`; the standard form answers `{"recipient_id","message_id"}`.

use selfsame_wire::flow::Feature;
use selfsame_wire::ids::ParticipantId;
use selfsame_wire::send::{MediaKind, MessageContent, OutboundMedia, Recipient, SendBody, SendRequest, SendResponse};

use super::call::{Call, Outcome, require, require_page_token};
use super::limits;
use super::media_source::ready;
use super::node::Node;
use super::refusal::GraphRefusal;
use crate::actions::{ApiAction, ApiMessage, SendForm};
use crate::domain::caller::Caller;
use crate::domain::limits::Class;
use crate::domain::sending::SendRuleBroken;

/// Answers the call.
pub(super) async fn handle(call: &Call, caller: &Caller, node: &Node) -> Outcome {
    let flow = caller.flow();
    let request = SendRequest::decode(&call.body());
    let is_path_form = match node {
        Node::OwnAccount | Node::OwnPage => false,
        Node::Person(_) => true,
        Node::OwnFacebookUser => {
            require_page_token(caller)?;
            false
        }
        Node::Foreign(what) => return Err(GraphRefusal::unsupported(flow, &call.method, call.id(), what.clone())),
        Node::Media(_)
        | Node::Container(_)
        | Node::Comment(_)
        | Node::Conversation(_)
        | Node::Message(_)
        | Node::App => {
            let why = "messages are sent to /me/messages, /{account}/messages or /{SELF_IGSID}/messages";
            return Err(GraphRefusal::unsupported(flow, &call.method, call.id(), why));
        }
    };
    require_page_token(caller)?;
    let request = request.map_err(|refusal| GraphRefusal::new(refusal.to_graph_error(flow), refusal.to_string()))?;
    check_permission(call, caller, request.recipient.as_ref())?;
    match request.body {
        SendBody::Action(_) => act(call, caller, is_path_form, request).await,
        SendBody::Message { .. } => send(call, caller, is_path_form, request).await,
    }
}

/// A private reply needs the comment permission instead of the messaging one, unless a switch asks for both.
fn check_permission(call: &Call, caller: &Caller, recipient: Option<&Recipient>) -> Result<(), GraphRefusal> {
    if !matches!(recipient, Some(Recipient::Comment(_))) {
        return require(caller, Feature::Messaging);
    }
    if call.app.world.switches.current().graph_private_reply_needs_messages {
        require(caller, Feature::Messaging)?;
    }
    require(caller, Feature::Comments)
}

async fn send(call: &Call, caller: &Caller, is_path_form: bool, request: SendRequest) -> Outcome {
    let flow = caller.flow();
    let SendBody::Message {
        content, quick_replies, ..
    } = request.body
    else {
        return Err(GraphRefusal::new(
            selfsame_wire::graph_error::GraphError::parameter_required(flow, "message"),
            "message is missing",
        ));
    };
    let form = match (is_path_form, request.recipient) {
        (true, None) => SendForm::Path {
            igsid: call.id().to_owned(),
            body_recipient: None,
        },
        (true, Some(Recipient::Id(id))) => SendForm::Path {
            igsid: call.id().to_owned(),
            body_recipient: Some(id.as_str().to_owned()),
        },
        (_, Some(recipient)) => SendForm::Standard(recipient),
        (false, None) => {
            let why = "recipient is missing; only the self form POST /{SELF_IGSID}/messages goes without it";
            return Err(GraphRefusal::new(
                selfsame_wire::graph_error::GraphError::parameter_required(flow, "recipient"),
                why,
            ));
        }
    };
    if !matches!(form, SendForm::Standard(Recipient::Comment(_))) {
        limits::take(call, caller, class_of(&content))?; // private replies are counted once their media is known
    }
    let answers_id_only = matches!(form, SendForm::Path { .. });
    let media = match &content {
        MessageContent::Media(media) => ready(call, caller, media).await?,
        MessageContent::Text(_)
        | MessageContent::LikeHeart
        | MessageContent::MediaShare(_)
        | MessageContent::Generic(_)
        | MessageContent::Buttons { .. } => Vec::new(),
    };
    let (media, assets) = media
        .into_iter()
        .map(|one| (one.attachment, one.asset_id))
        .unzip::<_, _, Vec<_>, Vec<_>>();
    let message = ApiMessage {
        caller: caller.clone(),
        form,
        content,
        media,
        assets: assets.into_iter().flatten().collect(),
        quick_replies,
        reply_to: request.reply_to,
        tag: request.tag,
    };
    let sent = call
        .app
        .world
        .send_message(message)
        .await
        .map_err(|failure| GraphRefusal::of_send(flow, failure))?;
    let response = if answers_id_only {
        SendResponse::SelfForm { id: sent.mid }
    } else {
        SendResponse::Standard {
            recipient_id: ParticipantId::of_person(&sent.recipient),
            message_id: sent.mid,
        }
    };
    Ok(response.to_body())
}

/// Audio and video have a limit of their own; everything else counts as text.
fn class_of(content: &MessageContent) -> Class {
    let is_audio_video = |media: &OutboundMedia| matches!(media.kind, MediaKind::Audio | MediaKind::Video);
    match content {
        MessageContent::Media(media) if media.iter().any(is_audio_video) => Class::AudioVideo,
        _ => Class::Messages,
    }
}

async fn act(call: &Call, caller: &Caller, is_path_form: bool, request: SendRequest) -> Outcome {
    let flow = caller.flow();
    let SendBody::Action(action) = request.body else {
        return Err(GraphRefusal::new(
            selfsame_wire::graph_error::GraphError::parameter_required(flow, "sender_action"),
            "sender_action is missing",
        ));
    };
    let recipient = match request.recipient {
        Some(Recipient::Id(id)) if is_path_form && id.as_str() != call.id() => {
            let broken = SendRuleBroken::PathAndBodyDiffer;
            return Err(GraphRefusal::new(broken.to_graph_error(flow), broken.why()));
        }
        Some(Recipient::Id(id)) => id.into_string(),
        None if is_path_form => call.id().to_owned(),
        Some(Recipient::Comment(_)) | None => {
            let why = "a sender action needs recipient.id";
            return Err(GraphRefusal::new(
                selfsame_wire::graph_error::GraphError::parameter_required(flow, "recipient"),
                why,
            ));
        }
    };
    limits::take(call, caller, Class::Messages)?;
    let act = ApiAction {
        caller: caller.clone(),
        recipient,
        action,
    };
    let igsid = call
        .app
        .world
        .sender_action(act)
        .await
        .map_err(|failure| GraphRefusal::of_send(flow, failure))?;
    Ok(SendResponse::Action {
        recipient_id: ParticipantId::of_person(&igsid),
    }
    .to_body())
}
