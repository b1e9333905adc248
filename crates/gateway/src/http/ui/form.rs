//! A form of a page; what is wrong with it is said on a page too.

use axum::Form;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use super::page::PageError;

/// A form that somebody sent from a page.
pub(super) struct PageForm<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for PageForm<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        match Form::<T>::from_request(request, state).await {
            Ok(Form(form)) => Ok(Self(form)),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(PageError::refused(
                "This is too much for one form: at most 2 MB fit.",
                "Nothing was changed. A larger draft is made in its file.",
            )
            .with_status(StatusCode::PAYLOAD_TOO_LARGE)),
            Err(rejection) => {
                Err(PageError::refused(rejection.body_text(), "Nothing was changed.").with_status(rejection.status()))
            }
        }
    }
}
