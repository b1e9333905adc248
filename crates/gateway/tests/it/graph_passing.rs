//! What goes through `/graph` to Instagram and back: reads, uploads, changes of comments and of the profile. With the account's
//! own token, which nobody sees; on no other account, host or surface, whatever the caller writes.

use axum::body::Body;
use axum::http::{HeaderName, Method, Request, StatusCode};
use selfsame_client::transport::TransportError;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::appsecret_proof;
use serde_json::{Value, json};

use crate::business::{Answer, Business};
use crate::graph::{IG_ID, MARKER, SAM, SELF_IGSID};
use crate::open::{INSTAGRAM_SECRET, META_SECRET};

const NOTHING: &str = "automations: []\n";
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

async fn business() -> (Business, String) {
    let mut business = Business::connected(NOTHING).await;
    business.owner_writes("opens the self thread").await;
    let key = business.engine_key().await;
    business.graph.take_calls();
    (business, key)
}

/// A call with its key as Bearer.
async fn call(business: &Business, key: &str, method: Method, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "gateway.example")
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", kind)
        .body(body.into())
        .unwrap();
    business.while_sending(request).await
}

async fn get(business: &Business, key: &str, path: &str) -> Answer {
    call(business, key, Method::GET, path, JSON, "").await
}

fn code(answer: &Answer) -> (u16, i64, i64) {
    let error = answer.json()["error"].clone();
    (
        answer.status.as_u16(),
        error["code"].as_i64().unwrap_or_else(|| panic!("{}", answer.text)),
        error["error_subcode"].as_i64().unwrap_or_default(),
    )
}

/// Method, path and query (without the proof), and body of the calls that reached Instagram.
fn reached(business: &Business) -> Vec<String> {
    let told = business.graph.take_calls().into_iter().map(|call| {
        let token = call.headers()["authorization"].to_str().unwrap().to_owned();
        assert!(token.contains(MARKER), "not by the account's token: {token}");
        let query = call.uri().query().unwrap_or_default();
        let query: Vec<&str> = query
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("appsecret_proof="))
            .collect();
        assert!(!query.iter().any(|pair| pair.starts_with("access_token")), "{query:?}");
        let body = String::from_utf8_lossy(call.body()).into_owned();
        let told = format!("{} {}?{} {body}", call.method(), call.uri().path(), query.join("&"));
        told.replace("? ", " ").trim_end().to_owned()
    });
    told.collect()
}

#[tokio::test]
async fn a_read_goes_on_with_the_accounts_own_token_and_comes_back_as_instagram_answers() {
    let (business, key) = business().await;
    let page = json!({"data": [{"id": "t1", "updated_time": "2026-11-25T10:00:00+0000"}]});
    business.graph.tell("/me/conversations", 200, page.clone());
    business.graph.tell_headers(&[
        ("x-business-use-case-usage", r#"{"1":[]}"#),
        ("instagram-api-version", "v25.0"),
        ("set-cookie", "a=b"),
        ("x-leak", "IGAATOKENMARKER"),
    ]);
    let answer = get(
        &business,
        &key,
        "/graph/v25.0/me/conversations?platform=instagram&fields=id,updated_time",
    )
    .await;
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, page));
    assert_eq!(answer.header("x-business-use-case-usage"), r#"{"1":[]}"#);
    assert_eq!(answer.header("instagram-api-version"), "v25.0");
    assert_eq!(answer.header("set-cookie"), "", "only what a client of Graph reads");
    assert_eq!(
        reached(&business),
        ["GET /v25.0/me/conversations?platform=instagram&fields=id%2Cupdated_time"]
    );
}

