//! `GET /me?fields=user_id,username,…` with an Instagram user token (contract "Profile").

use http::Method;
use selfsame_wire::ids::{AppScopedId, IgUserId};

use super::answer;
use crate::failure::CallFailure;
use crate::graph_client::{Body, Caller, GraphClient, read};

const FIELDS: &str = "user_id,username,id,name,account_type,profile_picture_url";

/// The account behind an Instagram user token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstagramProfile {
    /// `user_id`: the account; the id that webhooks carry.
    pub ig_user_id: IgUserId,
    /// `id`: the account as this app sees it; never in a webhook.
    pub app_scoped_id: Option<AppScopedId>,
    /// User name.
    pub username: String,
    /// Display name.
    pub name: Option<String>,
    /// `BUSINESS` or `MEDIA_CREATOR`.
    pub account_type: Option<String>,
    /// Picture; the URL expires.
    pub profile_picture_url: Option<String>,
}

impl GraphClient {
    /// Asks who the caller is. Instagram login only.
    pub async fn get_instagram_profile(&self, caller: &Caller) -> Result<InstagramProfile, CallFailure> {
        let mut url = self.graph_url(caller.flow, &["me"]);
        url.query_pairs_mut().append_pair("fields", FIELDS);
        let response = self.call(caller, Method::GET, url, Body::None).await;
        read(response, "an Instagram profile", |body| {
            let body = answer::json(body)?;
            let profile = answer::object(&body);
            Some(InstagramProfile {
                ig_user_id: answer::text(profile, "user_id").map(IgUserId::new)?,
                app_scoped_id: answer::text(profile, "id").map(AppScopedId::new),
                username: answer::text(profile, "username")?,
                name: answer::text(profile, "name"),
                account_type: answer::text(profile, "account_type"),
                profile_picture_url: answer::text(profile, "profile_picture_url"),
            })
        })
    }
}
