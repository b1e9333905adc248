//! Reading requests strictly: what is not understood is refused with its field named.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::SimError;

/// The JSON body of a request. The content type is not looked at; an empty body counts as `{}`.
#[derive(Debug)]
pub(crate) struct SimJson<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for SimJson<T> {
    type Rejection = SimError;

    async fn from_request(request: Request, state: &S) -> Result<Self, SimError> {
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection: BytesRejection| {
                let status = rejection.status();
                SimError::bad_request("unreadable_body", rejection.body_text(), None).with_status(status)
            })?;
        parse(if body.is_empty() { b"{}" } else { &body }).map(Self)
    }
}

/// The query of a request.
#[derive(Debug)]
pub(crate) struct SimQuery<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for SimQuery<T> {
    type Rejection = SimError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, SimError> {
        let Query(value) = Query::<T>::try_from_uri(&parts.uri).map_err(|rejection: QueryRejection| {
            let text = rejection.body_text();
            let reason = text
                .strip_prefix("Failed to deserialize query string: ")
                .unwrap_or(&text);
            let (path, words) = match reason.split_once(": ") {
                Some((path, words)) if !path.contains(' ') => (path, words),
                _ => ("", reason),
            };
            misfit(path, words)
        })?;
        Ok(Self(value))
    }
}

/// The variable part of a path.
#[derive(Debug)]
pub(crate) struct SimPath<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for SimPath<T> {
    type Rejection = SimError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, SimError> {
        let read = Path::<T>::from_request_parts(parts, state).await;
        let Path(value) =
            read.map_err(|rejection| SimError::bad_request("invalid_path", rejection.body_text(), None))?;
        Ok(Self(value))
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, SimError> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() {
            misfit(&path, &inner.to_string())
        } else {
            SimError::bad_request("invalid_json", inner.to_string(), None)
        }
    })?;
    reader
        .end()
        .map_err(|error| SimError::bad_request("invalid_json", error.to_string(), None))?;
    Ok(value)
}

/// The refusal of one input. serde tells the names of unknown and missing fields in its words only.
fn misfit(path: &str, words: &str) -> SimError {
    let named = |prefix: &str| {
        words
            .strip_prefix(prefix)
            .and_then(|rest| rest.split_once('`'))
            .map(|(name, _)| name.to_owned())
    };
    let parent = if path == "." { "" } else { path };
    let below = |name: &str| {
        if parent.is_empty() || parent.rsplit('.').next() == Some(name) {
            if parent.is_empty() {
                name.to_owned()
            } else {
                parent.to_owned()
            }
        } else {
            format!("{parent}.{name}")
        }
    };
    if let Some(name) = named("unknown field `") {
        return SimError::bad_request("unknown_field", words, Some(&below(&name)));
    }
    if let Some(name) = named("missing field `") {
        return SimError::bad_request("missing_field", words, Some(&below(&name)));
    }
    SimError::bad_request("invalid_value", words, Some(parent).filter(|field| !field.is_empty()))
}

#[expect(clippy::option_option, reason = "absent and null mean different things here")]
/// Reads a field that tells `null` (remove) from absent (leave).
pub(crate) fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only its parsing is looked at")]
        text: String,
        #[expect(dead_code, reason = "only its parsing is looked at")]
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only its parsing is looked at")]
        count: u8,
    }

    #[test]
    fn the_field_at_fault_is_named_with_its_path() {
        for (body, code, field) in [
            (r#"{"text":"x","txet":1}"#, "unknown_field", Some("txet")),
            ("{}", "missing_field", Some("text")),
            (r#"{"text":1}"#, "invalid_value", Some("text")),
            (
                r#"{"text":"x","inner":{"count":1,"cuont":2}}"#,
                "unknown_field",
                Some("inner.cuont"),
            ),
            (
                r#"{"text":"x","inner":{"count":300}}"#,
                "invalid_value",
                Some("inner.count"),
            ),
            (r#"{"text":"x","inner":{}}"#, "missing_field", Some("inner.count")),
            (r#"{"text":"x""#, "invalid_json", None),
            (r#"{"text":"x"} x"#, "invalid_json", None),
            ("[]", "invalid_value", None),
        ] {
            let error = parse::<Outer>(body.as_bytes()).unwrap_err();
            let shown = format!("{error:?}");
            assert!(shown.contains(&format!("code: {code:?}")), "{body}: {shown}");
            assert!(
                shown.contains(&format!("field: {:?}", field.map(str::to_owned))),
                "{body}: {shown}"
            );
        }
    }
}