#[tokio::test]
async fn every_kind_of_read_a_bot_makes_is_served_in_every_version_and_none() {
    let (business, key) = business().await;
    for (asked, called) in [
        ("/graph/v24.0/me", "/v24.0/me"),
        ("/graph/me/", "/v21.0/me"),
        (&format!("/graph/v25.0/{SAM}"), &format!("/v25.0/{SAM}")),
        (&format!("/graph/v25.0/{IG_ID}/media"), &format!("/v25.0/{IG_ID}/media")),
        ("/graph/v25.0/178/comments", "/v25.0/178/comments"),
        ("/graph/v25.0/17900/replies", "/v25.0/17900/replies"),
        ("/graph/v25.0/aWdfZAG06MTpJ/messages", "/v25.0/aWdfZAG06MTpJ/messages"),
        ("/graph/v25.0/me/messenger_profile", "/v25.0/me/messenger_profile"),
        ("/graph/v25.0/me/subscribed_apps", "/v25.0/me/subscribed_apps"),
    ] {
        let answer = get(&business, &key, asked).await;
        assert_eq!(answer.status, StatusCode::OK, "{asked}: {}", answer.text);
        assert_eq!(reached(&business), [format!("GET {called}")], "{asked}");
    }
    let meant = call(
        &business,
        &key,
        Method::POST,
        "/graph/v25.0/me?method=get&fields=id",
        FORM,
        "",
    )
    .await;
    assert_eq!(meant.status, StatusCode::OK, "{}", meant.text);
    assert_eq!(reached(&business), ["GET /v25.0/me?fields=id"]);
}

#[tokio::test]
async fn the_next_page_is_at_the_gateway_under_the_key_that_the_caller_used() {
    let (business, key) = business().await;
    let next = format!("http://instagram.test/v25.0/{IG_ID}/media?access_token=IGAA{MARKER}&limit=1&after=x");
    business.graph.tell(
        &format!("/{IG_ID}/media"),
        200,
        json!({"data": [], "paging": {"next": next}}),
    );
    let with_parameter = business
        .get(&format!("/graph/v25.0/{IG_ID}/media?limit=1&access_token={key}"))
        .await
        .json();
    let told = with_parameter["paging"]["next"].as_str().unwrap().to_owned();
    assert_eq!(
        told,
        format!("http://localhost:7354/graph/v25.0/{IG_ID}/media?access_token={key}&limit=1&after=x")
    );
    business.graph.take_calls();
    business.get(told.trim_start_matches("http://localhost:7354")).await;
    assert_eq!(
        reached(&business),
        [format!("GET /v25.0/{IG_ID}/media?limit=1&after=x")]
    );
    let with_header = get(&business, &key, &format!("/graph/v25.0/{IG_ID}/media"))
        .await
        .json();
    let told = with_header["paging"]["next"].as_str().unwrap();
    assert!(!told.contains(&key), "a key from a header stands in no address: {told}");
}

#[tokio::test]
async fn the_accounts_token_is_shown_to_nobody_however_it_is_asked_for() {
    // `Business::request` looks for the marker in every answer and header.
    let (business, key) = business().await;
    let shown = json!({"id": "1", "access_token": format!("IGAA{MARKER}"), "note": format!("see IGAA{MARKER}.")});
    business.graph.tell("/me", 200, shown);
    let answer = get(&business, &key, "/graph/v25.0/me?fields=id").await;
    assert_eq!(
        answer.json(),
        json!({"id": "1", "access_token": "hidden", "note": "see hidden."})
    );
    business.graph.take_calls();
    for path in [
        "/graph/v25.0/me?fields=id,access_token",
        "/graph/v25.0/me?fields=accounts%7BACCESS_TOKEN%7D",
        "/graph/v25.0/me?fields[]=access_token",
        "/graph/v25.0/me/accounts",
        "/graph/v25.0/me/permissions",
        "/graph/v25.0/debug_token?input_token=x",
        "/graph/access_token?grant_type=ig_exchange_token",
        "/graph/refresh_access_token?grant_type=ig_refresh_token",
        "/graph/v25.0/oauth/access_token?grant_type=fb_exchange_token",
    ] {
        let answer = get(&business, &key, path).await;
        assert_eq!(code(&answer).1, 100, "{path}: {}", answer.text);
        assert!(!answer.header("x-selfsame-why").is_empty(), "{path}");
    }
    assert_eq!(reached(&business), Vec::<String>::new());
}

