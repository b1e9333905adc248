//! Deauthorize and data-deletion callbacks.

use selfsame_wire::oauth::SignedRequest;
use selfsame_wire::secret::AppSecret;
use serde_json::json;

use super::login::{app, open, text};

#[tokio::test]
async fn the_app_hears_of_a_disconnection_signed_with_the_secret_of_the_login() {
    let house = open().await;
    house
        .ok(
            "PATCH",
            "/_sim/apps/demo",
            &json!({"deauthorize_url": "http://bot.test/gone", "data_deletion_url": "http://bot.test/delete"}),
        )
        .await;
    let app = app(&house).await;
    let world = house.get("/_sim/world").await;
    let luna = world["accounts"][0].clone();

    let revoked = house
        .ok(
            "DELETE",
            "/_sim/grants",
            &json!({"app": "demo", "account": "@luna.coffee", "data_deletion": true}),
        )
        .await;

    let kinds: Vec<(&str, &str)> = revoked["callbacks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|callback| (text(callback, "kind"), text(callback, "flow")))
        .collect();
    assert_eq!(
        kinds,
        [
            ("deauthorize", "instagram"),
            ("data_deletion", "instagram"),
            ("deauthorize", "facebook"),
            ("data_deletion", "facebook")
        ]
    );
    let told = house.bot.told();
    for (told, secret, user_id) in [
        (&told[0], "instagram_app_secret", text(&luna["app_scoped_ids"], "demo")),
        (&told[2], "meta_app_secret", text(&luna["facebook_user_ids"], "demo")),
    ] {
        let (name, signed) = form_urlencoded::parse(&told.body).next().unwrap();
        assert_eq!(name, "signed_request");
        let read = SignedRequest::verify(&signed, &[AppSecret::new(text(&app, secret))]).unwrap();
        assert_eq!(read.user_id, user_id);
    }
}
