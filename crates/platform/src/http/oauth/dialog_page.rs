//! What people see of a login dialog.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use selfsame_ui::frame::{Frame, Layout};
use selfsame_ui::maud::{Markup, html};
use selfsame_ui::policy::Policy;
use selfsame_wire::flow::LoginFlow;

use crate::domain::app::App as DeveloperApp;
use crate::domain::authorization::{AuthorizationRequest, origin_of};

/// An account that can be chosen.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    /// Without `@`.
    pub(super) username: String,
    /// Display name.
    pub(super) name: String,
    /// Name of its Page.
    pub(super) page: Option<String>,
    /// Permissions that it declined when it was last asked.
    pub(super) declined: Vec<String>,
}

/// The dialog: which account, and which permissions.
pub(super) fn choice_page(
    app: &DeveloperApp,
    request: &AuthorizationRequest,
    choices: &[Choice],
    problem: Option<&str>,
) -> Response {
    let (network, with) = match request.flow {
        LoginFlow::Instagram => ("Instagram", "its Instagram account"),
        LoginFlow::Facebook => ("Facebook", "a Page and its Instagram account"),
    };
    let picks_pages = request.flow == LoginFlow::Facebook;
    let content = html! {
        header {
            h1 { "Log in with " (network) }
            p.lead { strong { (app.name) } " asks to be connected with " (with) "." }
        }
        @if let Some(problem) = problem { p.note.bad role="alert" { (problem) } }
        form.card method="post" {
            @if choices.is_empty() {
                p.empty { "There is no account that can be connected. Make one professional" @if request.flow == LoginFlow::Facebook { ", with a Page" } ", first." }
            } @else {
                fieldset {
                    legend { @if request.force_reauth && picks_pages { "Log in again: which Pages may be used?" } @else if picks_pages { "Which Pages may be used?" } @else if request.force_reauth { "Log in again as" } @else { "Continue as" } }
                    @for (index, choice) in choices.iter().enumerate() {
                        label.check {
                            @if picks_pages { input type="checkbox" name="account" value=(choice.username) checked[index == 0]; }
                            @else { input type="radio" name="account" value=(choice.username) checked[index == 0] required; }
                            span {
                                @if picks_pages && let Some(page) = &choice.page { "Page " strong { (page) } ", Instagram " }
                                strong { "@" (choice.username) } " " span.soft { (choice.name) }
                                @if !request.asks_again && !choice.declined.is_empty() {
                                    " " span.soft.small { "declined before, and not asked again without auth_type=rerequest: " (choice.declined.join(", ")) }
                                }
                            }
                        }
                    }
                }
            }
            fieldset {
                legend { (app.name) " may" }
                @for scope in &request.scopes {
                    @let is_required = scope == request.required_scope();
                    label.check {
                        input type="checkbox" name="scope" value=(scope) checked disabled[is_required];
                        span { (meaning(scope)) " " code.soft { (scope) } @if is_required { span.soft { " (required)" } } }
                    }
                }
            }
            div.row {
                button.button type="submit" name="decision" value="allow" disabled[choices.is_empty()] { "Allow" }
                button.button.quiet type="submit" name="decision" value="cancel" formnovalidate { "Cancel" }
            }
            @if request.flow == LoginFlow::Instagram && request.enable_fb_login {
                p.soft.small { "At Meta, this page also offers to log in to Instagram with Facebook (enable_fb_login)." }
            }
        }
        p.soft.small { "This is a local imitation of Meta’s dialog, with test data. It leads back to " code { (request.redirect_uri) } "." }
    };
    let policy =
        origin_of(&request.redirect_uri).map_or_else(Policy::page, |origin| Policy::page().with_form_target(origin));
    page(StatusCode::OK, "Log in", &content, &policy)
}

/// An error for a person, without a redirect.
pub(super) fn error_page(status: StatusCode, title: &str, why: &str) -> Response {
    let content = html! {
        header { h1 { (title) } }
        p.note.bad role="alert" { (why) }
        p.soft.small { "This is a local imitation of Meta’s dialog; Meta’s own page does not tell the reason." }
    };
    page(status, title, &content, &Policy::page())
}

fn page(status: StatusCode, title: &str, content: &Markup, policy: &Policy) -> Response {
    let frame = Frame {
        title: title.to_owned(),
        links: Vec::new(),
        current: None,
        live: None,
        layout: Layout::Document,
    };
    let mut response = (status, frame.around(content).into_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in policy.headers() {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

fn meaning(scope: &str) -> &'static str {
    match scope {
        "instagram_business_basic" | "instagram_basic" => "see the profile and the posts",
        "instagram_business_manage_messages" | "instagram_manage_messages" => "read and send messages",
        "instagram_business_manage_comments" | "instagram_manage_comments" => "read, answer and hide comments",
        "instagram_business_content_publish" | "instagram_content_publish" => "publish posts",
        "instagram_business_manage_insights" | "instagram_manage_insights" => "see numbers",
        "instagram_manage_contents" => "delete posts",
        "instagram_manage_engagement" => "like posts and comments",
        "pages_show_list" => "see the list of Pages",
        "pages_read_engagement" => "read what happens on the Page",
        "pages_manage_metadata" => "install webhooks on the Page",
        "pages_messaging" => "send messages for the Page",
        "business_management" => "manage the business",
        _ => "use this permission",
    }
}
