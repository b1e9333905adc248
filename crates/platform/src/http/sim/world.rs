//! `GET /_sim/world` — every app, account, id, token and URL.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{ErrorAnswer, SimError};
use super::world_view::{AccountView, AppView, account_view, app_view};
use crate::domain::view::MediaView;
use crate::http::{App, PublicBase};
use crate::store::{accounts, apps, media};

/// The whole world, messages apart.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = World)]
pub(crate) struct WorldView {
    /// This half.
    platform: PlatformView,
    /// The gateway beside it, if it was started with one.
    #[schema(required)]
    gateway: Option<GatewayView>,
    /// Oldest first.
    apps: Vec<AppView>,
    /// Oldest first.
    accounts: Vec<AccountView>,
    /// Oldest first.
    media: Vec<MediaView>,
}

/// Where the platform is, and when.
#[derive(Debug, Serialize, ToSchema)]
struct PlatformView {
    /// Base under which this request came in.
    url: String,
    /// Version of the program.
    version: &'static str,
    /// World time, RFC 3339.
    now: String,
}

/// Where the gateway is.
#[derive(Debug, Serialize, ToSchema)]
struct GatewayView {
    /// Its base.
    url: String,
}

/// Lists the world.
#[utoipa::path(get, path = "/_sim/world", responses((status = 200, body = WorldView), (status = "default", body = ErrorAnswer)))]
pub(crate) async fn world(State(app): State<App>, base: PublicBase) -> Result<Json<WorldView>, SimError> {
    let now = app.world.clock.now();
    let (apps, accounts, media) = app
        .world
        .store
        .read(move |connection| {
            let apps = apps::all(connection)?.into_iter().map(app_view).collect();
            let accounts = accounts::all(connection)?
                .iter()
                .map(|account| account_view(connection, account, now.as_millisecond()))
                .collect::<Result<_, _>>()?;
            Ok((apps, accounts, media::views(connection)?))
        })
        .await?;
    Ok(Json(WorldView {
        platform: PlatformView {
            url: base.to_string(),
            version: env!("CARGO_PKG_VERSION"),
            now: now.to_string(),
        },
        gateway: app.config.gateway_url.as_ref().map(|url| GatewayView {
            url: url.as_str().trim_end_matches('/').to_owned(),
        }),
        apps,
        accounts,
        media,
    }))
}
