//! Deauthorize and data-deletion callbacks with their `signed_request` (contract: login-instagram §2.7).

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::oauth::SignedRequest;
use selfsame_wire::secret::AppSecret;

use super::client::secret_of;
use crate::domain::app::App as DeveloperApp;
use crate::domain::keys::{AccountKey, AppKey};
use crate::http::App;
use crate::store::{StoreError, apps, grants};

/// How long a callback may take.
const CALLBACK_TIMEOUT: Duration = Duration::from_secs(5);

/// What a callback answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CallbackAnswer {
    /// Where it was sent.
    pub(crate) url: String,
    /// HTTP status, if there was an answer.
    pub(crate) status: Option<u16>,
    /// Why there was none.
    pub(crate) error: Option<String>,
    /// The answer's body.
    pub(crate) body: String,
}

/// Tells an app that an owner has removed it. `None`: it has no such callback.
pub(crate) async fn tell_deauthorized(
    app: &App,
    developer_app: AppKey,
    account: AccountKey,
    flow: LoginFlow,
) -> Result<Option<CallbackAnswer>, StoreError> {
    tell(app, developer_app, account, flow, |found| found.deauthorize_url.clone()).await
}

/// Tells an app that a person wants her data deleted. `None`: it has no such callback.
pub(crate) async fn tell_data_deletion(
    app: &App,
    developer_app: AppKey,
    account: AccountKey,
    flow: LoginFlow,
) -> Result<Option<CallbackAnswer>, StoreError> {
    tell(app, developer_app, account, flow, |found| {
        found.data_deletion_url.clone()
    })
    .await
}

async fn tell(
    app: &App,
    developer_app: AppKey,
    account: AccountKey,
    flow: LoginFlow,
    url_of: impl FnOnce(&DeveloperApp) -> Option<String>,
) -> Result<Option<CallbackAnswer>, StoreError> {
    let (found, ids) = app
        .world
        .store
        .read(move |connection| {
            Ok((
                apps::by_key(connection, developer_app)?,
                grants::app_scoped_ids(connection, developer_app, account)?,
            ))
        })
        .await?;
    let (Some(found), Some(ids)) = (found, ids) else {
        return Ok(None);
    };
    let Some(url) = url_of(&found) else { return Ok(None) };
    let user_id = match flow {
        LoginFlow::Instagram => ids.instagram_user_id.into_string(),
        LoginFlow::Facebook => ids.facebook_user_id.into_string(),
    };
    let issued_at_s = app.world.clock.now().as_second();
    let signed = SignedRequest {
        user_id,
        issued_at_s,
        expires_at_s: None,
    }
    .sign(&AppSecret::new(secret_of(&found, flow)));
    Ok(Some(post(app, url, &signed).await))
}

async fn post(app: &App, url: String, signed_request: &str) -> CallbackAnswer {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("signed_request", signed_request)
        .finish();
    let mut answer = CallbackAnswer {
        url,
        status: None,
        error: None,
        body: String::new(),
    };
    let request = match Request::post(&answer.url).body(Bytes::from(form)) {
        Ok(mut request) => {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert(header::CONTENT_TYPE, form);
            request
        }
        Err(error) => {
            answer.error = Some(format!("the URL cannot be called: {error}"));
            return answer;
        }
    };
    match app
        .world
        .process
        .timeout(CALLBACK_TIMEOUT, app.transport.send(request))
        .await
    {
        Ok(Ok(response)) => {
            answer.status = Some(response.status().as_u16());
            answer.body = String::from_utf8_lossy(response.body()).into_owned();
        }
        Ok(Err(error)) => answer.error = Some(error.to_string()),
        Err(_elapsed) => answer.error = Some(format!("no answer within {} s", CALLBACK_TIMEOUT.as_secs())),
    }
    let accepted = answer.status == Some(StatusCode::OK.as_u16());
    if !accepted {
        tracing::warn!(
            url = answer.url,
            status = answer.status,
            error = answer.error,
            "a callback of an app did not answer 200"
        );
    }
    answer
}
