//! `/oauth/access_token` — both logins answer here; the host decides, else whose id the client's is.

use axum::extract::{Request, State};
use axum::response::Response;
use http::Method;
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::oauth::OAuthError;

use super::answer::{Answered, Refusal, TokenRequest, read};
use super::client::{Client, flow_of};
use super::{exchange_code, facebook_tokens};
use crate::http::App;
use crate::http::graph::login_of_request;
use crate::store::{StoreError, apps};

/// Answers the call.
pub(super) async fn access_token(State(app): State<App>, request: Request) -> Response {
    let host = login_of_request(&request);
    let request = match read(request).await {
        Ok(request) => request,
        Err(refusal) => {
            return Answered {
                outcome: Err(match (host, refusal) {
                    (Some(LoginFlow::Instagram), Refusal::Graph(refusal)) => {
                        Refusal::flat(OAuthError::new("Invalid request body"), refusal.why)
                    }
                    (_, refusal) => refusal,
                }),
                app: None,
                account: None,
            }
            .write(&app, LoginFlow::Facebook);
        }
    };
    let client = Client::of(&request.parts, &request.parameters);
    let flow = match flow(&app, &request, &client).await {
        Ok(flow) => flow,
        Err(error) => {
            return Answered {
                outcome: Err(error.into()),
                app: None,
                account: None,
            }
            .write(&app, LoginFlow::Facebook);
        }
    };
    let answered = match flow {
        LoginFlow::Instagram if request.parts.method != Method::POST => Answered {
            outcome: Err(Refusal::flat(
                OAuthError::new("Unsupported request method"),
                "the Instagram login's code exchange is POST api.instagram.com/oauth/access_token with form fields",
            )),
            app: None,
            account: None,
        },
        LoginFlow::Instagram => exchange_code::instagram(&app, &request, client).await,
        LoginFlow::Facebook => facebook_tokens::answer(&app, &request, client).await,
    };
    answered.write(&app, flow)
}

async fn flow(app: &App, request: &TokenRequest, client: &Client) -> Result<LoginFlow, StoreError> {
    if let Some(flow) = request.host {
        return Ok(flow);
    }
    let by_method = if request.parts.method == Method::POST {
        LoginFlow::Instagram
    } else {
        LoginFlow::Facebook
    };
    let Some(id) = client.id.clone() else {
        return Ok(by_method);
    };
    let wanted = id.clone();
    let found = app
        .world
        .store
        .read(move |connection| apps::by_any_id(connection, &wanted))
        .await?;
    Ok(found.and_then(|found| flow_of(&found, &id)).unwrap_or(by_method))
}
