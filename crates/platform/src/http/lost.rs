//! Paths below our own first segments that nothing serves (design §5 "One port"): never Graph's, and never a bare 404. A browser gets a
//! page, everybody else the error object of `/_sim`; both say what was probably meant.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header;

use super::graph::why_header;
use super::nearest::nearest;
use super::sim::SimError;
use super::ui::not_here;

/// What there is below each of our first segments. `_sim` answers for itself, the logins' segments are Graph's.
const SERVED: &[(&str, &[&str])] = &[
    (
        "phone",
        &[
            "/phone",
            "/phone/@{account}",
            "/phone/@{account}/t/@{other}",
            "/phone/@{account}/p/{media}",
            "/phone/@{account}/apps",
            "/phone/@{account}/settings",
        ],
    ),
    (
        "inspector",
        &[
            "/inspector",
            "/inspector/calls",
            "/inspector/calls/{id}",
            "/inspector/deliveries/{id}",
        ],
    ),
    ("dashboard", &["/dashboard"]),
    ("livez", &["/livez"]),
    ("readyz", &["/readyz"]),
    ("metrics", &["/metrics"]),
    ("assets", &["/assets/{file}"]),
];

/// What is served below the first segment of a path, if that is one of ours.
pub(super) fn served(path: &str) -> Option<&'static [&'static str]> {
    let first = path.split('/').find(|segment| !segment.is_empty())?;
    SERVED.iter().find(|(ours, _)| *ours == first).map(|(_, paths)| *paths)
}

/// Answers a request below one of our first segments that no route took.
pub(super) fn answer(request: &Request, served: &'static [&'static str]) -> Response {
    let path = request.uri().path();
    let words = words(path, served);
    let accepts_pages = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let mut response = if accepts_pages {
        not_here(words.clone())
    } else {
        SimError::not_found("unknown_path", words.clone(), None).into_response()
    };
    response.headers_mut().extend(why_header(&words));
    response
}

fn words(path: &str, served: &[&str]) -> String {
    // Variable parts are put in from the path, so that only the fixed ones are compared.
    let given: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let filled: Vec<String> = served
        .iter()
        .map(|pattern| {
            let parts = pattern.split('/').filter(|part| !part.is_empty()).enumerate();
            parts.fold(String::new(), |path, (index, part)| {
                let part = if part.contains('{') {
                    given.get(index).copied().unwrap_or(part)
                } else {
                    part
                };
                format!("{path}/{part}")
            })
        })
        .collect();
    let path = format!("/{}", given.join("/"));
    match nearest(&path, &filled, String::as_str) {
        Some(meant) if *meant != path => format!("Nothing is served at {path}; did you mean {meant}?"),
        _ => format!("Nothing is served at {path}; there is: {}.", served.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixed_parts_of_a_path_lead_to_what_was_meant() {
        for (path, expected) in [
            (
                "/phone/@luna.coffee/setings",
                "did you mean /phone/@luna.coffee/settings?",
            ),
            ("/phone/@luna.coffee/s/@sam", "did you mean /phone/@luna.coffee/t/@sam?"),
            ("//inspector/call/", "did you mean /inspector/calls?"),
            ("/inspector/delivery/7", "there is: /inspector, "),
            ("/livez/x", "did you mean /livez?"),
            ("/dashboard/\u{1f916}", "there is: /dashboard."),
        ] {
            let found = words(path, served(path).unwrap());
            assert!(found.contains(expected), "{path}: {found}");
        }
        assert_eq!(served("/me/messages"), None);
        assert_eq!(served("/"), None);
    }
}
