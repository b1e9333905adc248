//! Each requirement of the self-messaging page that is not met is one suppressed delivery with its own reason and remedy.

use selfsame_platform::actions::{ChangeAccount, ChangeApp, CreateAccount};
use selfsame_platform::domain::account::AccountKind;
use selfsame_platform::domain::app::AppMode;
use selfsame_wire::flow::LoginFlow;

use super::house::House;

const MESSAGES: &[&str] = &["messages", "messaging_postbacks", "comments"];

/// Reason of the last delivery, which was not sent.
async fn last_reason(house: &House) -> String {
    assert!(house.deliver().await.is_empty());
    let view = house.delivery_views().await.pop().unwrap();
    assert_eq!(view.status, "suppressed");
    assert!(!view.remedy.unwrap().is_empty());
    view.reason.unwrap()
}

async fn other_business(house: &House, page: bool) {
    let create = CreateAccount {
        username: "nova.tea".to_owned(),
        kind: Some(AccountKind::Creator),
        page,
        ..CreateAccount::default()
    };
    house.platform.world().create_account(create).await.unwrap();
}

#[tokio::test]
async fn a_personal_account_and_an_unconnected_one() {
    let house = House::demo(LoginFlow::Instagram).await;
    house.dm("sam", "sam", "hi").await;
    assert_eq!(last_reason(&house).await, "personal_account");
    other_business(&house, false).await;
    house.dm("nova.tea", "nova.tea", "hi").await;
    assert_eq!(last_reason(&house).await, "not_connected");
    house.grant("nova.tea", LoginFlow::Instagram, None, None).await;
    house.dm("nova.tea", "nova.tea", "hi").await;
    assert_eq!(last_reason(&house).await, "not_installed");
}

#[tokio::test]
async fn a_field_missing_at_either_level() {
    let house = House::demo(LoginFlow::Instagram).await;
    house
        .grant("luna.coffee", LoginFlow::Instagram, None, Some(&["comments"]))
        .await;
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    assert_eq!(last_reason(&house).await, "field_not_subscribed_by_account");
    house
        .grant("luna.coffee", LoginFlow::Instagram, None, Some(&["messages"]))
        .await;
    house.comment("luna.coffee", "x").await;
    assert_eq!(last_reason(&house).await, "field_not_subscribed_by_account");
    let change = ChangeApp {
        fields: Some(vec!["comments".to_owned()]),
        ..ChangeApp::default()
    };
    house
        .platform
        .world()
        .change_app("demo".to_owned(), change)
        .await
        .unwrap();
    house.dm("luna.coffee", "luna.coffee", "hi").await;
    assert_eq!(last_reason(&house).await, "field_not_subscribed_by_app");
}

#[tokio::test]
async fn permissions_in_both_columns_of_the_page() {
    // (flow, scopes, messages delivered, comments delivered)
    let rows: &[(LoginFlow, &[&str], bool, bool)] = &[
        (
            LoginFlow::Instagram,
            &["instagram_business_basic", "instagram_business_manage_messages"],
            true,
            false,
        ),
        (
            LoginFlow::Instagram,
            &["instagram_business_basic", "instagram_business_manage_comments"],
            false,
            true,
        ),
        (
            LoginFlow::Facebook,
            &["instagram_business_basic", "instagram_business_manage_messages"],
            true,
            false,
        ),
        (
            LoginFlow::Facebook,
            &["instagram_basic", "instagram_manage_messages"],
            true,
            false,
        ),
        (
            LoginFlow::Facebook,
            &["instagram_basic", "instagram_manage_comments", "pages_read_engagement"],
            false,
            true,
        ),
        (LoginFlow::Facebook, &["instagram_basic"], false, false),
    ];
    for flow in LoginFlow::ALL {
        let house = House::demo(flow).await;
        for (_, scopes, messages, comments) in rows.iter().filter(|row| row.0 == flow) {
            house.grant("luna.coffee", flow, Some(scopes), Some(MESSAGES)).await;
            for (is_told, is_comment) in [(messages, false), (comments, true)] {
                if is_comment {
                    house.comment("luna.coffee", "x").await;
                } else {
                    house.dm("luna.coffee", "luna.coffee", "x").await;
                }
                if *is_told {
                    assert_eq!(house.deliver().await.len(), 1, "{scopes:?}");
                } else {
                    assert_eq!(last_reason(&house).await, "permission_missing", "{scopes:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_app_in_development_and_settings_of_the_owner() {
    let house = House::demo(LoginFlow::Instagram).await;
    let world = house.platform.world();
    let private = ChangeAccount {
        is_public: Some(false),
        message_access: Some(false),
        ..ChangeAccount::default()
    };
    world.change_account("luna.coffee".to_owned(), private).await.unwrap();
    house.dm("luna.coffee", "luna.coffee", "x").await;
    assert_eq!(last_reason(&house).await, "message_access_disabled");
    house.comment("luna.coffee", "x").await;
    assert_eq!(last_reason(&house).await, "media_owner_not_public");
    let change = ChangeApp {
        mode: Some(AppMode::Development),
        ..ChangeApp::default()
    };
    world.change_app("demo".to_owned(), change).await.unwrap();
    house.dm("luna.coffee", "luna.coffee", "x").await;
    assert_eq!(last_reason(&house).await, "app_not_live");
}

#[tokio::test]
async fn two_professional_accounts_are_each_told_their_side() {
    let house = House::demo(LoginFlow::Instagram).await;
    other_business(&house, false).await;
    house
        .grant("nova.tea", LoginFlow::Instagram, None, Some(MESSAGES))
        .await;
    house.dm("nova.tea", "luna.coffee", "hello").await;
    let (luna, nova) = (house.account("luna.coffee").await, house.account("nova.tea").await);
    let got = house.deliver().await;
    assert_eq!(got.len(), 2);
    for one in got {
        let entry = &one.body["entry"][0];
        let is_echo = entry["messaging"][0]["message"].get("is_echo").is_some();
        assert!(entry["messaging"][0]["message"].get("is_self").is_none());
        let expected = if is_echo { &nova } else { &luna };
        assert_eq!(entry["id"].as_str().unwrap(), expected.ig_id.as_ref().unwrap().as_str());
    }
}
