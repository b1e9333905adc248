//! The demo world of design §5, made once on an empty folder.

use selfsame_wire::flow::LoginFlow;

use crate::actions::{CreateAccount, CreateApp, DEFAULT_FIELDS, GrantAccess, PublishMedia, SetupRefusal};
use crate::config::Callback;
use crate::domain::access::Role;
use crate::domain::account::AccountKind;
use crate::domain::app::AppMode;
use crate::store::apps::NewCallback;
use crate::store::{Durability, Failure, StoreError, accounts, apps, grants, settings};
use crate::transfer::keep_snapshot;
use crate::world::World;

/// The only app.
const APP: &str = "demo";
/// The professional account.
const BUSINESS: &str = "luna.coffee";
/// The ordinary person.
const PERSON: &str = "sam";
/// Present once a world was made (or deliberately not made) in this folder.
const MADE_SETTING: &str = "demo.made";
/// Which login flow the demo account's webhooks were installed through last.
const FLOW_SETTING: &str = "demo.flow";

/// Why the demo world cannot be made: never the user's fault.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The database.
    #[error("cannot store the demo world")]
    Store(#[from] StoreError),
    /// The rules.
    #[error("the demo world does not fit this folder: {0}")]
    Setup(SetupRefusal),
}

impl From<Failure<SetupRefusal>> for DemoError {
    fn from(failure: Failure<SetupRefusal>) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::Setup(refusal),
            Failure::Store(error) => Self::Store(error),
        }
    }
}

/// Makes the demo world unless the folder has one, and points the app at the callback of this start, if one is given.
pub(crate) async fn prepare(world: &World, wanted: bool, callback: Option<&Callback>) -> Result<(), DemoError> {
    let flow = callback.map_or(LoginFlow::Instagram, |callback| callback.flow);
    if wanted {
        make(world, flow).await?;
    }
    match callback {
        Some(callback) => point_at(world, callback).await,
        None => Ok(()),
    }
}

async fn make(world: &World, flow: LoginFlow) -> Result<(), DemoError> {
    let (made, now_ms) = (world.clone(), world.clock.now_ms());
    let stored = world.store.write(Durability::Durable, move |tx| {
        if settings::get(tx, MADE_SETTING)?.is_some() || !apps::all(tx)?.is_empty() || !accounts::all(tx)?.is_empty() {
            return Ok(());
        }
        let app = CreateApp {
            name: APP.to_owned(),
            mode: Some(AppMode::Live),
            ..CreateApp::default()
        };
        made.create_app_in(tx, app, now_ms)?;
        let business = CreateAccount {
            username: BUSINESS.to_owned(),
            name: Some("Luna Coffee".to_owned()),
            kind: Some(AccountKind::Business),
            page: true,
            // The app has Advanced Access to everything; the role keeps @luna.coffee's own thread working should it be taken away.
            roles: [(APP.to_owned(), Role::Administrator.as_str().to_owned())].into(),
            ..CreateAccount::default()
        };
        made.create_account_in(tx, business, now_ms)?;
        let person = CreateAccount {
            username: PERSON.to_owned(),
            name: Some("Sam".to_owned()),
            ..CreateAccount::default()
        };
        made.create_account_in(tx, person, now_ms)?;
        for caption in [
            "Our beans are back: washed Huila, roasted on Monday.",
            "New on the menu: flat white with oat milk.",
        ] {
            let post = PublishMedia {
                account: BUSINESS.to_owned(),
                caption: Some(caption.to_owned()),
                ..PublishMedia::default()
            };
            made.publish_media_in(tx, post, now_ms)?;
        }
        for one in LoginFlow::ALL {
            let fields = (one == flow).then(|| DEFAULT_FIELDS.map(str::to_owned).to_vec());
            let grant = GrantAccess {
                app: APP.to_owned(),
                account: BUSINESS.to_owned(),
                flow: one,
                scopes: None,
                fields,
                access_token: None,
            };
            made.grant_access_in(tx, grant, now_ms)?;
        }
        settings::put(tx, MADE_SETTING, &now_ms.to_string())?;
        settings::put(tx, FLOW_SETTING, flow.name())?;
        keep_snapshot(tx, &made)?;
        Ok(())
    });
    Ok(stored.await?)
}

/// Points the demo app (or the only app) at a callback, and installs the business account's webhooks through its flow.
pub(crate) async fn point_at(world: &World, callback: &Callback) -> Result<(), DemoError> {
    let (random, now_ms, callback) = (world.random.clone(), world.clock.now_ms(), callback.clone());
    let stored = world.store.write(Durability::Durable, move |tx| {
        let found = match apps::by_name(tx, APP)? {
            Some(app) => Some(app),
            None => apps::all(tx)?.into_iter().next(),
        };
        let Some(mut app) = found else {
            return Err(Failure::Refused(SetupRefusal::UnknownApp { name: APP.to_owned() }));
        };
        if let Some(secret) = &callback.app_secret {
            match callback.flow {
                LoginFlow::Instagram => app.instagram_app_secret.clone_from(secret),
                LoginFlow::Facebook => app.meta_app_secret.clone_from(secret),
            }
            apps::update(tx, &app)?;
        }
        let old = app.subscription.as_ref();
        let verify_token = callback
            .verify_token
            .clone()
            .or_else(|| old.map(|subscription| subscription.verify_token.clone()))
            .unwrap_or_else(|| random.hex(16));
        let same = old.is_some_and(|old| old.callback_url == callback.url.as_str() && old.verify_token == verify_token);
        if !same {
            let fields = old.map_or_else(|| DEFAULT_FIELDS.map(str::to_owned).to_vec(), |old| old.fields.clone());
            let new = NewCallback {
                callback_url: callback.url.to_string(),
                verify_token,
                fields,
                include_values: true,
                verified: false,
            };
            apps::put_callback(tx, app.key, &new)?;
        }
        install_through(tx, app.key, callback.flow, now_ms)?;
        Ok(())
    });
    Ok(stored.await?)
}

/// Moves the business account's webhooks to the flow that this start asks for, once per change of mind.
fn install_through(
    tx: &crate::store::Tx<'_>,
    app: crate::domain::keys::AppKey,
    flow: LoginFlow,
    now_ms: i64,
) -> Result<(), StoreError> {
    if settings::get(tx, FLOW_SETTING)?.as_deref() == Some(flow.name()) {
        return Ok(());
    }
    let Some(account) = accounts::by_username(tx, BUSINESS)? else {
        return Ok(());
    };
    for other in LoginFlow::ALL.into_iter().filter(|other| *other != flow) {
        grants::delete_install(tx, app, account.key, other)?;
    }
    if grants::grant(tx, app, account.key, flow)?.is_some() {
        grants::put_install(tx, app, account.key, flow, &DEFAULT_FIELDS.map(str::to_owned), now_ms)?;
    }
    settings::put(tx, FLOW_SETTING, flow.name())
}
