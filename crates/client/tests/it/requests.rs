//! What is asked, to the letter, and how answers are read.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use selfsame_client::transport::{Exchange, ExchangeFuture};
use selfsame_client::{
    AppCredentials, BaseUrls, CallFailure, Caller, CodeExchange, GraphClient, Outcome, PassedBody, PassedOn, Transport,
    Usage,
};
use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::ErrorClass;
use selfsame_wire::ids::{CommentId, ConversationId, IgScopedId, IgUserId, MediaId, MessageId, ParticipantId};
use selfsame_wire::secret::{AccessToken, AppSecret};
use selfsame_wire::send::{Outgoing, OutgoingMessage, PersonRecipient, SenderAction};

/// Answers from a list and writes down what was asked.
#[derive(Clone, Default)]
struct Script {
    asked: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
}

impl Script {
    fn answering(answers: &[(u16, &str)]) -> Self {
        let script = Self::default();
        script
            .answers
            .lock()
            .unwrap()
            .extend(answers.iter().map(|(status, body)| (*status, (*body).to_owned())));
        script
    }

    fn client(&self) -> GraphClient {
        let urls = BaseUrls::new("https://graph.instagram.com", "https://graph.facebook.com").unwrap();
        GraphClient::new(Transport::new(self.clone()), urls)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Exchange for Script {
    fn exchange(&self, request: Request<Bytes>) -> ExchangeFuture<'_> {
        let authorization = request
            .headers()
            .get("authorization")
            .map(|value| format!(" [{}]", value.to_str().unwrap()))
            .unwrap_or_default();
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        let line = format!("{} {}{authorization} {body}", request.method(), request.uri());
        self.asked.lock().unwrap().push(line.trim_end().to_owned());
        let (status, body) = self.answers.lock().unwrap().pop_front().unwrap();
        Box::pin(async move { Ok(Response::builder().status(status).body(Bytes::from(body)).unwrap()) })
    }
}

fn instagram() -> Caller {
    Caller {
        flow: LoginFlow::Instagram,
        token: AccessToken::new("IGAAtoken"),
    }
}

fn facebook() -> Caller {
    Caller {
        flow: LoginFlow::Facebook,
        token: AccessToken::new("EAAtoken"),
    }
}

fn hello() -> OutgoingMessage {
    OutgoingMessage::Text {
        text: "Hello".to_owned(),
    }
}

#[tokio::test]
async fn a_self_message_goes_by_the_documented_path_form() {
    let script = Script::answering(&[(200, r#"{"id":"mid-1"}"#)]);
    let outcome = script
        .client()
        .send_to_self(&instagram(), &IgScopedId::new("81"), &hello())
        .await;
    assert_eq!(
        outcome,
        Outcome::Sent {
            id: MessageId::new("mid-1"),
            date: None,
            usage: Usage::default(),
        }
    );
    assert_eq!(
        script.asked(),
        [r#"POST https://graph.instagram.com/v25.0/81/messages [Bearer IGAAtoken] {"message":{"text":"Hello"}}"#]
    );
}

#[tokio::test]
async fn the_standard_form_names_the_recipient_and_uses_the_host_of_the_token() {
    let script = Script::answering(&[(200, r#"{"recipient_id":"15","message_id":"mid-2"}"#)]);
    let outgoing = Outgoing::ToPerson {
        to: PersonRecipient::Person(IgScopedId::new("15")),
        message: hello(),
        quick_replies: vec![],
    };
    let outcome = script.client().send_message(&facebook(), &outgoing).await;
    assert_eq!(
        outcome,
        Outcome::Sent {
            id: MessageId::new("mid-2"),
            date: None,
            usage: Usage::default(),
        }
    );
    assert_eq!(
        script.asked(),
        [
            r#"POST https://graph.facebook.com/v25.0/me/messages [Bearer EAAtoken] {"recipient":{"id":"15"},"message":{"text":"Hello"}}"#
        ]
    );
}

#[tokio::test]
async fn an_action_is_sent_and_its_refusal_is_read() {
    let script = Script::answering(&[
        (200, r#"{"recipient_id":"15"}"#),
        (
            400,
            r#"{"error":{"message":"x","type":"IGApiException","code":613,"fbtrace_id":"A"}}"#,
        ),
    ]);
    let (client, to) = (script.client(), IgScopedId::new("15"));
    client
        .send_action(&instagram(), &to, &SenderAction::TypingOn)
        .await
        .unwrap();
    let failure = client
        .send_action(&instagram(), &to, &SenderAction::MarkSeen)
        .await
        .unwrap_err();
    assert_eq!(failure.class(), ErrorClass::Retry);
    assert_eq!(
        script.asked()[0],
        r#"POST https://graph.instagram.com/v25.0/me/messages [Bearer IGAAtoken] {"recipient":{"id":"15"},"sender_action":"typing_on"}"#
    );
}

#[tokio::test]
async fn a_public_reply_is_a_form() {
    let script = Script::answering(&[(200, r#"{"id":"179"}"#)]);
    let outcome = script
        .client()
        .reply_to_comment(&instagram(), &CommentId::new("178"), "sent & done ✓")
        .await;
    assert_eq!(
        outcome,
        Outcome::Sent {
            id: CommentId::new("179"),
            date: None,
            usage: Usage::default(),
        }
    );
    assert_eq!(
        script.asked(),
        ["POST https://graph.instagram.com/v25.0/178/replies [Bearer IGAAtoken] message=sent+%26+done+%E2%9C%93"]
    );
}

#[tokio::test]
async fn a_profile_is_read_flat_and_wrapped() {
    let flat = r#"{"user_id":17841400000000003,"username":"luna","id":"256"}"#;
    let wrapped = format!(r#"{{"data":[{flat}]}}"#);
    let script = Script::answering(&[(200, flat), (200, &wrapped)]);
    let client = script.client();
    let first = client.get_instagram_profile(&instagram()).await.unwrap();
    assert_eq!(first.ig_user_id, IgUserId::new("17841400000000003"));
    assert_eq!(first.username, "luna");
    assert_eq!(client.get_instagram_profile(&instagram()).await.unwrap(), first);
}

#[tokio::test]
async fn pages_are_listed_to_the_end() {
    let first = r#"{"data":[{"id":"1","name":"A","access_token":"EAApage","tasks":["MESSAGING"],"instagram_business_account":{"id":"178"}}],"paging":{"cursors":{"before":"b","after":"cur"},"next":"https://x"}}"#;
    let second = r#"{"data":[{"id":"2","access_token":"EAAother"}],"paging":{"cursors":{"after":"end"}}}"#;
    let script = Script::answering(&[(200, first), (200, second)]);
    let pages = script.client().list_pages(&facebook()).await.unwrap();
    assert_eq!(pages.len(), 2);
    assert_eq!(pages[0].ig_user_id, Some(IgUserId::new("178")));
    assert_eq!(pages[0].access_token.expose(), "EAApage");
    assert_eq!(pages[0].tasks, ["MESSAGING"]);
    assert_eq!(pages[1].ig_user_id, None);
    assert!(script.asked()[1].contains("after=cur"));
}

#[tokio::test]
async fn a_page_tells_its_instagram_account() {
    let script = Script::answering(&[(
        200,
        r#"{"id":"9","name":"Luna","instagram_business_account":{"id":"178","username":"luna"}}"#,
    )]);
    let page = script.client().get_page_profile(&facebook()).await.unwrap();
    assert_eq!(page.page_id.as_str(), "9");
    assert_eq!(page.ig_user_id, Some(IgUserId::new("178")));
    assert_eq!(page.username.as_deref(), Some("luna"));
}

#[tokio::test]
async fn a_subscription_succeeds_only_when_graph_says_so() {
    let script = Script::answering(&[
        (200, r#"{"success":"true"}"#),
        (200, r#"{"success":false}"#),
        (200, r#"{"success":true}"#),
    ]);
    let client = script.client();
    client.subscribe(&instagram(), &["messages", "comments"]).await.unwrap();
    assert!(matches!(
        client.subscribe(&instagram(), &["messages"]).await,
        Err(CallFailure::Unreadable { status: 200, .. })
    ));
    client.unsubscribe(&instagram()).await.unwrap();
    let asked = script.asked();
    assert_eq!(
        asked[0],
        "POST https://graph.instagram.com/v25.0/me/subscribed_apps?subscribed_fields=messages%2Ccomments [Bearer IGAAtoken]"
    );
    assert!(asked[2].starts_with("DELETE "));
}

#[tokio::test]
async fn an_in_doubt_send_can_be_looked_up() {
    let script = Script::answering(&[
        (200, r#"{"data":[{"id":"conv/1"}]}"#),
        (
            200,
            r#"{"messages":{"data":[{"id":"m","created_time":"2017-08-31T19:16:02+0000","from":{"username":"luna","id":"178"},"to":{"data":[{"username":"sam","id":"15"}]},"message":"Hello"},{"id":"n","from":null,"message":null}]},"id":"conv/1"}"#,
        ),
        (200, r#"{"data":[]}"#),
    ]);
    let (client, person) = (script.client(), IgScopedId::new("15"));
    let found = client.find_conversation(&instagram(), &person).await.unwrap();
    assert_eq!(found, Some(ConversationId::new("conv/1")));
    let messages = client.list_messages(&instagram(), &found.unwrap()).await.unwrap();
    assert_eq!(messages[0].mid, MessageId::new("m"));
    assert_eq!(messages[0].from, Some(ParticipantId::new("178")));
    assert_eq!(messages[0].to, Some(ParticipantId::new("15")));
    assert_eq!(messages[0].created_at.unwrap().as_second(), 1_504_206_962);
    assert_eq!((&messages[1].text, &messages[1].to), (&None, &None));
    assert_eq!(client.find_conversation(&instagram(), &person).await.unwrap(), None);
    assert!(script.asked()[1].contains("/v25.0/conv%2F1?fields=messages"));
}

#[tokio::test]
async fn a_mention_is_answered_under_the_comment_or_under_the_post() {
    let script = Script::answering(&[(200, r#"{"id":"9"}"#), (200, r#"{"id":"10"}"#)]);
    let client = script.client();
    let (account, media) = (IgUserId::new("17"), MediaId::new("m"));
    for comment in [Some(CommentId::new("c")), None] {
        let answered = client
            .reply_to_mention(&instagram(), &account, &media, comment.as_ref(), "thanks")
            .await;
        assert!(matches!(answered, Outcome::Sent { .. }), "{answered:?}");
    }
    let asked = script.asked();
    assert!(
        asked[0].contains("/17/mentions") && asked[0].contains("comment_id=c"),
        "{asked:?}"
    );
    assert!(
        asked[1].contains("media_id=m&message=thanks") && !asked[1].contains("comment_id"),
        "{asked:?}"
    );
}

#[tokio::test]
async fn comments_of_a_post_come_with_their_first_replies() {
    let script = Script::answering(&[(
        200,
        r#"{"data":[{"id":"1","text":"price?","from":{"id":"15","username":"sam"},"replies":{"data":[{"id":"2","text":"3.50","from":{"id":"178","username":"luna"}}],"paging":{"cursors":{"after":"x"},"next":"http://h"}}},{"id":"3"}]}"#,
    )]);
    let comments = script
        .client()
        .list_comments(&instagram(), &MediaId::new("m"))
        .await
        .unwrap();
    assert_eq!(comments[0].replies[0].id, CommentId::new("2"));
    assert_eq!(comments[0].replies[0].username.as_deref(), Some("luna"));
    assert!(comments[0].has_more_replies);
    assert!(comments[1].replies.is_empty() && !comments[1].has_more_replies);
}

#[tokio::test]
async fn replies_of_a_comment_are_listed() {
    let script = Script::answering(&[(
        200,
        r#"{"data":[{"id":"179","text":"sent","timestamp":"2017-08-31T19:16:02+0000","username":"luna","from":{"id":"178"}}]}"#,
    )]);
    let replies = script
        .client()
        .list_comment_replies(&instagram(), &CommentId::new("178"))
        .await
        .unwrap();
    assert_eq!(replies[0].id, CommentId::new("179"));
    assert_eq!(replies[0].from, Some(ParticipantId::new("178")));
}

#[tokio::test]
async fn a_person_is_looked_up_and_a_refusal_is_permanent() {
    let script = Script::answering(&[
        (200, r#"{"name":null,"username":"sam","id":"15"}"#),
        (
            400,
            r#"{"error":{"message":"User consent is required to access user profile","type":"IGApiException","code":230}}"#,
        ),
    ]);
    let (client, person) = (script.client(), IgScopedId::new("15"));
    let profile = client.get_person_profile(&instagram(), &person).await.unwrap();
    assert_eq!((profile.name, profile.username.as_deref()), (None, Some("sam")));
    let failure = client.get_person_profile(&instagram(), &person).await.unwrap_err();
    assert_eq!(failure.class(), ErrorClass::Permanent);
    assert_eq!(failure.graph_error().unwrap().code, 230);
}

#[tokio::test]
async fn the_instagram_login_is_walked_to_a_long_lived_token() {
    let script = Script::answering(&[
        (
            200,
            r#"{"data":[{"access_token":"IGAAshort","user_id":"1020","permissions":"a,b"}]}"#,
        ),
        (
            200,
            r#"{"access_token":"IGAAlong","token_type":"bearer","expires_in":5183944}"#,
        ),
        (
            200,
            r#"{"access_token":"IGAAlong","token_type":"bearer","expires_in":5184000}"#,
        ),
    ]);
    let client = script.client();
    let app = AppCredentials {
        client_id: "990".to_owned(),
        client_secret: AppSecret::new("shh"),
    };
    let exchange = CodeExchange {
        code: "AQcode#_",
        redirect_uri: "https://bot/cb?x=1",
    };
    let short = client.exchange_code(&app, exchange).await.unwrap();
    assert_eq!(short.permissions, ["a", "b"]);
    let short = AccessToken::new(short.access_token);
    let long = client.exchange_long_lived(&app, &short).await.unwrap();
    assert_eq!(long.expires_in_s, Some(5_183_944));
    client
        .refresh_token(&AccessToken::new(long.access_token))
        .await
        .unwrap();
    assert_eq!(
        script.asked(),
        [
            "POST https://api.instagram.com/oauth/access_token client_id=990&client_secret=shh&grant_type=authorization_code&redirect_uri=https%3A%2F%2Fbot%2Fcb%3Fx%3D1&code=AQcode",
            "GET https://graph.instagram.com/access_token?grant_type=ig_exchange_token&client_secret=shh&access_token=IGAAshort",
            "GET https://graph.instagram.com/refresh_access_token?grant_type=ig_refresh_token&access_token=IGAAlong",
        ]
    );
}

#[tokio::test]
async fn the_facebook_login_is_walked_to_a_long_lived_token() {
    let script = Script::answering(&[
        (200, r#"{"access_token":"EAAshort","token_type":"bearer"}"#),
        (
            200,
            r#"{"access_token":"EAAlong","token_type":"bearer","expires_in":5183944}"#,
        ),
    ]);
    let client = script.client();
    let app = AppCredentials {
        client_id: "880".to_owned(),
        client_secret: AppSecret::new("shh"),
    };
    let exchange = CodeExchange {
        code: "AQcode#_=_",
        redirect_uri: "https://bot/cb",
    };
    let short = client.exchange_facebook_code(&app, exchange).await.unwrap();
    assert_eq!(short.expires_in_s, None);
    client
        .exchange_facebook_long_lived(&app, &AccessToken::new(short.access_token))
        .await
        .unwrap();
    assert_eq!(
        script.asked(),
        [
            "GET https://graph.facebook.com/v25.0/oauth/access_token?client_id=880&client_secret=shh&redirect_uri=https%3A%2F%2Fbot%2Fcb&code=AQcode",
            "GET https://graph.facebook.com/v25.0/oauth/access_token?grant_type=fb_exchange_token&client_id=880&client_secret=shh&fb_exchange_token=EAAshort",
        ]
    );
}

#[tokio::test]
async fn both_error_bodies_of_the_token_endpoint_are_read() {
    let script = Script::answering(&[
        (
            400,
            r#"{"error_type":"OAuthException","code":400,"error_message":"Matching code was not found or was already used"}"#,
        ),
        (400, r#"{"error":{"message":"x","type":"OAuthException","code":190}}"#),
    ]);
    let client = script.client();
    let app = AppCredentials {
        client_id: "1".to_owned(),
        client_secret: AppSecret::new("s"),
    };
    let exchange = CodeExchange {
        code: "c",
        redirect_uri: "https://bot/cb",
    };
    assert!(matches!(
        client.exchange_code(&app, exchange).await,
        Err(CallFailure::OAuth(_))
    ));
    let failure = client.exchange_code(&app, exchange).await.unwrap_err();
    assert_eq!(failure.class(), ErrorClass::Reauth);
}

fn with_secrets(script: &Script) -> GraphClient {
    script
        .client()
        .with_app_secrets(AppSecret::new("ig-secret"), AppSecret::new("fb-secret"))
}

#[tokio::test]
async fn every_call_with_a_token_carries_its_proof_by_the_secret_of_its_flow() {
    let script = Script::answering(&[(200, "{}"), (200, "{}"), (200, "{}"), (200, "{}")]);
    let client = with_secrets(&script);
    let text = hello();
    drop(client.send_to_self(&instagram(), &IgScopedId::new("81"), &text).await);
    drop(client.get_page_profile(&facebook()).await);
    drop(client.refresh_token(&AccessToken::new("IGAAtoken")).await);
    let app = AppCredentials {
        client_id: "1".to_owned(),
        client_secret: AppSecret::new("fb-secret"),
    };
    drop(client.debug_token(&app, &AccessToken::new("EAAtoken")).await);
    let proof = |secret: &str, token: &str| {
        let proof = selfsame_wire::signature::appsecret_proof(&AppSecret::new(secret), token);
        format!("appsecret_proof={proof}")
    };
    let asked = script.asked();
    assert!(asked[0].contains(&proof("ig-secret", "IGAAtoken")), "{asked:?}");
    assert!(asked[1].contains(&proof("fb-secret", "EAAtoken")), "{asked:?}");
    assert!(asked[2].contains(&proof("ig-secret", "IGAAtoken")), "{asked:?}");
    assert!(
        !asked[3].contains("appsecret_proof"),
        "the app's own token needs none: {asked:?}"
    );
}

#[tokio::test]
async fn a_token_of_another_app_is_used_without_a_proof_once_its_proof_was_refused() {
    let refused = r#"{"error":{"message":"Invalid appsecret_proof provided in the API argument","type":"GraphMethodException","code":100}}"#;
    let sent = r#"{"id":"mid-1"}"#;
    let script = Script::answering(&[(400, refused), (200, sent), (200, sent), (200, sent)]);
    let client = with_secrets(&script);
    for _ in 0..2 {
        let outcome = client
            .send_to_self(&instagram(), &IgScopedId::new("81"), &hello())
            .await;
        assert!(matches!(outcome, Outcome::Sent { .. }), "{outcome:?}");
    }
    let other = Caller {
        token: AccessToken::new("IGAAother"),
        ..instagram()
    };
    drop(client.send_to_self(&other, &IgScopedId::new("81"), &hello()).await);
    let proven: Vec<bool> = script
        .asked()
        .iter()
        .map(|line| line.contains("appsecret_proof"))
        .collect();
    assert_eq!(proven, [true, false, false, true], "other tokens keep their proof");
}

#[tokio::test]
async fn what_is_passed_on_stays_on_the_host_of_the_token_below_its_version() {
    let script = Script::answering(&[(200, "{}"), (200, "{}")]);
    let client = script.client();
    let call = |segments, query, body| PassedOn {
        method: http::Method::POST,
        version: "v24.0",
        segments,
        query,
        body,
    };
    let segments = ["../../_sim", "a?b#c", "@evil.example", "messages\r\nx: y"];
    drop(
        client
            .pass_on(
                &instagram(),
                call(&segments, &[("fields", "a&b=c")], PassedBody::Form(&[("hide", "true")])),
            )
            .await,
    );
    assert_eq!(
        script.asked()[0],
        "POST https://graph.instagram.com/v24.0/..%2F..%2F_sim/a%3Fb%23c/@evil.example/messagesx:%20y?fields=a%26b%3Dc [Bearer IGAAtoken] hide=true"
    );
}
