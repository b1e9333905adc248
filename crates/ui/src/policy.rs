//! Security headers of every page.

/// What one page may do; everything not named is forbidden.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    form_targets: Vec<String>,
    framed_by: Vec<String>,
}

impl Policy {
    /// Own style sheet, own script, own stream, own forms; images and films from anywhere, for messages show them.
    pub fn page() -> Self {
        Self::default()
    }

    /// Lets forms end at `origin` too. Browsers apply the rule to redirects after a form, so a login dialog needs it.
    #[must_use]
    pub fn with_form_target(mut self, origin: String) -> Self {
        self.form_targets.push(origin);
        self
    }

    /// Lets `origin` show the page in a frame.
    #[must_use]
    pub fn framed_by(mut self, origin: String) -> Self {
        self.framed_by.push(origin);
        self
    }

    /// The headers to add, as lower-case names and values. Origins that cannot stand in a header are left out.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let form_action = sources("'self'", &self.form_targets);
        let ancestors = if self.framed_by.is_empty() {
            "'none'".to_owned()
        } else {
            sources("'self'", &self.framed_by)
        };
        let policy = format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
             img-src 'self' data: http: https:; media-src 'self' http: https:; \
             form-action {form_action}; frame-ancestors {ancestors}; base-uri 'none'"
        );
        let mut headers = vec![
            ("content-security-policy", policy),
            ("x-content-type-options", "nosniff".to_owned()),
            // `no-referrer` would make browsers send `Origin: null` with forms, which the walls rightly refuse.
            ("referrer-policy", "same-origin".to_owned()),
            ("cross-origin-opener-policy", "same-origin".to_owned()),
        ];
        if self.framed_by.is_empty() {
            headers.push(("x-frame-options", "DENY".to_owned()));
        }
        headers
    }
}

fn sources(first: &str, origins: &[String]) -> String {
    let mut list = first.to_owned();
    for origin in origins {
        let plain = origin
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b';' | b',' | b'\'' | b'"'));
        if plain && !origin.is_empty() {
            list.push(' ');
            list.push_str(origin);
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy_text(policy: &Policy) -> String {
        policy
            .headers()
            .into_iter()
            .find(|(name, _)| *name == "content-security-policy")
            .unwrap()
            .1
    }

    #[test]
    fn inline_script_and_frames_are_forbidden() {
        let text = policy_text(&Policy::page());
        assert!(!text.contains("unsafe"));
        assert!(text.contains("default-src 'none'") && text.contains("frame-ancestors 'none'"));
    }

    #[test]
    fn an_origin_cannot_add_a_directive() {
        let text = policy_text(&Policy::page().with_form_target("http://a; script-src *".to_owned()));
        assert!(text.contains("form-action 'self';"));
        let text = policy_text(&Policy::page().with_form_target("http://127.0.0.1:9".to_owned()));
        assert!(text.contains("form-action 'self' http://127.0.0.1:9;"));
    }
}
