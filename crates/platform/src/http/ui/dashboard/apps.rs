//! `POST /dashboard/apps/{app}/webhook`, `/mode`, `/login` and `/test`.

use axum::extract::{Path, State};
use axum::response::Response;
use selfsame_wire::flow::LoginFlow;

use super::{answer, setup_error};
use crate::actions::{ChangeApp, DashboardTest, Trigger};
use crate::domain::app::AppMode;
use crate::http::App;
use crate::http::ui::fields::Fields;
use crate::http::ui::page::PageError;

/// Sets callback, verify token and fields; an empty callback removes it. Another callback has to pass the handshake.
pub(in crate::http::ui) async fn save_webhook(
    State(app): State<App>,
    Path(name): Path<String>,
    fields: Fields,
) -> Response {
    let change = ChangeApp {
        callback_url: Some(fields.filled("callback_url")),
        verify_token: fields.filled("verify_token"),
        fields: Some(fields.all("field")),
        include_values: Some(fields.filled("include_values").is_some()),
        ..ChangeApp::default()
    };
    let outcome = change_webhook(&app, name, change).await;
    answer(&app, &fields, outcome).await
}

async fn change_webhook(app: &App, name: String, change: ChangeApp) -> Result<(), PageError> {
    let key = app.world.change_app(name, change).await.map_err(setup_error)?;
    Ok(app.handshaker().try_first(key).await?)
}

/// Publishes an app or takes it back into development.
pub(in crate::http::ui) async fn save_mode(
    State(app): State<App>,
    Path(name): Path<String>,
    fields: Fields,
) -> Response {
    let outcome = change_mode(&app, name, &fields).await;
    answer(&app, &fields, outcome).await
}

/// The Test button: the field's sample in the dashboard's own shape, to this app.
pub(in crate::http::ui) async fn send_test(
    State(app): State<App>,
    Path(name): Path<String>,
    fields: Fields,
) -> Response {
    let flow = fields.get("flow").as_deref().and_then(LoginFlow::from_name);
    let trigger = Trigger {
        event: fields.get("event").unwrap_or_default(),
        to: fields.filled("account"),
        dashboard: Some(DashboardTest {
            app: Some(name),
            flow: flow.unwrap_or(LoginFlow::Instagram),
        }),
        ..Trigger::default()
    };
    let outcome = app.world.trigger(trigger).await.map(drop).map_err(setup_error);
    answer(&app, &fields, outcome).await
}

async fn change_mode(app: &App, name: String, fields: &Fields) -> Result<(), PageError> {
    let mode = fields.get("mode").as_deref().and_then(AppMode::parse);
    let mode = mode.ok_or_else(|| PageError::refused("An app is either live or in development."))?;
    let change = ChangeApp {
        mode: Some(mode),
        ..ChangeApp::default()
    };
    app.world.change_app(name, change).await.map(drop).map_err(setup_error)
}

/// Sets where logins lead, what hears of their end, and whether calls need a proof; one redirect URI a line.
pub(in crate::http::ui) async fn save_login(
    State(app): State<App>,
    Path(name): Path<String>,
    fields: Fields,
) -> Response {
    let redirect_uris = fields.get("redirect_uris").unwrap_or_default();
    let change = ChangeApp {
        redirect_uris: Some(
            redirect_uris
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect(),
        ),
        deauthorize_url: Some(fields.filled("deauthorize_url")),
        data_deletion_url: Some(fields.filled("data_deletion_url")),
        require_appsecret_proof: Some(fields.filled("require_appsecret_proof").is_some()),
        ..ChangeApp::default()
    };
    let outcome = app.world.change_app(name, change).await.map(drop).map_err(setup_error);
    answer(&app, &fields, outcome).await
}
