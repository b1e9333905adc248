//! Every way in which clients write a send, and every place where they put the token.

use axum::body::Body;
use http::Request;
use selfsame_wire::flow::LoginFlow;
use serde_json::{Value, json};

use super::house::House;

async fn with_sam() -> (House, String, String) {
    let house = House::demo(LoginFlow::Instagram).await;
    let token = house.token(LoginFlow::Instagram).await;
    house.dm("sam", "luna.coffee", "hi").await;
    let sam = house.igsid("sam").await;
    (house, token, sam)
}

fn encoded(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

#[tokio::test]
async fn every_body_encoding_of_real_clients_is_understood() {
    let (house, token, sam) = with_sam().await;
    let recipient = json!({"id": sam}).to_string();
    let message = json!({"text": "x"}).to_string();
    let as_form = encoded(&[
        ("recipient", &recipient),
        ("message", &message),
        ("access_token", &token),
    ]);
    let as_brackets = encoded(&[
        ("recipient[id]", &sam),
        ("message[text]", "x"),
        ("access_token", &token),
    ]);
    let as_json =
        json!({"recipient": {"id": sam}, "message": {"text": "x"}, "access_token": token, "tag": null}).to_string();
    let as_json_texts = json!({"recipient": recipient, "message": message, "access_token": token}).to_string();
    let multipart = format!(
        "--B\r\nContent-Disposition: form-data; name=\"recipient\"\r\n\r\n{recipient}\r\n--B\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n{message}\r\n--B\r\nContent-Disposition: form-data; name=\"access_token\"\r\n\r\n{token}\r\n--B--\r\n"
    );
    let cases = [
        (
            "form",
            Some("application/x-www-form-urlencoded"),
            "/me/messages".to_owned(),
            as_form.clone(),
        ),
        ("brackets without a type", None, "/me/messages".to_owned(), as_brackets),
        (
            "json",
            Some("application/json; charset=utf-8"),
            "/v2.6/me/messages/".to_owned(),
            as_json.clone(),
        ),
        ("json without a type", None, "/v26.0/me/messages".to_owned(), as_json),
        (
            "json of json texts",
            Some("application/json"),
            "/me/messages".to_owned(),
            as_json_texts,
        ),
        (
            "multipart",
            Some("multipart/form-data; boundary=B"),
            "/me/messages".to_owned(),
            multipart,
        ),
        (
            "query of an empty post",
            None,
            format!("/me/messages?{as_form}"),
            String::new(),
        ),
    ];
    for (name, content_type, path, body) in cases {
        let mut request = Request::post(&path).header("host", "localhost");
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let answer = house.call(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        assert_eq!(answer.body["recipient_id"], json!(sam), "{name}");
    }
}

#[tokio::test]
async fn the_standard_form_takes_every_id_of_the_account() {
    let (house, instagram, sam) = with_sam().await;
    let facebook = house.token(LoginFlow::Facebook).await;
    let luna = house.account("luna.coffee").await;
    let (ig_id, page_id) = (
        luna.ig_id.unwrap().into_string(),
        luna.page.unwrap().page_id.into_string(),
    );
    let app_scoped = house.get(&instagram, "/me").await.ok()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let body = json!({"recipient": {"id": sam}, "message": {"text": "x"}});
    for (token, id) in [
        (&instagram, "me"),
        (&instagram, ig_id.as_str()),
        (&instagram, &app_scoped),
        (&facebook, "me"),
        (&facebook, &page_id),
        (&facebook, &ig_id),
    ] {
        let answer = house.post(token, &format!("/v25.0/{id}/messages"), &body).await.ok();
        assert_eq!(answer["recipient_id"], json!(sam), "{id}");
    }
}

#[tokio::test]
async fn sender_actions_answer_the_recipient_and_are_not_echoed() {
    let (house, token, sam) = with_sam().await;
    let mid = house.dm("sam", "luna.coffee", "react to this").await;
    house.deliver().await;
    let actions = [
        json!({"sender_action": "TYPING_ON"}),
        json!({"sender_action": "typing_off"}),
        json!({"sender_action": "mark_seen"}),
        json!({"sender_action": "react", "payload": {"message_id": mid, "reaction": "love"}}),
        json!({"sender_action": "UNREACT", "payload": {"message_id": mid}}),
    ];
    for action in actions {
        let mut body = action.clone();
        body["recipient"] = json!({"id": sam});
        assert_eq!(
            house.post(&token, "/me/messages", &body).await.ok(),
            json!({"recipient_id": sam}),
            "{action}"
        );
    }
    assert!(house.deliver().await.is_empty());
}

#[tokio::test]
async fn templates_are_stored_with_their_buttons_and_echoed_whole() {
    let (house, token, sam) = with_sam().await;
    house.deliver().await;
    let payload = json!({"template_type": "generic", "elements": [
        {"title": "A", "subtitle": "s", "buttons": [{"type": "web_url", "url": "https://example.com", "title": "Web"}]},
        {"title": "B", "image_url": "https://example.com/b.png", "buttons": [{"type": "postback", "title": "Buy", "payload": "B"}]}]});
    let body = json!({"recipient": {"id": sam}, "message": {"attachment": {"type": "template", "payload": payload}}});
    house.post(&token, "/me/messages", &body).await.ok();
    let echo = &house.deliver().await[0].body["entry"][0]["messaging"][0]["message"];
    assert_eq!(echo["attachments"], json!([{"type": "template", "payload": payload}]));
    let (luna, sam) = (house.account("luna.coffee").await.key, house.account("sam").await.key);
    let view = house
        .platform
        .world()
        .store
        .read(move |connection| {
            let thread = selfsame_platform::store::threads::between(connection, luna, sam)?.unwrap();
            selfsame_platform::store::threads::view(connection, &thread, 0, 100)
        })
        .await
        .unwrap();
    let buttons = serde_json::to_value(&view.messages.last().unwrap().buttons).unwrap();
    assert_eq!(
        buttons,
        json!([{"type": "web_url", "title": "Web", "url": "https://example.com"}, {"type": "postback", "title": "Buy", "payload": "B"}])
    );
}

#[tokio::test]
async fn a_batch_answers_in_order_with_bodies_as_text() {
    let (house, token, sam) = with_sam().await;
    let message = encoded(&[
        ("recipient", &json!({"id": sam}).to_string()),
        ("message", &json!({"text": "x"}).to_string()),
    ]);
    let batch = json!([
        {"method": "GET", "relative_url": "me?fields=username"},
        {"method": "POST", "relative_url": "v24.0/me/messages", "body": message},
        {"method": "GET", "relative_url": "404"},
    ]);
    for body in [
        encoded(&[("batch", &batch.to_string()), ("access_token", &token)]),
        encoded(&[("access_token", &token), ("batch", &batch.to_string())]),
    ] {
        let request = Request::post("/v24.0/")
            .header("host", "localhost")
            .header("content-type", "application/x-www-form-urlencoded");
        let answers = house.call(request.body(Body::from(body)).unwrap()).await.ok();
        let codes: Vec<&Value> = answers.as_array().unwrap().iter().map(|one| &one["code"]).collect();
        assert_eq!(codes, [&json!(200), &json!(200), &json!(400)]);
        let first: Value = serde_json::from_str(answers[0]["body"].as_str().unwrap()).unwrap();
        assert_eq!(first["username"], json!("luna.coffee"));
    }
}

#[tokio::test]
async fn switches_of_the_self_echo_are_honoured() {
    let (house, token, _) = with_sam().await;
    let self_igsid = house.account("luna.coffee").await.self_igsid.unwrap().into_string();
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    house.deliver().await;
    let path = format!("/{self_igsid}/messages");
    let send = || async {
        let mid = house.post(&token, &path, &json!({"message": {"text": "x"}})).await.ok()["id"].clone();
        (
            mid,
            house
                .deliver()
                .await
                .into_iter()
                .map(|one| one.body["entry"][0]["messaging"][0].clone())
                .collect::<Vec<_>>(),
        )
    };
    let switch = |change: fn(&mut selfsame_platform::switches::Switches)| {
        let mut switches = selfsame_platform::switches::Switches {
            limits_enforced: false, // time stands still
            ..Default::default()
        };
        change(&mut switches);
        house.platform.world().switches.replace(switches);
    };
    switch(|switches| switches.self_api_echo = selfsame_platform::switches::SelfApiEcho::None);
    assert!(send().await.1.is_empty());
    switch(|switches| switches.self_api_echo = selfsame_platform::switches::SelfApiEcho::EchoOnly);
    let (mid, got) = send().await;
    assert_eq!(got[0]["message"], json!({"mid": mid, "text": "x", "is_echo": true}));
    switch(|switches| switches.self_api_echo_same_mid = false);
    let (mid, got) = send().await;
    assert!(got[0]["message"]["mid"].is_string() && got[0]["message"]["mid"] != mid);
    switch(|switches| switches.self_second_event = true);
    let (mid, got) = send().await;
    assert_eq!(got.len(), 2);
    assert_eq!(got[1]["sender"]["id"], json!(self_igsid));
    assert_eq!(got[1]["message"], json!({"mid": mid, "text": "x"}));
}
