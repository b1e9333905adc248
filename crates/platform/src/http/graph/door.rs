//! The one door: from an HTTP request to an endpoint and back.

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderName, HeaderValue, Method};
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;

use super::answer::Answer;
use super::authenticate::{authenticate, dialect, token_of};
use super::call::{Call, Outcome};
use super::host::flow_of_host;
use super::list_media::Listing;
use super::node::{Node, resolve_for, resolve_own};
use super::parameters::Parameters;
use super::path::{GraphPath, edge_meant};
use super::refusal::GraphRefusal;
use super::{
    app_subscriptions, batch, change_comment, control_thread, like, limits, list_comments, list_conversations,
    list_media, list_pages, messenger_profile, permissions, publish, read_account, read_comment, read_conversation,
    read_media, read_message, read_page, read_person, send_message, subscribed_apps, suggest, upload_attachment,
    write_comment,
};
use crate::domain::account::CallNature;
use crate::domain::caller::Caller;
use crate::domain::limits::Class;
use crate::http::{App, CallSubject, PublicBase};

/// Objects of one `GET /?ids=`.
const IDS_MAX: usize = 50;
/// Largest body of a Graph call; uploads included.
const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;
/// First segments of the logins, which never name a node on our own host names (design §5 "One port").
const LOGIN_SEGMENTS: [&str; 4] = ["oauth", "dialog", "access_token", "refresh_access_token"];

/// Answers a request that nobody else claimed.
pub(super) async fn answer(app: App, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let host = flow_of_host(&parts);
    let path = GraphPath::parse(parts.uri.path());
    let version = path.version.clone();
    let switches = app.world.switches.current();
    let random = app.world.random.clone();
    let base = PublicBase::of(&parts, &app).to_string();
    let parameters = match axum::body::to_bytes(body, BODY_BYTES_MAX).await {
        Ok(bytes) => Parameters::read(&parts, bytes).await.map_err(|error| error.0),
        Err(error) => Err(format!("the body could not be read: {error}")),
    };
    let entered = match parameters {
        Ok(parameters) => {
            let token = token_of(&parts, &parameters);
            let method = method_of(&parts.method, &parameters);
            let call = Call {
                app,
                method,
                path,
                parameters,
                host,
                token,
                base,
            };
            enter(call).await
        }
        Err(why) => {
            let flow = dialect(host, None);
            Entered::refused(
                GraphRefusal::new(GraphError::invalid_parameter(flow, "Invalid request body"), why),
                flow,
            )
        }
    };
    let flow = entered.flow;
    let answer = match entered.outcome {
        Ok(body) => Answer::ok(body),
        Err(refusal) => {
            log(&parts.method, parts.uri.path(), &refusal);
            Answer::refusal(refusal, flow, &switches, &random)
        }
    };
    let mut response = answer.into_response(flow, &version);
    response.headers_mut().extend(entered.usage);
    response.extensions_mut().insert(entered.subject);
    response
}

/// A call that was carried out or refused.
pub(super) struct Entered {
    /// What came of it.
    pub(super) outcome: Outcome,
    /// In whose dialect to answer.
    pub(super) flow: LoginFlow,
    /// Whose call it was, for the journal.
    pub(super) subject: CallSubject,
    /// Usage headers, once it is known whose limits count.
    pub(super) usage: Vec<(HeaderName, HeaderValue)>,
}

impl Entered {
    fn refused(refusal: GraphRefusal, flow: LoginFlow) -> Self {
        Self {
            outcome: Err(refusal),
            flow,
            subject: CallSubject::default(),
            usage: Vec::new(),
        }
    }
}

/// One line per refusal, for whoever watches the terminal.
pub(super) fn log(method: &Method, path: &str, refusal: &GraphRefusal) {
    let (code, subcode) = (refusal.error.code, refusal.error.subcode.unwrap_or_default());
    tracing::info!(target: "selfsame::refusal", %method, path, code, subcode, why = refusal.why, "refused");
}

