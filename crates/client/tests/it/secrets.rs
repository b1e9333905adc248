//! Tokens and secrets stay out of what can be printed.

use selfsame_client::{AppCredentials, BaseUrls, Caller, GraphClient, Outcome, Transport};
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::ids::{CommentId, IgScopedId};
use selfsame_wire::secret::{AccessToken, AppSecret};
use selfsame_wire::send::OutgoingMessage;

const MARKER: &str = "marker-7353";

#[tokio::test]
async fn no_token_shows_in_debug_output_or_failures() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = GraphClient::new(Transport::network(), BaseUrls::new(&base, &base).unwrap());
    let caller = Caller {
        flow: LoginFlow::Instagram,
        token: AccessToken::new(MARKER),
    };
    let app = AppCredentials {
        client_id: "1".to_owned(),
        client_secret: AppSecret::new(MARKER),
    };
    let message = OutgoingMessage::Text {
        text: "Hello".to_owned(),
    };
    let outcome = client.send_to_self(&caller, &IgScopedId::new("81"), &message).await;
    assert!(matches!(outcome, Outcome::NotSent { .. }));
    let reply = client.reply_to_comment(&caller, &CommentId::new("1"), "x").await;
    let exchanged = client
        .exchange_long_lived(&app, &AccessToken::new(MARKER))
        .await
        .unwrap_err();
    let refreshed = client.refresh_token(&AccessToken::new(MARKER)).await.unwrap_err();
    let shown = format!("{caller:?} {app:?} {client:?} {outcome:?} {reply:?} {exchanged:?} {exchanged} {refreshed:?}");
    assert!(!shown.contains(MARKER), "{shown}");
}
