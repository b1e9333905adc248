//! Rate limits at the door: which class a call belongs to, and the usage headers of its answer (contract: send-api §5.8).

use http::{HeaderName, HeaderValue};
use selfsame_wire::flow::LoginFlow;

use super::call::Call;
use super::node::Node;
use super::refusal::GraphRefusal;
use crate::domain::caller::{Caller, TokenKind};
use crate::domain::limits::{Class, Exceeded};
use crate::http::App;

const APP_USAGE: HeaderName = HeaderName::from_static("x-app-usage");
const BUSINESS_USAGE: HeaderName = HeaderName::from_static("x-business-use-case-usage");

/// The class of a call, unless its endpoint finds out by itself (sends).
pub(super) fn class_of(caller: &Caller, edge: &str, node: &Node) -> Option<Class> {
    match caller.token.kind {
        TokenKind::FacebookUserShort | TokenKind::FacebookUserLong => return Some(Class::User),
        TokenKind::InstagramShort | TokenKind::InstagramLong | TokenKind::Page => {}
    }
    let is_facebook = caller.flow() == LoginFlow::Facebook;
    match (edge, node) {
        (_, Node::Conversation(_) | Node::Message(_)) | ("conversations", _) => Some(Class::Conversations),
        ("messages", _) => None,
        ("messenger_profile" | "message_attachments", _) | (_, Node::Person(_)) if is_facebook => {
            Some(Class::Messenger)
        }
        (_, Node::OwnPage) => Some(Class::Page),
        _ => Some(Class::Instagram),
    }
}

/// Counts a call of this class, or refuses it.
pub(super) fn take(call: &Call, caller: &Caller, class: Class) -> Result<(), GraphRefusal> {
    let world = &call.app.world;
    let counted = (caller.app, (class != Class::App).then_some(caller.account.key));
    world
        .rates
        .take(
            counted,
            class,
            caller.flow(),
            &world.switches.current(),
            world.clock.now_ms(),
        )
        .map_err(refusal)
}

/// The refusal of a call too many.
pub(super) fn refusal(exceeded: Exceeded) -> GraphRefusal {
    GraphRefusal::new(exceeded.class.to_graph_error(exceeded.flow), exceeded.why())
}

/// The usage headers of an answer to this caller, in the dialect of its host.
pub(super) fn usage_headers(app: &App, caller: &Caller) -> Vec<(HeaderName, HeaderValue)> {
    let world = &app.world;
    let (account, flow) = (&caller.account, caller.flow());
    let usage = world.rates.usage(
        caller.app,
        account.key,
        flow,
        &world.switches.current(),
        world.clock.now_ms(),
    );
    let of_app = usage.app_percent;
    let app_usage = match flow {
        LoginFlow::Instagram => format!(r#"{{"call_volume":{of_app},"cpu_time":0}}"#),
        LoginFlow::Facebook => format!(r#"{{"call_count":{of_app},"total_time":0,"total_cputime":0}}"#),
    };
    let object = |id: &str, kind: &str, percent: i64| {
        format!(
            r#""{id}":[{{"type":"{kind}","call_count":{percent},"total_cputime":0,"total_time":0,"estimated_time_to_regain_access":{}}}]"#,
            if percent >= 100 { usage.regain_minutes } else { 0 }
        )
    };
    let mut objects = Vec::with_capacity(2);
    if let Some(ig_id) = &account.ig_id {
        objects.push(object(ig_id.as_str(), "instagram", usage.instagram_percent));
    }
    if let (LoginFlow::Facebook, Some(page)) = (flow, &account.page) {
        objects.push(object(page.page_id.as_str(), "messenger", usage.messenger_percent));
    }
    let business_usage = format!("{{{}}}", objects.join(","));
    [(APP_USAGE, app_usage), (BUSINESS_USAGE, business_usage)]
        .into_iter()
        .filter_map(|(name, text)| Some((name, HeaderValue::try_from(text).ok()?)))
        .collect()
}
