//! Fields of each object, as the contract lists them: every one is answered, and no other.

use serde_json::{Value, json};

use super::graph::{codes, graph, igsid, token};
use crate::house::House;

/// One object: contract section, login, path, its fields, and names that it does not have.
struct Row {
    section: &'static str,
    flow: &'static str,
    path: String,
    fields: &'static str,
    foreign: &'static [&'static str],
}

/// Every object that the contract lists fields of.
fn rows(thread: String, mid: String, person: String, reply: String, media: String) -> Vec<Row> {
    vec![
        Row {
            section: "login-instagram §2.6",
            flow: "instagram",
            path: "me".to_owned(),
            fields: "id,user_id,username,name,account_type,profile_picture_url,followers_count,follows_count,media_count",
            foreign: &["email", "instagram_business_account"],
        },
        Row {
            section: "login-facebook §3.2",
            flow: "facebook",
            path: "me".to_owned(),
            fields: "id,name,access_token,tasks,instagram_business_account",
            foreign: &["user_id", "account_type"],
        },
        Row {
            section: "other-apis §6.2",
            flow: "instagram",
            path: thread,
            fields: "id,updated_time,participants,messages,is_owner",
            foreign: &["unread_count", "snippet"],
        },
        Row {
            section: "other-apis §6.2",
            flow: "instagram",
            path: mid,
            fields: "id,created_time,from,to,message,is_unsupported",
            foreign: &["text", "timestamp"],
        },
        Row {
            section: "other-apis §6.3",
            flow: "instagram",
            path: person,
            fields: "id,name,username,profile_pic,follower_count,is_user_follow_business,is_business_follow_user,is_verified_user",
            foreign: &["profile_picture_url", "biography"],
        },
        Row {
            section: "other-apis §6.6",
            flow: "instagram",
            path: reply,
            fields: "id,text,timestamp,username,from,parent_id,like_count,hidden,media,user,replies,legacy_instagram_comment_id",
            foreign: &["message", "created_time"],
        },
        Row {
            section: "other-apis §6.7",
            flow: "instagram",
            path: media,
            fields: "id,media_type,media_product_type,media_url,permalink,thumbnail_url,timestamp,username,owner,like_count,comments_count,is_comment_enabled,shortcode",
            foreign: &["likes", "url"],
        },
    ]
}

#[tokio::test]
async fn every_documented_field_of_an_object_is_answered_and_no_other() {
    let house = House::with_bot().await;
    let post =
        json!({"account": "@luna.coffee", "media_product_type": "REELS", "media_url": "https://example.com/a.mp4"});
    let media = house.ok("POST", "/_sim/media", &post).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let comment = json!({"as": "@sam", "media": media, "text": "hi"});
    let comment = house.ok("POST", "/_sim/comment", &comment).await["comment_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let reply = json!({"as": "@luna.coffee", "media": media, "text": "hi", "parent": comment});
    let reply = house.ok("POST", "/_sim/comment", &reply).await["comment_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let dm = json!({"as": "@sam", "to": "@luna.coffee", "text": "hi"});
    let mid = house.ok("POST", "/_sim/dm", &dm).await["mid"]
        .as_str()
        .unwrap()
        .to_owned();
    let person = igsid(&house, "luna.coffee", "sam").await;
    let threads = house.get("/_sim/threads?a=@luna.coffee&b=@sam").await;
    let thread = threads["data"][0]["conversation_id"].as_str().unwrap().to_owned();
    for Row {
        section,
        flow,
        path,
        fields,
        foreign,
    } in rows(thread, mid, person, reply, media)
    {
        let token = token(&house, "luna.coffee", "demo", flow).await;
        let read = graph(&house, &token, "GET", &format!("{path}?fields={fields}"), &Value::Null).await;
        assert!(read.status.is_success(), "{section}: {}", read.json());
        let read = read.json();
        let answered: Vec<&String> = read.as_object().unwrap().keys().collect();
        let asked: Vec<&str> = fields.split(',').collect();
        assert_eq!(answered, asked, "{section}, in the order asked for");
        for name in foreign {
            let refused = graph(&house, &token, "GET", &format!("{path}?fields=id,{name}"), &Value::Null).await;
            assert_eq!(codes(&refused).0, json!(100), "{section}: {name}");
            let message = refused.json()["error"]["message"].as_str().unwrap().to_owned();
            assert!(
                message.contains(&format!("nonexisting field ({name})")),
                "{section}: {message}"
            );
        }
    }
}

/// contract/other-apis §6.1: pages of comments hold 50, others 100.
#[tokio::test]
async fn a_page_of_comments_holds_fifty() {
    let house = House::with_bot().await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let media = house
        .ok("POST", "/_sim/media", &json!({"account": "@luna.coffee"}))
        .await["id"]
        .clone();
    for number in 0..51 {
        let comment = json!({"as": "@sam", "media": media, "text": format!("{number}")});
        house.ok("POST", "/_sim/comment", &comment).await;
    }
    let media = media.as_str().unwrap();
    for path in [
        format!("{media}/comments?limit=100"),
        format!("{media}?fields=comments.limit(100){{id}}"),
    ] {
        let read = graph(&house, &token, "GET", &path, &Value::Null).await.json();
        let page = read.get("comments").unwrap_or(&read);
        assert_eq!(page["data"].as_array().unwrap().len(), 50, "{path}");
        assert!(page["paging"]["next"].is_string());
    }
}
