//! What Instagram answers, fit for whoever asked: addresses lead to the gateway, and the account's token is in none.

use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

/// What must not be seen, and what stands in its place.
pub(super) struct Concealer<'a> {
    token: &'a str,
    graph: &'a Url,
    base: &'a str,
    key: Option<&'a str>,
}

/// Stands where a token would have been shown.
const HIDDEN: &str = "hidden";
/// Parameters of our own calls that the next page need not repeat.
const OURS: [&str; 2] = ["access_token", "appsecret_proof"];

impl<'a> Concealer<'a> {
    /// Conceals this token of an account. `graph` is where the Graph host is, `base` where callers reach us, without a
    /// slash at its end, and `key` the caller's own, if addresses may carry it.
    pub(super) fn new(token: &'a str, graph: &'a Url, base: &'a str, key: Option<&'a str>) -> Self {
        Self {
            token,
            graph,
            base,
            key,
        }
    }

    /// Goes through everything that is in a value.
    pub(super) fn conceal(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(changed) = self.conceal_text(text) {
                    *text = changed;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.conceal(item)),
            Value::Object(members) => {
                let names: Vec<String> = members.keys().filter(|name| self.shows(name)).cloned().collect();
                for name in names {
                    members.shift_remove(&name);
                }
                members.values_mut().for_each(|member| self.conceal(member));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Whether a text holds the token, written plainly or escaped.
    pub(super) fn shows(&self, text: &str) -> bool {
        text.contains(self.token)
            || (text.contains('%') && percent_decode_str(text).decode_utf8_lossy().contains(self.token))
    }

    /// The text without the token; none: it holds none.
    fn conceal_text(&self, text: &str) -> Option<String> {
        if !self.shows(text) {
            return None;
        }
        let address = self.our_address(text).unwrap_or_else(|| text.to_owned());
        let plain = address.replace(self.token, HIDDEN);
        // Escaped in whatever way: then the whole of it goes.
        Some(if self.shows(&plain) { HIDDEN.to_owned() } else { plain })
    }

    /// The address of the next page, by which the caller finds it at the gateway.
    fn our_address(&self, text: &str) -> Option<String> {
        let url = Url::parse(text).ok()?;
        if url.origin() != self.graph.origin() {
            return None;
        }
        let path = url.path().strip_prefix(self.graph.path().trim_end_matches('/'))?;
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(key) = self.key {
            query.append_pair("access_token", key);
        }
        for (name, value) in url.query_pairs().filter(|(name, _)| !OURS.contains(&name.as_ref())) {
            query.append_pair(&name, &value);
        }
        Some(format!("{}/graph{path}?{}", self.base, query.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn concealed(key: Option<&str>, mut value: Value) -> Value {
        let graph = Url::parse("https://graph.example/prefix/").unwrap();
        Concealer::new("IGAA|tok en", &graph, "http://gateway", key).conceal(&mut value);
        value
    }

    #[test]
    fn the_next_page_is_at_the_gateway_and_carries_the_callers_key_only_if_it_came_as_one() {
        let next = "https://graph.example/prefix/v25.0/17/media?access_token=IGAA%7Ctok%20en&appsecret_proof=ab&fields=id%2Ctext&after=x";
        let page = json!({"data": [{"id": "1"}], "paging": {"next": next}});
        let told = |key| concealed(key, page.clone())["paging"]["next"].clone();
        assert_eq!(
            told(Some("key")),
            "http://gateway/graph/v25.0/17/media?access_token=key&fields=id%2Ctext&after=x"
        );
        assert_eq!(
            told(None),
            "http://gateway/graph/v25.0/17/media?fields=id%2Ctext&after=x"
        );
    }

    #[test]
    fn the_token_is_in_no_text_and_no_name_and_other_addresses_stay() {
        let answer = json!({"access_token": "IGAA|tok en", "IGAA|tok en": 1, "error": {"message": "bad IGAA|tok en!"},
            "elsewhere": "https://evil.example/?t=IGAA%7Ctok%20en", "media_url": "https://graph.example/media/1.jpg"});
        assert_eq!(
            concealed(Some("key"), answer),
            json!({"access_token": "hidden", "error": {"message": "bad hidden!"},
                "elsewhere": "hidden", "media_url": "https://graph.example/media/1.jpg"})
        );
    }
}