#[tokio::test]
async fn no_path_query_or_header_leads_to_another_host_surface_or_account() {
    let (business, key) = business().await;
    let other = json!({"flow": "facebook", "access_token": format!("EAA{MARKER}USER"), "page_id": "9002"});
    let connected = business.post("/api/v1/accounts", &other).await;
    assert_eq!(connected.status, StatusCode::CREATED, "{}", connected.text);
    business.graph.take_calls();
    for path in [
        "/graph/v25.0/..%2F..%2F_sim%2Fworld",
        "/graph/v25.0/%2e%2e/_sim/world",
        "/graph/v25.0/_sim/world",
        "/graph/_sim/world",
        "/graph/v25.0/me/..%2F..%2F_sim",
        "/graph/v25.0/me%3Ffields=access_token",
        "/graph/v25.0/17%23x",
        "/graph/v25.0/http:%2F%2F127.0.0.1:1",
        "/graph/v25.0/@evil.example1",
        "/graph/v25.0/17%0D%0Ax-evil:1",
        "/graph/v25.0/17/media%0D%0Ax-evil:1",
        "/graph/v25.0/17/media/extra",
        "/graph/v25.0%0D%0Ax:1/me",
        // Another connected account, by any of its ids.
        "/graph/v25.0/17841400000000009",
        "/graph/v25.0/9002/conversations",
        "/graph/v25.0/17841400000000009/media",
    ] {
        let answer = get(&business, &key, path).await;
        assert_eq!(code(&answer).1, 100, "{path}: {}", answer.text);
    }
    for (method, path) in [
        (Method::POST, "/graph/v25.0/me/subscribed_apps"),
        (Method::DELETE, "/graph/v25.0/me/subscribed_apps"),
        (Method::DELETE, "/graph/v25.0/me/permissions"),
        (Method::DELETE, "/graph/v25.0/me"),
        (Method::POST, "/graph/v25.0/me"),
        (Method::POST, "/graph/v25.0/178"),
        (Method::POST, "/graph/v25.0/me/media_publish"),
        (Method::PUT, "/graph/v25.0/178"),
        (Method::DELETE, "/graph/v25.0/17841400000000009"),
    ] {
        let answer = call(&business, &key, method.clone(), path, JSON, "").await;
        assert_eq!(code(&answer).1, 100, "{method} {path}: {}", answer.text);
    }
    assert_eq!(reached(&business), Vec::<String>::new());

    let request = Request::get("/graph/v25.0/me?fields=id%0D%0Ax:1&ids=5&callback=f&batch=[]&suppress_http_code=1")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("authorization", format!("Bearer {key}"))
        .header("cookie", "session=1")
        .header("x-evil", "1")
        .body(Body::empty())
        .unwrap();
    business.request(request).await;
    let calls = business.graph.take_calls();
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!(call.uri().host(), Some("instagram.test"));
    let mut names: Vec<&str> = call.headers().keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["accept", "authorization"],
        "nothing of the request's own headers goes on"
    );
    let query = call.uri().query().unwrap();
    assert!(query.starts_with("fields=id%0D%0Ax%3A1&appsecret_proof="), "{query}");
}

#[tokio::test]
async fn instagrams_refusals_come_back_as_they_are_and_a_dead_token_is_marked() {
    let (business, key) = business().await;
    let refused = json!({"error": {"message": "Unsupported get request.", "type": "IGApiException", "code": 100,
        "error_subcode": 33, "fbtrace_id": "Abc"}});
    business.graph.tell("/5", 400, refused.clone());
    let answer = get(&business, &key, "/graph/v25.0/5").await;
    assert_eq!((answer.status, answer.json()), (StatusCode::BAD_REQUEST, refused));
    let dead = json!({"error": {"message": "Error validating access token", "type": "OAuthException", "code": 190,
        "error_subcode": 460}});
    business.graph.tell("/me", 401, dead.clone());
    let answer = get(&business, &key, "/graph/v25.0/me").await;
    assert_eq!((answer.status.as_u16(), answer.json()), (401, dead));
    let account = business.get(&format!("/api/v1/accounts/{IG_ID}")).await;
    assert!(
        account.text.contains("460"),
        "the account's page says why: {}",
        account.text
    );
    assert_eq!(code(&get(&business, &key, "/graph/v25.0/me").await), (400, 190, 467));
}

