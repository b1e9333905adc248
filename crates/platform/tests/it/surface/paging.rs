//! Pages of edges, walked in both directions (contract: other-apis §6.1).

use serde_json::{Value, json};

use super::graph::{graph_ok, token};
use crate::house::House;

/// An edge under the token of a login.
struct Edge {
    flow: &'static str,
    path: String,
}

async fn world_with_lists(house: &House) -> Vec<Edge> {
    let world = house.get("/_sim/world").await;
    let luna = world["accounts"][0].clone();
    let mut media = Value::Null;
    for number in 0..3 {
        let post = json!({"account": "@luna.coffee", "caption": format!("{number}")});
        media = house.ok("POST", "/_sim/media", &post).await["id"].clone();
        let story = json!({"account": "@luna.coffee", "media_product_type": "STORY"});
        house.ok("POST", "/_sim/media", &story).await;
        let broadcast = json!({"account": "@luna.coffee", "live": true});
        house.ok("POST", "/_sim/media", &broadcast).await;
    }
    let comment =
        |text: String, parent: Option<Value>| json!({"as": "@sam", "media": media, "text": text, "parent": parent});
    let mut parent = Value::Null;
    for number in 0..5 {
        let made = house
            .ok("POST", "/_sim/comment", &comment(format!("{number}"), None))
            .await;
        parent = made["comment_id"].clone();
    }
    for number in 0..5 {
        house
            .ok(
                "POST",
                "/_sim/comment",
                &comment(format!("r{number}"), Some(parent.clone())),
            )
            .await;
    }
    for number in 0..5 {
        let person = json!({"username": format!("person{number}"), "kind": "personal"});
        house.ok("POST", "/_sim/accounts", &person).await;
        let said = json!({"as": format!("@person{number}"), "to": "@luna.coffee", "text": "hi"});
        house.ok("POST", "/_sim/dm", &said).await;
        let said = json!({"as": "@person0", "to": "@luna.coffee", "text": format!("{number}")});
        house.ok("POST", "/_sim/dm", &said).await;
    }
    house
        .ok(
            "PUT",
            "/_sim/switches",
            &json!({"limits.conversations_per_second": 1000}),
        )
        .await;
    let ig = token(house, "luna.coffee", "demo", "instagram").await;
    let threads = graph_ok(house, &ig, "GET", "me/conversations", &Value::Null).await;
    // The oldest thread, with the most messages.
    let thread = threads["data"].as_array().unwrap().last().unwrap()["id"]
        .as_str()
        .unwrap();
    let (media, parent) = (media.as_str().unwrap(), parent.as_str().unwrap());
    let (ig_id, page) = (luna["ig_id"].as_str().unwrap(), luna["page_id"].as_str().unwrap());
    let edge = |flow, path: String| Edge { flow, path };
    vec![
        edge("instagram", "me/media?fields=caption".to_owned()),
        edge("instagram", "me/stories?".to_owned()),
        edge("instagram", "me/live_media?".to_owned()),
        edge("instagram", "me/conversations?".to_owned()),
        edge("instagram", format!("{thread}/messages?fields=message")),
        edge("instagram", format!("{media}/comments?fields=text")),
        edge("instagram", format!("{parent}/replies?fields=text")),
        edge("facebook", format!("{ig_id}/media?fields=caption")),
        edge("facebook", format!("{page}/conversations?platform=instagram")),
        edge("facebook", format!("{media}/comments?fields=text")),
    ]
}

fn ids(page: &Value) -> Vec<String> {
    let rows = page["data"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// Follows an address of `paging`, as a client does: verbatim.
async fn follow(house: &House, page: &Value, direction: &str) -> Option<Value> {
    let url = page["paging"][direction].as_str()?;
    Some(house.get(url.strip_prefix("http://localhost:7353").unwrap()).await)
}

#[tokio::test]
async fn each_edge_is_walked_to_its_end_and_back_to_its_beginning() {
    let house = House::with_bot().await;
    for edge in world_with_lists(&house).await {
        let token = token(&house, "luna.coffee", "demo", edge.flow).await;
        let path = &edge.path;
        let all = ids(&graph_ok(&house, &token, "GET", &format!("{path}&limit=100"), &Value::Null).await);
        assert!(all.len() >= 3, "{path}: {all:?}");

        let mut page = graph_ok(&house, &token, "GET", &format!("{path}&limit=2"), &Value::Null).await;
        assert!(
            page["paging"]["previous"].is_null(),
            "{path}: nothing is in front of the first page"
        );
        let mut walked = ids(&page);
        while let Some(next) = follow(&house, &page, "next").await {
            walked.extend(ids(&next));
            page = next;
        }
        assert_eq!(walked, all, "{path} onwards");

        let mut walked = ids(&page);
        while let Some(previous) = follow(&house, &page, "previous").await {
            walked.splice(0..0, ids(&previous));
            page = previous;
        }
        assert_eq!(walked, all, "{path} back");
    }
}

#[tokio::test]
async fn the_page_before_a_cursor_are_the_items_nearest_to_it() {
    let house = House::with_bot().await;
    for edge in world_with_lists(&house).await {
        let token = token(&house, "luna.coffee", "demo", edge.flow).await;
        let path = &edge.path;
        let all = graph_ok(&house, &token, "GET", &format!("{path}&limit=100"), &Value::Null).await;
        let last = all["paging"]["cursors"]["after"].as_str().unwrap();
        let found = graph_ok(
            &house,
            &token,
            "GET",
            &format!("{path}&limit=1&before={last}"),
            &Value::Null,
        )
        .await;
        let all_ids = ids(&all);
        assert_eq!(ids(&found), all_ids[all_ids.len() - 2..all_ids.len() - 1], "{path}");
        let first = all["paging"]["cursors"]["before"].as_str().unwrap();
        let nothing = graph_ok(&house, &token, "GET", &format!("{path}&before={first}"), &Value::Null).await;
        assert_eq!(nothing, json!({"data": []}), "{path}");
    }
}

#[tokio::test]
async fn the_next_page_of_a_nested_edge_has_the_same_fields() {
    let house = House::with_bot().await;
    world_with_lists(&house).await;
    let token = token(&house, "luna.coffee", "demo", "instagram").await;
    let path = "me?fields=media.limit(2){media_type,comments.limit(1){text,from{username}}}";
    let read = graph_ok(&house, &token, "GET", path, &Value::Null).await;
    let next = follow(&house, &read["media"], "next").await.unwrap();
    let keys: Vec<&String> = next["data"][0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["media_type", "comments", "id"]);
    let comments = read["media"]["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["comments"]["data"][0].is_object());
    let next = follow(&house, &comments.unwrap()["comments"], "next").await.unwrap();
    assert_eq!(
        next["data"][0]["from"],
        json!({"username": "sam", "id": next["data"][0]["from"]["id"]})
    );
}
