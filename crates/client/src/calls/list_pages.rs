//! `GET /me/accounts` with a Facebook user token (contract "Facebook login for Business", tokens).

use std::fmt;

use http::Method;
use selfsame_wire::ids::{IgUserId, PageId};
use selfsame_wire::secret::AccessToken;
use serde_json::Value;

use super::answer;
use crate::failure::CallFailure;
use crate::graph_client::{Body, Caller, GraphClient, read};

const FIELDS: &str = "id,name,access_token,tasks,instagram_business_account{id,username}";
/// Pages asked for at once.
const PAGE_SIZE: &str = "100";
/// Answers read before giving up: more Pages than anybody has.
const ANSWERS_MAX: usize = 20;

/// A Page of the user who logged in.
#[derive(Clone)]
pub struct PageAccount {
    /// The Page.
    pub page_id: PageId,
    /// Its name.
    pub name: Option<String>,
    /// The Page token.
    pub access_token: AccessToken,
    /// What the user may do with it.
    pub tasks: Vec<String>,
    /// The linked Instagram professional account.
    pub ig_user_id: Option<IgUserId>,
    /// User name of that account.
    pub username: Option<String>,
}

impl fmt::Debug for PageAccount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PageAccount")
            .field("page_id", &self.page_id)
            .field("ig_user_id", &self.ig_user_id)
            .finish_non_exhaustive()
    }
}

impl GraphClient {
    /// Lists the Pages of a Facebook user, with their tokens.
    pub async fn list_pages(&self, caller: &Caller) -> Result<Vec<PageAccount>, CallFailure> {
        let mut pages = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..ANSWERS_MAX {
            let mut url = self.graph_url(caller.flow, &["me", "accounts"]);
            url.query_pairs_mut()
                .append_pair("fields", FIELDS)
                .append_pair("limit", PAGE_SIZE);
            if let Some(after) = &after {
                url.query_pairs_mut().append_pair("after", after);
            }
            let response = self.call(caller, Method::GET, url, Body::None).await;
            let body = read(response, "a list of Pages", answer::json)?;
            pages.extend(answer::data(&body).into_iter().filter_map(read_page));
            after = answer::next_cursor(&body);
            if after.is_none() {
                break;
            }
        }
        Ok(pages)
    }
}

fn read_page(page: &Value) -> Option<PageAccount> {
    let account = page.get("instagram_business_account");
    let tasks = page.get("tasks").and_then(Value::as_array);
    Some(PageAccount {
        page_id: answer::text(page, "id").map(PageId::new)?,
        name: answer::text(page, "name"),
        access_token: answer::text(page, "access_token").map(AccessToken::new)?,
        tasks: tasks
            .map(|tasks| tasks.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default(),
        ig_user_id: account
            .and_then(|account| answer::text(account, "id"))
            .map(IgUserId::new),
        username: account.and_then(|account| answer::text(account, "username")),
    })
}