/// `POST ?method=delete` means DELETE.
fn method_of(method: &Method, parameters: &Parameters) -> Method {
    let asked = parameters.text("method").map(|name| name.to_ascii_uppercase());
    match (method.as_str(), asked.as_deref()) {
        ("POST" | "GET", Some("DELETE")) => Method::DELETE,
        ("POST", Some("GET")) => Method::GET,
        ("GET", Some("POST")) => Method::POST,
        _ => method.clone(),
    }
}

/// Goes on with a call: a batch, or one endpoint.
pub(super) async fn enter(call: Call) -> Entered {
    let flow = dialect(call.host, call.token.as_deref());
    if call.path.segments.is_empty() && call.parameters.get("batch").is_some() {
        return Entered {
            outcome: Box::pin(batch::run(&call)).await,
            flow,
            subject: CallSubject::default(),
            usage: Vec::new(),
        };
    }
    let switches = call.app.world.switches.current();
    let first = call.path.segments.first().map_or("", String::as_str);
    if call.host.is_none() && LOGIN_SEGMENTS.contains(&first) {
        let path = format!("/{}", call.path.segments.join("/"));
        let refusal = GraphRefusal::new(GraphError::unknown_path(&path), suggest::login_path(&call.path));
        return Entered::refused(refusal, flow);
    }
    if let (Some(retired), true) = (&call.path.retired, switches.graph_retired_versions_refused) {
        let why = format!(
            "{retired} has ended; v21.0 to v26.0 are live. The switch graph.retired_versions_refused refuses it"
        );
        return Entered::refused(GraphRefusal::new(GraphError::recorded(flow, 2_635, None), why), flow);
    }
    if call.path.as_strs().get(1) == Some(&"subscriptions") {
        let outcome = app_subscriptions::handle(&call, flow).await;
        return Entered {
            outcome,
            flow: LoginFlow::Facebook,
            subject: CallSubject::default(),
            usage: Vec::new(),
        };
    }
    match authenticate(&call.app.world, call.host, call.token.as_deref(), &call.parameters).await {
        Ok(caller) => {
            let subject = CallSubject {
                app: Some(caller.app),
                account: Some(caller.account.key),
            };
            let outcome = dispatch(&call, &caller).await;
            Entered {
                outcome,
                flow: caller.flow(),
                subject,
                usage: limits::usage_headers(&call.app, &caller),
            }
        }
        Err(refusal) => Entered::refused(refusal, flow),
    }
}

/// `GET /?ids=a,b`: each object under its id.
async fn several(call: &Call, caller: &Caller) -> Outcome {
    if !call.app.world.switches.current().graph_root_ids {
        return Err(GraphRefusal::new(
            GraphError::unknown_path("/"),
            "GET /?ids= is off in every version since 2026-10-27; read each id alone, or turn the switch graph.root_ids on",
        ));
    }
    let ids = call.parameters.names("ids");
    if ids.is_empty() || ids.len() > IDS_MAX {
        return Err(GraphRefusal::new(
            GraphError::invalid_parameter(caller.flow(), "Param ids must be a list of ids"),
            format!("ids names 1 to {IDS_MAX} objects"),
        ));
    }
    let mut found = serde_json::Map::new();
    for id in ids {
        let mut one = call.clone();
        one.path.segments = vec![id.clone()];
        let body = Box::pin(dispatch(&one, caller)).await?;
        found.insert(id, body);
    }
    Ok(serde_json::Value::Object(found))
}

