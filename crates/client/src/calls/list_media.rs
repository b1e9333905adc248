//! `GET /{account}/media` (contract "Media"): the newest posts.

use http::Method;
use selfsame_wire::ids::{IgUserId, MediaId};

use super::answer;
use crate::failure::CallFailure;
use crate::graph_client::{Body, Caller, GraphClient, read};

impl GraphClient {
    /// Lists the newest posts of an account, newest first; one page.
    pub async fn list_media(
        &self,
        caller: &Caller,
        account: &IgUserId,
        limit: u32,
    ) -> Result<Vec<MediaId>, CallFailure> {
        let mut url = self.graph_url(caller.flow, &[account.as_str(), "media"]);
        url.query_pairs_mut()
            .append_pair("fields", "id")
            .append_pair("limit", &limit.to_string());
        let response = self.call(caller, Method::GET, url, Body::None).await;
        read(response, "a list of posts", |body| {
            let body = answer::json(body)?;
            body.get("data")?;
            let media = answer::data(&body).into_iter();
            Some(
                media
                    .filter_map(|item| answer::text(item, "id").map(MediaId::new))
                    .collect(),
            )
        })
    }
}
