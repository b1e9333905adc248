//! `GET /me?fields=name,instagram_business_account{…}` with a Page token (contract "Facebook login for
//! Business", tokens).

use http::Method;
use selfsame_wire::ids::{IgUserId, PageId};
use serde_json::Value;

use super::answer;
use crate::failure::CallFailure;
use crate::graph_client::{Body, Caller, GraphClient, read};

const FIELDS: &str = "id,name,instagram_business_account{id,username,name}";

/// The Page behind a Page token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageProfile {
    /// The Page.
    pub page_id: PageId,
    /// Its name.
    pub name: Option<String>,
    /// The linked Instagram professional account; none when no account is linked.
    pub ig_user_id: Option<IgUserId>,
    /// User name of that account.
    pub username: Option<String>,
}

impl GraphClient {
    /// Asks which Page the caller is. Facebook login only.
    pub async fn get_page_profile(&self, caller: &Caller) -> Result<PageProfile, CallFailure> {
        let mut url = self.graph_url(caller.flow, &["me"]);
        url.query_pairs_mut().append_pair("fields", FIELDS);
        let response = self.call(caller, Method::GET, url, Body::None).await;
        read(response, "a Page", |body| read_page(&answer::json(body)?))
    }
}

fn read_page(page: &Value) -> Option<PageProfile> {
    let account = page.get("instagram_business_account");
    Some(PageProfile {
        page_id: answer::text(page, "id").map(PageId::new)?,
        name: answer::text(page, "name"),
        ig_user_id: account
            .and_then(|account| answer::text(account, "id"))
            .map(IgUserId::new),
        username: account.and_then(|account| answer::text(account, "username")),
    })
}