async fn dispatch(call: &Call, caller: &Caller) -> Outcome {
    if call.path.segments.is_empty() && call.method == Method::GET && call.parameters.get("ids").is_some() {
        return several(call, caller).await;
    }
    let segments = call.path.as_strs();
    let (Some(id), edge) = (
        segments.first(),
        segments.get(1).copied().map(edge_meant).unwrap_or_default(),
    ) else {
        return Err(GraphRefusal::new(
            GraphError::unknown_path("/"),
            "a Graph path names a node: /me, /{id}, /{id}/{edge}",
        ));
    };
    if segments.len() > 2 && !(edge == "permissions" && segments.len() == 3) {
        let path = format!("/{}", segments.join("/"));
        return Err(GraphRefusal::new(
            GraphError::unknown_path(&path),
            with_guess(
                "Graph paths have a node and at most one edge: /{id}/{edge}",
                suggest::path(&call.path),
            ),
        ));
    }
    let (node, seen_by) = if let Some(own) = resolve_own(caller, id) {
        (own, None)
    } else {
        let (id, seen) = ((*id).to_owned(), caller.clone());
        call.app
            .world
            .store
            .read(move |connection| resolve_for(connection, &seen, &id))
            .await?
    };
    let caller = seen_by.as_ref().unwrap_or(caller);
    refuse_by_standing(call, caller, edge, &node)?;
    limits::take(call, caller, Class::App)?;
    if let Some(class) = limits::class_of(caller, edge, &node) {
        limits::take(call, caller, class)?;
    }
    match (call.method.as_str(), edge, node) {
        ("POST", "messages", node) => send_message::handle(call, caller, &node).await,
        ("POST", "message_attachments", Node::OwnAccount | Node::OwnPage) => {
            upload_attachment::handle(call, caller).await
        }
        ("GET", "messages", Node::Conversation(thread)) => read_conversation::messages(call, caller, *thread).await,
        (_, "subscribed_apps", Node::OwnAccount | Node::OwnPage) => subscribed_apps::handle(call, caller).await,
        (_, "messenger_profile", Node::OwnAccount | Node::OwnPage) => messenger_profile::handle(call, caller).await,
        ("GET", "conversations", Node::OwnAccount | Node::OwnPage) => list_conversations::handle(call, caller).await,
        (
            "POST",
            "pass_thread_control" | "take_thread_control" | "request_thread_control" | "release_thread_control",
            Node::OwnAccount | Node::OwnPage,
        ) => control_thread::handle(call, caller, edge).await,
        ("GET", "media", Node::OwnAccount) => list_media::handle(call, caller, Listing::Posts).await,
        ("POST", "media", Node::OwnAccount) => publish::prepare(call, caller).await,
        ("POST", "media_publish", Node::OwnAccount) => publish::publish(call, caller).await,
        ("GET", "content_publishing_limit", Node::OwnAccount) => publish::limit(call, caller).await,
        ("GET", "", Node::Container(container)) => publish::read(call, caller, *container).await,
        ("DELETE", "", Node::Media(media)) => publish::delete(call, caller, &media).await,
        ("GET", "stories", Node::OwnAccount) => list_media::handle(call, caller, Listing::Stories).await,
        ("GET", "live_media", Node::OwnAccount) => list_media::handle(call, caller, Listing::Broadcasts).await,
        ("POST", "mentions", Node::OwnAccount) => write_comment::to_mention(call, caller).await,
        ("POST" | "DELETE", "likes", Node::OwnAccount) => like::handle(call, caller).await,
        ("GET", "permissions", Node::OwnFacebookUser | Node::OwnAccount) => {
            Ok(permissions::list(caller, &permissions::of(call, caller).await?))
        }
        ("DELETE", "permissions", Node::OwnFacebookUser | Node::OwnAccount) => {
            permissions::remove(call, caller, segments.get(2).copied()).await
        }
        ("GET", "accounts", Node::OwnFacebookUser) => list_pages::handle(call, caller).await,
        ("GET", "comments", Node::Media(media)) => list_comments::of_media(call, caller, *media).await,
        ("POST", "comments", Node::Media(media)) => write_comment::under_media(call, caller, &media).await,
        ("GET", "replies", Node::Comment(comment)) => list_comments::replies(call, caller, *comment).await,
        ("POST", "replies", Node::Comment(comment)) => write_comment::reply(call, caller, &comment).await,
        ("GET", "", Node::OwnAccount) => read_account::handle(call, caller).await,
        ("GET", "", Node::OwnPage) => read_page::handle(call, caller).await,
        ("GET", "", Node::OwnFacebookUser) => read_page::of_facebook_user(call, caller).await,
        ("GET", "", Node::Person(person)) => read_person::handle(call, caller, person).await,
        ("GET", "", Node::Conversation(thread)) => read_conversation::handle(call, caller, *thread).await,
        ("GET", "", Node::Message(message)) => read_message::handle(call, caller, *message).await,
        ("GET", "", Node::Media(media)) => read_media::handle(call, caller, *media).await,
        ("POST", "", Node::Media(media)) => change_comment::enable_comments(call, caller, &media).await,
        ("GET", "", Node::Comment(comment)) => read_comment::handle(call, caller, *comment).await,
        ("POST", "", Node::Comment(comment)) => change_comment::hide(call, caller, &comment).await,
        ("DELETE", "", Node::Comment(comment)) => change_comment::delete(call, caller, &comment).await,
        (_, edge, node) => Err(no_such_operation(call, caller, edge, node)),
    }
}