#[tokio::test]
async fn a_key_of_the_api_reads_with_read_and_does_the_rest_with_send() {
    let (business, _) = business().await;
    let make = async |scopes: Value| {
        let answer = business
            .post("/api/v1/keys", &json!({"name": "bot", "scopes": scopes}))
            .await;
        let made = answer.json();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        (text("id"), text("key"))
    };
    let (id, both) = make(json!(["read", "send"])).await;
    let (_, send) = make(json!(["send"])).await;
    let (_, read) = make(json!(["read"])).await;
    let (_, neither) = make(json!(["accounts"])).await;
    let hi = json!({"recipient": {"id": SAM}, "message": {"text": "hi"}}).to_string();
    let send_by = async |key: &str| {
        call(
            &business,
            key,
            Method::POST,
            "/graph/v25.0/me/messages",
            JSON,
            hi.clone(),
        )
        .await
    };
    for key in [&both, &send] {
        let answer = send_by(key).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    for key in [&both, &read] {
        assert_eq!(get(&business, key, "/graph/v25.0/me").await.status, StatusCode::OK);
    }
    assert_eq!(code(&send_by(&read).await), (403, 10, 0));
    assert_eq!(code(&get(&business, &send, "/graph/v25.0/me").await), (403, 10, 0));
    assert_eq!(code(&get(&business, &neither, "/graph/v25.0/me").await), (403, 10, 0));
    business.send("DELETE", &format!("/api/v1/keys/{id}"), JSON, "").await;
    assert_eq!(code(&send_by(&both).await).1, 190);
    let form = format!("access_token={send}&recipient[id]={SAM}&message[text]=hi");
    let request = Request::post("/graph/v25.0/me/messages")
        .header("host", "gateway.example")
        .header("content-type", FORM)
        .body(Body::from(form))
        .unwrap();
    assert_eq!(business.while_sending(request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_proof_of_a_key_is_checked_when_it_is_given() {
    let (business, key) = business().await;
    let proof = |secret: &str, text: &str| appsecret_proof(&AppSecret::new(secret), text);
    let path = |query: String| format!("/graph/v25.0/me?{query}");
    for query in [
        format!("appsecret_proof={}", proof(INSTAGRAM_SECRET, &key)),
        format!("appsecret_proof={}", proof(META_SECRET, &key)),
        format!(
            "appsecret_time=1789999701&appsecret_proof={}",
            proof(META_SECRET, &format!("{key}|1789999701"))
        ),
    ] {
        let answer = get(&business, &key, &path(query)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
    reached(&business);
    for query in [
        "appsecret_proof=00".to_owned(),
        "appsecret_proof=".to_owned(),
        format!("appsecret_proof={}", proof("another secret", &key)),
        format!("appsecret_proof={}", proof(META_SECRET, "another key")),
        format!(
            "appsecret_time=1790000001&appsecret_proof={}",
            proof(META_SECRET, &format!("{key}|1790000000"))
        ),
        format!(
            "appsecret_time=1789999699&appsecret_proof={}",
            proof(META_SECRET, &format!("{key}|1789999699"))
        ),
        format!(
            "appsecret_time=now&appsecret_proof={}",
            proof(META_SECRET, &format!("{key}|now"))
        ),
    ] {
        let answer = get(&business, &key, &path(query)).await;
        assert_eq!(code(&answer), (400, 100, 0), "{}", answer.text);
        assert!(answer.text.contains("Invalid appsecret_proof"), "{}", answer.text);
    }
    assert_eq!(reached(&business), Vec::<String>::new());
}

#[tokio::test]
async fn comments_are_hidden_and_deleted_and_what_customers_see_is_left_alone_in_preview() {
    let (mut business, key) = business().await;
    business.owner_comments("my own").await;
    business.graph.take_calls();
    let own = "typed-3";
    let hide = async |business: &Business, kind: &str, body: &str| {
        call(business, &key, Method::POST, "/graph/v25.0/178", kind, body.to_owned()).await
    };
    hide(&business, FORM, "hide=true").await;
    hide(&business, JSON, r#"{"hide":false}"#).await;
    hide(&business, FORM, "comment_enabled=false").await;
    call(&business, &key, Method::DELETE, "/graph/v25.0/178", JSON, "").await;
    call(
        &business,
        &key,
        Method::POST,
        "/graph/v25.0/178?method=delete",
        JSON,
        "",
    )
    .await;
    assert_eq!(
        reached(&business),
        [
            "POST /v25.0/178 hide=true",
            "POST /v25.0/178 hide=false",
            "POST /v25.0/178 comment_enabled=false",
            "DELETE /v25.0/178",
            "DELETE /v25.0/178",
        ]
    );
    let account = format!("/api/v1/accounts/{IG_ID}");
    business
        .send("PATCH", &account, JSON, r#"{"mode":"preview_only"}"#)
        .await;
    assert_eq!(code(&hide(&business, FORM, "hide=true").await), (403, 10, 0));
    let ice = json!({"ice_breakers": []}).to_string();
    let profile = call(&business, &key, Method::POST, "/graph/me/messenger_profile", JSON, ice).await;
    assert_eq!(code(&profile), (403, 10, 0));
    call(
        &business,
        &key,
        Method::DELETE,
        &format!("/graph/v25.0/{own}"),
        JSON,
        "",
    )
    .await;
    assert_eq!(
        reached(&business),
        [format!("DELETE /v25.0/{own}")],
        "her own comment is hers"
    );
    business
        .send("PUT", "/api/v1/kill-switch", JSON, r#"{"on":true}"#)
        .await;
    assert_eq!(code(&hide(&business, FORM, "hide=true").await).1, 2);
    assert_eq!(reached(&business), Vec::<String>::new());
}

#[tokio::test]
async fn the_profile_for_messages_is_set_and_deleted_in_every_encoding() {
    let (business, key) = business().await;
    let path = "/graph/v25.0/me/messenger_profile?platform=instagram";
    let breakers = r#"[{"call_to_actions":[{"question":"Where?","payload":"W"}]}]"#;
    let body = json!({"ice_breakers": serde_json::from_str::<Value>(breakers).unwrap()}).to_string();
    call(&business, &key, Method::POST, path, JSON, body).await;
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("ice_breakers", breakers)
        .finish();
    call(&business, &key, Method::POST, path, FORM, form).await;
    call(
        &business,
        &key,
        Method::DELETE,
        path,
        JSON,
        r#"{"fields":["ice_breakers"]}"#,
    )
    .await;
    let calls = reached(&business);
    assert_eq!(calls[0], calls[1], "both are the same to Instagram");
    assert!(
        calls[0].starts_with("POST /v25.0/me/messenger_profile platform=instagram&ice_breakers=%5B%7B"),
        "{calls:?}"
    );
    assert_eq!(
        calls[2],
        "DELETE /v25.0/me/messenger_profile?platform=instagram&fields=%5B%22ice_breakers%22%5D"
    );
}

/// A multipart body with a message and a file.
fn multipart(fields: &[(&str, &str)], file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend_from_slice(
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes(),
        );
    }
    body.extend_from_slice(
        b"--edge\r\nContent-Disposition: form-data; name=\"filedata\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n",
    );
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    body
}

const MULTIPART: &str = "multipart/form-data; boundary=edge";
const IMAGE: &str = r#"{"attachment":{"type":"image","payload":{"is_reusable":true}}}"#;

#[tokio::test]
async fn a_file_is_uploaded_without_the_key_and_so_is_an_address() {
    let (business, key) = business().await;
    for edge in ["message_attachments", "messageattachments"] {
        let body = multipart(&[("message", IMAGE), ("access_token", &key)], b"\x89PNG\r\n--x");
        let answer = call(
            &business,
            &key,
            Method::POST,
            &format!("/graph/v25.0/me/{edge}"),
            MULTIPART,
            body,
        )
        .await;
        assert_eq!(answer.json(), json!({"attachment_id": "9007"}), "{}", answer.text);
    }
    let json = json!({"message": {"attachment": {"type": "image", "payload": {"url": "https://x/a.png"}}}}).to_string();
    call(
        &business,
        &key,
        Method::POST,
        "/graph/v25.0/me/message_attachments",
        JSON,
        json,
    )
    .await;
    let calls = business.graph.take_calls();
    for call in &calls[..2] {
        assert_eq!(call.uri().path(), "/v25.0/me/message_attachments");
        let text = String::from_utf8_lossy(call.body());
        assert!(!text.contains(&key) && !text.contains("--edge"), "{text}");
        assert!(
            text.contains("name=\"filedata\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"),
            "{text}"
        );
        assert!(text.contains("name=\"message\"\r\n\r\n{\"attachment\""), "{text}");
        assert!(
            call.body().windows(9).any(|bytes| bytes == b"\x89PNG\r\n--x"),
            "its bytes are unchanged"
        );
    }
    assert!(
        String::from_utf8_lossy(calls[2].body()).starts_with("message=%7B%22attachment%22"),
        "{:?}",
        calls[2]
    );
    let theirs = format!("/graph/v25.0/{SAM}/message_attachments");
    assert_eq!(
        code(&call(&business, &key, Method::POST, &theirs, JSON, "{}").await),
        (400, 100, 33)
    );
}

#[tokio::test]
async fn a_message_with_a_file_is_an_upload_and_a_send_that_the_ledger_knows() {
    let (business, key) = business().await;
    let recipient = json!({"id": SAM}).to_string();
    let body = multipart(&[("recipient", &recipient), ("message", IMAGE)], b"PNG");
    let answer = call(
        &business,
        &key,
        Method::POST,
        "/graph/v25.0/me/messages",
        MULTIPART,
        body.clone(),
    )
    .await;
    assert_eq!(answer.json()["recipient_id"], SAM, "{}", answer.text);
    let attachment = json!({"attachment": {"type": "image", "payload": {"attachment_id": "9007"}}});
    assert_eq!(
        business.graph.sent(),
        [(
            "/me/messages".to_owned(),
            json!({"recipient": {"id": SAM}, "message": attachment})
        )]
    );
    let rows = business.messages().await;
    assert!(rows.iter().any(|row| row["state"] == "sent"), "{rows:?}");
    let own = format!("/graph/v25.0/{SELF_IGSID}/messages");
    let to_self = multipart(&[("message", IMAGE)], b"PNG");
    let answer = call(&business, &key, Method::POST, &own, MULTIPART, to_self).await;
    assert_eq!(
        answer.json(),
        json!({"id": "mid-2"}),
        "the self form too: {}",
        answer.text
    );
    let with_key = Request::post("/graph/v25.0/me/messages")
        .header("host", "gateway.example")
        .header("authorization", format!("Bearer {key}"))
        .header("idempotency-key", "one")
        .header("content-type", MULTIPART)
        .body(Body::from(body))
        .unwrap();
    assert_eq!(code(&business.while_sending(with_key).await), (400, 100, 0));
    assert_eq!(business.graph.sent().len(), 2);
}

#[tokio::test]
async fn a_large_body_is_read_only_from_whoever_has_shown_a_key_before_it() {
    let (business, key) = business().await;
    let file = vec![b'x'; 3 * 1024 * 1024];
    let path = "/graph/v25.0/me/message_attachments";
    let body = multipart(&[("message", IMAGE)], &file);
    assert_eq!(
        call(&business, &key, Method::POST, path, MULTIPART, body).await.status,
        StatusCode::OK
    );
    let body = multipart(&[("message", IMAGE), ("access_token", &key)], &file);
    let late = Request::post(path)
        .header("host", "gateway.example")
        .header("content-type", MULTIPART)
        .body(Body::from(body))
        .unwrap();
    assert_eq!(code(&business.request(late).await), (400, 100, 0));
    let huge = multipart(&[("message", IMAGE)], &vec![b'x'; 27 * 1024 * 1024]);
    assert_eq!(
        code(&call(&business, &key, Method::POST, path, MULTIPART, huge).await),
        (400, 100, 0)
    );
    let small = multipart(&[("message", IMAGE), ("access_token", &key)], b"x");
    let in_body = Request::post(path)
        .header("host", "gateway.example")
        .header("content-type", MULTIPART)
        .body(Body::from(small))
        .unwrap();
    assert_eq!(business.request(in_body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_batch_makes_its_calls_in_order_and_answers_each() {
    let (business, key) = business().await;
    let body = |text: &str| {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("recipient", &json!({"id": SAM}).to_string())
            .append_pair("message", &json!({"text": text}).to_string())
            .finish()
    };
    let batch = json!([
        {"method": "POST", "relative_url": "me/messages", "body": body("one")},
        {"method": "GET", "relative_url": "v24.0/me?fields=id"},
        {"method": "GET", "relative_url": "me?fields=access_token"},
        {"method": "POST", "relative_url": "me/messages", "body": body("two")},
    ]);
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("access_token", &key)
        .append_pair("batch", &batch.to_string())
        .finish();
    let request = Request::post("/graph/v25.0")
        .header("host", "gateway.example")
        .header("content-type", FORM)
        .body(Body::from(form))
        .unwrap();
    let answer = business.while_sending(request).await.json();
    let codes: Vec<&Value> = answer.as_array().unwrap().iter().map(|item| &item["code"]).collect();
    assert_eq!(codes, [200, 200, 400, 200], "{answer}");
    let first: Value = serde_json::from_str(answer[0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(first["recipient_id"], SAM);
    assert_eq!(business.graph.texts(), ["one", "two"]);
    for (batch, why) in [
        (json!("no"), "a JSON array"),
        (json!(vec![json!({}); 51]), "at most 50"),
    ] {
        let body = json!({"batch": batch}).to_string();
        let answer = call(&business, &key, Method::POST, "/graph/v25.0", JSON, body).await;
        assert_eq!(code(&answer), (400, 100, 0));
        assert!(
            answer.header("x-selfsame-why").contains(why),
            "{}",
            answer.header("x-selfsame-why")
        );
    }
}

#[tokio::test]
async fn a_repeated_batch_with_an_idempotency_key_sends_each_of_its_messages_once() {
    let (business, key) = business().await;
    let item = |text: &str| {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("recipient", &json!({"id": SAM}).to_string())
            .append_pair("message", &json!({"text": text}).to_string())
            .finish();
        json!({"method": "POST", "relative_url": "me/messages", "body": body})
    };
    let batch = json!({"batch": [item("one"), item("two"), item("two")]}).to_string();
    let mut answers = Vec::new();
    for _ in 0..2 {
        let request = Request::post("/graph/v25.0")
            .header("host", "gateway.example")
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", JSON)
            .header("idempotency-key", "order 7")
            .body(Body::from(batch.clone()))
            .unwrap();
        answers.push(business.while_sending(request).await.json());
    }
    assert_eq!(answers[0], answers[1]);
    let codes: Vec<&Value> = answers[0]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["code"])
        .collect();
    assert_eq!(codes, [200, 200, 200], "{answers:?}");
    assert_eq!(business.graph.texts(), ["one", "two", "two"]);
}

#[tokio::test]
async fn an_answer_to_a_send_carries_the_usage_that_instagram_told() {
    let (business, key) = business().await;
    let usage = r#"{"1":[{"type":"instagram","call_count":28}]}"#;
    let said = |text: &str| json!({"recipient": {"id": SAM}, "message": {"text": text}}).to_string();
    let send = async |text: &str| {
        call(
            &business,
            &key,
            Method::POST,
            "/graph/v25.0/me/messages",
            JSON,
            said(text),
        )
        .await
    };
    business.graph.tell_usage(usage);
    let told = send("one").await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert_eq!(told.header("x-business-use-case-usage"), usage);
    assert_eq!(
        send("two").await.header("x-business-use-case-usage"),
        "",
        "told of that call only"
    );
    business.graph.tell_usage(usage);
    let refusal =
        json!({"error": {"message": "no", "type": "IGApiException", "code": 100, "error_subcode": 2_534_014}});
    business.graph.refuse_next(400, refusal);
    let refused = send("three").await;
    assert_eq!(code(&refused), (400, 100, 2_534_014));
    assert_eq!(refused.header("x-business-use-case-usage"), usage);
}

#[tokio::test]
async fn a_private_reply_to_a_comment_that_was_never_seen_answers_whom_it_reached() {
    let (business, key) = business().await;
    let body = json!({"recipient": {"comment_id": "unseen"}, "message": {"text": "3.50"}}).to_string();
    let answer = call(&business, &key, Method::POST, "/graph/v25.0/me/messages", JSON, body).await;
    assert_eq!(
        answer.json(),
        json!({"recipient_id": SAM, "message_id": "mid-1"}),
        "{}",
        answer.text
    );
    let own = format!("/graph/v25.0/{SELF_IGSID}/messages");
    let hi = json!({"message": {"text": "hi"}}).to_string();
    let to_self = call(&business, &key, Method::POST, &own, JSON, hi).await;
    assert_eq!(to_self.json(), json!({"id": "mid-2"}));
}

#[tokio::test]
async fn with_several_accounts_a_key_of_the_api_speaks_for_the_one_that_the_path_names() {
    let (business, _) = business().await;
    let other = json!({"flow": "facebook", "access_token": format!("EAA{MARKER}USER"), "page_id": "9002"});
    business.post("/api/v1/accounts", &other).await;
    let made = business
        .post("/api/v1/keys", &json!({"name": "bot", "scopes": ["read"]}))
        .await
        .json();
    let key = made["key"].as_str().unwrap();
    business.graph.take_calls();
    let unnamed = get(&business, key, "/graph/v25.0/me").await;
    assert_eq!(code(&unnamed).1, 190, "{}", unnamed.text);
    assert!(unnamed.header("x-selfsame-why").contains("which account"));
    for (node, host, token) in [
        (IG_ID, "instagram.test", "IGAATOKENMARKER"),
        ("17841400000000009", "facebook.test", "EAATOKENMARKERPAGE2"),
        ("9002", "facebook.test", "EAATOKENMARKERPAGE2"),
    ] {
        let answer = get(&business, key, &format!("/graph/v25.0/{node}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{node}: {}", answer.text);
        let calls = business.graph.take_calls();
        assert_eq!(calls[0].uri().host(), Some(host), "{node}");
        assert_eq!(calls[0].headers()["authorization"], format!("Bearer {token}"), "{node}");
    }
}

#[tokio::test]
async fn what_instagram_does_not_answer_as_graph_is_refused_as_graph() {
    let (business, key) = business().await;
    let cut = || TransportError::Cut {
        cause: "gone".to_owned(),
    };
    let not_sent = TransportError::NotSent {
        cause: "nobody listens".to_owned(),
    };
    for (end, why) in [
        (Ok("<html>"), "not JSON"),
        (Err(cut()), "may have acted"),
        (Err(TransportError::TimedOut), "may have acted"),
        (Err(not_sent), "nothing happened"),
    ] {
        business.graph.end_next(end);
        let answer = get(&business, &key, "/graph/v25.0/me").await;
        assert_eq!(code(&answer).1, 2, "{}", answer.text);
        let told = answer.header("x-selfsame-why");
        assert!(told.contains(why), "{told}");
    }
    business.graph.end_next(Err(cut()));
    let body = multipart(
        &[("recipient", &json!({"id": SAM}).to_string()), ("message", IMAGE)],
        b"PNG",
    );
    let answer = call(
        &business,
        &key,
        Method::POST,
        "/graph/v25.0/me/messages",
        MULTIPART,
        body,
    )
    .await;
    assert_eq!(code(&answer).1, 2, "{}", answer.text);
    assert_eq!(business.graph.sent(), [], "no message without its file");
}
