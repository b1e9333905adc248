//! Whole logins by the crate `oauth2`, which fails where it fails against Meta.

use axum::body::Body;
use http::Request;
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicTokenResponse};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    PkceCodeChallenge, RedirectUrl, RequestTokenError, Scope, TokenResponse as _, TokenUrl,
};
use serde_json::{Value, json};

use crate::house::House;
use crate::oauth::login::{REDIRECT, app, code_of, open, redirect_of, text};

type Answer = Result<BasicTokenResponse, RequestTokenError<http::Error, BasicErrorResponse>>;

const HERE: &str = "http://localhost:7353";

/// What differs between the two logins.
struct Login {
    id: &'static str,
    secret: &'static str,
    dialog: &'static str,
    scopes: [&'static str; 2],
}

const INSTAGRAM: Login = Login {
    id: "instagram_app_id",
    secret: "instagram_app_secret",
    dialog: "/oauth/authorize",
    scopes: ["instagram_business_basic", "instagram_business_manage_messages"],
};
const FACEBOOK: Login = Login {
    id: "meta_app_id",
    secret: "meta_app_secret",
    dialog: "/v25.0/dialog/oauth",
    scopes: ["instagram_basic", "pages_show_list"],
};

/// From the dialog to the token, with PKCE.
async fn log_in(house: &House, app: &Value, login: &Login, auth_type: AuthType) -> Answer {
    let token_url = match login.dialog.strip_suffix("/dialog/oauth") {
        Some(version) => format!("{HERE}{version}/oauth/access_token"),
        None => format!("{HERE}/oauth/access_token"),
    };
    let client = BasicClient::new(ClientId::new(text(app, login.id).to_owned()))
        .set_client_secret(ClientSecret::new(text(app, login.secret).to_owned()))
        .set_auth_uri(AuthUrl::new(format!("{HERE}{}", login.dialog)).unwrap())
        .set_token_uri(TokenUrl::new(token_url).unwrap())
        .set_redirect_uri(RedirectUrl::new(REDIRECT.to_owned()).unwrap())
        .set_auth_type(auth_type);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (dialog, state) = client
        .authorize_url(CsrfToken::new_random)
        .add_scopes(login.scopes.map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    let path = dialog.as_str().strip_prefix(HERE).unwrap();
    let callback = redirect_of(house, path).await;
    assert!(callback.contains(&format!("state={}", state.secret())), "{callback}");
    let http = |request: HttpRequest| async move {
        let answer = house.send(request.map(Body::from)).await;
        let mut response = HttpResponse::new(answer.body.to_vec());
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok::<_, http::Error>(response)
    };
    client
        .exchange_code(AuthorizationCode::new(code_of(&callback)))
        .set_pkce_verifier(verifier)
        .request_async(&http)
        .await
}

/// What could not be read.
fn complaint(answer: Answer) -> String {
    match answer {
        Err(RequestTokenError::Parse(error, _body)) => error.to_string(),
        other => panic!("no complaint about the answer: {other:?}"),
    }
}

#[tokio::test]
async fn the_instagram_answer_fails_for_lack_of_token_type_as_at_meta_until_the_switch_adds_it() {
    let house = open().await;
    let app = app(&house).await;
    let log_in = || log_in(&house, &app, &INSTAGRAM, AuthType::RequestBody);
    let switch = |name: &'static str, value: Value| {
        let house = &house;
        async move { house.ok("PUT", "/_sim/switches", &json!({ name: value })).await }
    };

    assert!(
        complaint(log_in().await).contains("missing field `access_token`"),
        "it is in `data`"
    );

    switch("oauth.token_shape", json!("flat")).await;
    let complaint = complaint(log_in().await);
    assert!(complaint.contains("missing field `token_type`"), "{complaint}");

    switch("oauth.token_type_in_code_exchange", json!(true)).await;
    let token = log_in().await.unwrap();
    assert_eq!(token.expires_in().unwrap().as_secs(), 3600);
    let me = format!(
        "/v25.0/me?fields=username&access_token={}",
        token.access_token().secret()
    );
    assert_eq!(house.get(&me).await["username"], "luna.coffee");
}

#[tokio::test]
async fn the_facebook_answer_is_read_with_the_secret_in_the_form_and_by_basic() {
    let house = open().await;
    let app = app(&house).await;
    for auth_type in [AuthType::RequestBody, AuthType::BasicAuth] {
        let token = log_in(&house, &app, &FACEBOOK, auth_type).await.unwrap();
        assert_eq!(token.token_type().as_ref(), "bearer");
        let request = Request::get("/v25.0/me/accounts")
            .header("host", "localhost:7353")
            .header("authorization", format!("Bearer {}", token.access_token().secret()));
        let pages = house.send(request.body(Body::empty()).unwrap()).await.json();
        assert!(pages["data"][0]["access_token"].is_string(), "{pages}");
    }
}