/// What Instagram holds against the account.
fn refuse_by_standing(call: &Call, caller: &Caller, edge: &str, node: &Node) -> Result<(), GraphRefusal> {
    let (account, flow) = (&caller.account, caller.flow());
    let is_send = edge == "messages" && call.method == Method::POST;
    let nature = CallNature {
        flow,
        is_write: call.method != Method::GET,
        is_messaging: is_send
            || matches!(edge, "message_attachments" | "conversations" | "messenger_profile")
            || edge.ends_with("_thread_control")
            || matches!(node, Node::Conversation(_) | Node::Message(_) | Node::Person(_)),
        is_send,
    };
    let Some((code, subcode)) = account.standing.refusal(nature) else {
        return Ok(());
    };
    let why = format!(
        "the standing of @{0} is {1}; PATCH /_sim/accounts/{0} {{\"standing\":\"good\"}} ends it",
        account.username,
        account.standing.as_str()
    );
    Err(GraphRefusal::new(GraphError::recorded(flow, code, subcode), why))
}

/// A cause with a guess at what was meant.
fn with_guess(cause: &str, guess: Option<String>) -> String {
    guess.map_or_else(|| cause.to_owned(), |guess| format!("{cause}; {guess}"))
}

/// 100/33, with a guess at what was meant.
fn no_such_operation(call: &Call, caller: &Caller, edge: &str, node: Node) -> GraphRefusal {
    let guess = match &node {
        Node::Foreign(_) => suggest::path(&call.path),
        _ if edge.is_empty() => None,
        _ => suggest::edge(call.id(), edge),
    };
    let why = match node {
        Node::Foreign(what) => what,
        Node::OwnAccount => format!(
            "/{{account}}/{edge} has no {}; known edges: messages, conversations, subscribed_apps, messenger_profile, media, stories, live_media, media_publish, content_publishing_limit; with the Facebook login also mentions, likes",
            call.method
        ),
        Node::OwnPage => format!(
            "/{{page}}/{edge} has no {}; known edges: messages, conversations, subscribed_apps, messenger_profile; media belongs to the IG id",
            call.method
        ),
        Node::OwnFacebookUser => {
            "with the Facebook user's token: /me/accounts, /me/permissions; everything else takes the Page's token"
                .to_owned()
        }
        Node::Person(_) => "an IGSID can be read, and POST /{SELF_IGSID}/messages sends to oneself".to_owned(),
        Node::Media(_) => "media has the edge comments".to_owned(),
        Node::Container(_) => "a container can only be read; publish it by POST /{IG_ID}/media_publish".to_owned(),
        Node::Comment(_) => "a comment has the edge replies".to_owned(),
        Node::Conversation(_) => "a conversation has the edge messages".to_owned(),
        Node::Message(_) => "a message can only be read".to_owned(),
        Node::App => "an app has the edge subscriptions, with the app token {app-id}|{app-secret}".to_owned(),
    };
    GraphRefusal::unsupported(caller.flow(), &call.method, call.id(), with_guess(&why, guess))
}
