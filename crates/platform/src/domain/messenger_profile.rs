//! Ice breakers and persistent menu: what an app may set, and what the phone shows of it (contract: other-apis §6.4).
//!
//! Both are groups by locale, of which one is `default`; ice breakers may also come as one flat list, which means the default group.

use serde_json::Value;

/// What can be set.
pub const PROPERTIES: [&str; 2] = ["ice_breakers", "persistent_menu"];
/// Questions of one group of ice breakers.
const ICE_BREAKERS_MAX: usize = 4;
/// Items of one group of a menu. Meta documents no number for Instagram; this is Messenger's.
const MENU_ITEMS_MAX: usize = 20;
/// Groups of a property.
const GROUPS_MAX: usize = 100;
const DEFAULT_LOCALE: &str = "default";
/// The language of our phone.
const PHONE_LOCALE: &str = "en_US";

/// Whether items come in groups by locale.
fn is_grouped(items: &[Value]) -> bool {
    items.iter().any(|item| item.get("call_to_actions").is_some())
}

fn locale_of(group: &Value) -> &str {
    group.get("locale").and_then(Value::as_str).unwrap_or(DEFAULT_LOCALE)
}

/// Checks a property before it is set. The error says what is wrong with it.
pub fn check(name: &str, value: &Value) -> Result<(), String> {
    let Value::Array(items) = value else {
        return Err(format!("{name} is a JSON array"));
    };
    if items.is_empty() || items.len() > GROUPS_MAX {
        return Err(format!(
            "{name} has 1 to {GROUPS_MAX} members; delete it by DELETE with fields={name}"
        ));
    }
    if name == "ice_breakers" && !is_grouped(items) {
        return check_items(name, items);
    }
    let mut locales: Vec<&str> = Vec::new();
    for group in items {
        let Some(actions) = group.get("call_to_actions").and_then(Value::as_array) else {
            return Err(format!(
                "each member of {name} has call_to_actions, a JSON array, and a locale"
            ));
        };
        let locale = locale_of(group);
        if locales.contains(&locale) {
            return Err(format!("{name} has two groups for the locale {locale:?}"));
        }
        locales.push(locale);
        check_items(name, actions)?;
    }
    if locales.contains(&DEFAULT_LOCALE) {
        Ok(())
    } else {
        Err(format!(
            "{name} needs a group with the locale \"default\", beside: {}",
            locales.join(", ")
        ))
    }
}

fn check_items(name: &str, items: &[Value]) -> Result<(), String> {
    let (max, is_menu) = if name == "persistent_menu" {
        (MENU_ITEMS_MAX, true)
    } else {
        (ICE_BREAKERS_MAX, false)
    };
    if items.is_empty() || items.len() > max {
        return Err(format!(
            "{name} has 1 to {max} items for each locale; there were {}",
            items.len()
        ));
    }
    for item in items {
        let has = |key: &str| {
            item.get(key)
                .and_then(Value::as_str)
                .is_some_and(|text| !text.trim().is_empty())
        };
        let is_whole = match (is_menu, item.get("type").and_then(Value::as_str)) {
            (false, _) => has("question") && has("payload"),
            (true, Some("postback")) => has("title") && has("payload"),
            (true, Some("web_url")) => has("title") && has("url"),
            (true, _) => false,
        };
        if !is_whole {
            return Err(if is_menu {
                "an item of persistent_menu is {type: postback, title, payload} or {type: web_url, title, url}"
                    .to_owned()
            } else {
                "an ice breaker is {question, payload}, both texts".to_owned()
            });
        }
    }
    Ok(())
}

/// What the phone shows: the group of its language, else the default one.
pub fn shown(value: &Value) -> &[Value] {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    if !is_grouped(items) {
        return items;
    }
    let of_locale = |locale: &str| items.iter().find(|group| locale_of(group) == locale);
    of_locale(PHONE_LOCALE)
        .or_else(|| of_locale(DEFAULT_LOCALE))
        .and_then(|group| group.get("call_to_actions")?.as_array())
        .map(Vec::as_slice)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_rule_of_a_profile_is_checked() {
        let question = json!({"question": "Open?", "payload": "HOURS"});
        let item = json!({"type": "postback", "title": "Menu", "payload": "MENU"});
        let page = json!({"type": "web_url", "title": "Shop", "url": "https://example.com"});
        let group = |locale: &str, items: Value| json!({"locale": locale, "call_to_actions": items});
        let rows = [
            ("ice_breakers", json!([question]), None),
            ("ice_breakers", json!(vec![question.clone(); 4]), None),
            ("ice_breakers", json!(vec![question.clone(); 5]), Some("1 to 4")),
            ("ice_breakers", json!([]), Some("1 to 100")),
            ("ice_breakers", json!("x"), Some("JSON array")),
            (
                "ice_breakers",
                json!([{"question": "Open?"}]),
                Some("{question, payload}"),
            ),
            (
                "ice_breakers",
                json!([{"question": " ", "payload": "X"}]),
                Some("{question, payload}"),
            ),
            (
                "ice_breakers",
                json!([group("default", json!([question])), group("en_GB", json!([question]))]),
                None,
            ),
            ("ice_breakers", json!([{"call_to_actions": [question]}]), None),
            (
                "ice_breakers",
                json!([group("en_GB", json!([question]))]),
                Some("\"default\""),
            ),
            (
                "ice_breakers",
                json!([group("default", json!([question])), group("default", json!([question]))]),
                Some("two groups"),
            ),
            (
                "ice_breakers",
                json!([group("default", json!([question])), question]),
                Some("call_to_actions"),
            ),
            ("persistent_menu", json!([group("default", json!([item, page]))]), None),
            ("persistent_menu", json!([item]), Some("call_to_actions")),
            (
                "persistent_menu",
                json!([group("default", json!([question]))]),
                Some("type: postback"),
            ),
            (
                "persistent_menu",
                json!([group("default", json!(vec![item.clone(); 21]))]),
                Some("1 to 20"),
            ),
            (
                "persistent_menu",
                json!([{"locale": "default", "composer_input_disabled": true, "call_to_actions": [item]}]),
                None, // Messenger's parameters are unknown ones, and those are ignored
            ),
            (
                "persistent_menu",
                json!([group(
                    "default",
                    json!([{"type": "web_url", "title": "x", "url": "https://x", "webview_height_ratio": "full"}])
                )]),
                None,
            ),
        ];
        for (name, value, expected) in rows {
            match (check(name, &value), expected) {
                (Ok(()), None) => {}
                (Err(why), Some(words)) => assert!(why.contains(words), "{name} {value}: {why}"),
                (found, _) => panic!("{name} {value}: {found:?}"),
            }
        }
    }

    #[test]
    fn the_phone_shows_the_group_of_its_language_else_the_default_one() {
        let group = |locale: &str, payload: &str| json!({"locale": locale, "call_to_actions": [payload]});
        let rows = [
            (json!(["flat"]), json!(["flat"])),
            (json!([group("de_DE", "de"), group("default", "any")]), json!(["any"])),
            (json!([group("default", "any"), group("en_US", "en")]), json!(["en"])),
            (json!([group("de_DE", "de")]), json!([])),
            (json!(null), json!([])),
        ];
        for (value, expected) in rows {
            assert_eq!(json!(shown(&value)), expected, "{value}");
        }
    }
}
