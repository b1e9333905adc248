//! What somebody probably meant by a path that Graph does not have.

use super::path::GraphPath;
use crate::http::nearest::nearest;

/// Edges of this platform: name, methods, nodes.
const EDGES: &[(&str, &str, &str)] = &[
    (
        "messages",
        "POST (GET on a conversation)",
        "me, the account, the Page, the self IGSID",
    ),
    ("message_attachments", "POST", "me, the account, the Page"),
    ("conversations", "GET", "me, the account, the Page"),
    ("subscribed_apps", "GET, POST, DELETE", "me, the account, the Page"),
    ("messenger_profile", "GET, POST, DELETE", "me, the account, the Page"),
    ("subscriptions", "GET, POST, DELETE", "an app, with its app token"),
    ("media", "GET, POST", "me, the account"),
    ("media_publish", "POST", "me, the account"),
    ("stories", "GET", "me, the account"),
    ("live_media", "GET", "me, the account"),
    ("content_publishing_limit", "GET", "me, the account"),
    ("comments", "GET, POST", "media"),
    ("replies", "GET, POST", "a comment"),
    ("accounts", "GET", "me with the Facebook user's token"),
    ("permissions", "GET, DELETE", "me"),
    ("pass_thread_control", "POST", "me, the account, the Page"),
    ("take_thread_control", "POST", "me, the account, the Page"),
    ("request_thread_control", "POST", "me, the account, the Page"),
    ("release_thread_control", "POST", "me, the account, the Page"),
    ("mentions", "POST", "me, the account, with the Facebook login"),
    ("likes", "POST, DELETE", "me, the account, with the Facebook login"),
];
/// Names that people try, and the edge they mean.
const ALIASES: &[(&str, &str)] = &[
    ("message", "messages"),
    ("send", "messages"),
    ("dm", "messages"),
    ("direct_messages", "messages"),
    ("threads", "conversations"),
    ("inbox", "conversations"),
    ("webhooks", "subscribed_apps"),
    ("subscribe", "subscribed_apps"),
    ("subscribed_fields", "subscribed_apps"),
    ("ice_breakers", "messenger_profile"),
    ("persistent_menu", "messenger_profile"),
    ("posts", "media"),
    ("pages", "accounts"),
    ("reply", "replies"),
    ("private_replies", "messages"),
    ("like", "likes"),
    ("reply_to_mention", "mentions"),
];
/// Where logins begin and tokens are had.
const LOGIN_PATHS: [(&str, &str); 6] = [
    ("/oauth/authorize", "the Instagram login's dialog"),
    ("/oauth/access_token", "codes and tokens, of either login"),
    ("/dialog/oauth", "the Facebook login's dialog"),
    ("/access_token", "the Instagram login's long-lived token"),
    ("/refresh_access_token", "its refresh"),
    ("/debug_token", "what a token is"),
];

/// What an edge of this name takes, or which edge was probably meant; `None` when nothing comes near.
pub(super) fn edge(node: &str, name: &str) -> Option<String> {
    if let Some((name, methods, nodes)) = EDGES.iter().find(|(known, ..)| *known == name) {
        return Some(format!("the edge {name} takes {methods} and belongs to: {nodes}"));
    }
    let (meant, methods, _) = meant(name)?;
    Some(format!("did you mean /{node}/{meant} ({methods})?"))
}

/// What was probably meant by a path whose shape is not Graph's, or whose first segment is no id.
pub(super) fn path(path: &GraphPath) -> Option<String> {
    let segments = path.as_strs();
    let (first, rest) = segments.split_first()?;
    let rest = if rest.is_empty() {
        String::new()
    } else {
        format!("/{}", rest.join("/"))
    };
    if let Some(version) = version_meant(first) {
        return Some(format!("did you mean /{version}{rest}? Versions read v24.0"));
    }
    if matches!(*first, "graph.instagram.com" | "graph.facebook.com" | "graph") {
        return Some(format!(
            "did you mean {}? The host is no part of the path",
            if rest.is_empty() { "/me" } else { &rest }
        ));
    }
    if matches!(*first, "oauth" | "dialog") {
        return Some(login_path(path));
    }
    if (*first != "me" && first.eq_ignore_ascii_case("me")) || matches!(*first, "self" | "my") {
        return Some(format!("did you mean /me{rest}?"));
    }
    if let (Some((edge, methods, _)), true) = (meant(first), segments.len() == 1) {
        return Some(format!("did you mean /me/{edge} ({methods})?"));
    }
    None
}

/// What was probably meant by a path of the logins.
pub(super) fn login_path(path: &GraphPath) -> String {
    let given = format!("/{}", path.segments.join("/"));
    let last = path.segments.last().map_or("", String::as_str);
    let meant = nearest(&given, &LOGIN_PATHS, |known| known.0)
        .or_else(|| LOGIN_PATHS.iter().find(|known| known.0.ends_with(&format!("/{last}"))));
    if let Some((path, what)) = meant {
        return format!("did you mean {path} ({what})?");
    }
    let all: Vec<&str> = LOGIN_PATHS.iter().map(|known| known.0).collect();
    format!("the logins have {}", all.join(", "))
}

/// `v24` and `24.0` want to be `v24.0`.
fn version_meant(segment: &str) -> Option<String> {
    let digits = segment.strip_prefix(['v', 'V']).unwrap_or(segment);
    let (major, minor) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(major) && is_number(minor)).then(|| format!("v{major}.{minor}"))
}

fn meant(name: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    let name = name.to_ascii_lowercase();
    if let Some((_, edge)) = ALIASES.iter().find(|(alias, _)| *alias == name) {
        return EDGES.iter().find(|(known, ..)| known == edge);
    }
    nearest(&name, EDGES, |edge| edge.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_aliases_lead_to_the_edge_that_was_meant() {
        for (name, expected) in [
            ("mesages", "/me/messages"),
            ("Messages", "/me/messages"),
            ("message", "/me/messages"),
            ("conversation", "/me/conversations"),
            ("subscribed_app", "/me/subscribed_apps"),
            ("ice_breakers", "/me/messenger_profile"),
        ] {
            assert!(edge("me", name).unwrap().contains(expected), "{name}");
        }
        assert!(edge("me", "messages").unwrap().contains("takes POST"));
        for nonsense in ["nothing", "x", "", &"m".repeat(1000)] {
            assert_eq!(edge("me", nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn paths_of_another_shape_lead_to_graphs() {
        for (given, expected) in [
            ("/v24/me/messages", "/v24.0/me/messages"),
            ("/24.0/me", "/v24.0/me"),
            ("/graph.instagram.com/me/messages", "/me/messages"),
            ("/ME", "/me"),
            ("/messages", "/me/messages"),
            ("/oauth/acess_token", "/oauth/access_token"),
            ("/v25.0/oauth/authorise", "/oauth/authorize"),
            ("/dialog/authorize", "/oauth/authorize"),
            ("/dialog/oaut", "/dialog/oauth"),
        ] {
            let why = path(&GraphPath::parse(given)).unwrap();
            assert!(why.contains(&format!("did you mean {expected}")), "{given}: {why}");
        }
        for fine in ["/me/nothing", "/17841400000000001", "/"] {
            assert_eq!(path(&GraphPath::parse(fine)), None, "{fine}");
        }
    }
}
