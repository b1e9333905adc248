//! `GET /{IGSID}` — the profile of a person who has messaged (contract "User Profile"). Refused with
//! code 230 until she has.

use http::Method;
use selfsame_wire::ids::IgScopedId;

use super::answer;
use crate::failure::CallFailure;
use crate::graph_client::{Body, Caller, GraphClient, read};

const FIELDS: &str = "name,username,profile_pic";

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonProfile {
    /// Display name.
    pub name: Option<String>,
    /// User name.
    pub username: Option<String>,
    /// Picture; the URL expires.
    pub profile_pic: Option<String>,
}

impl GraphClient {
    /// Asks who a person is.
    pub async fn get_person_profile(&self, caller: &Caller, person: &IgScopedId) -> Result<PersonProfile, CallFailure> {
        let mut url = self.graph_url(caller.flow, &[person.as_str()]);
        url.query_pairs_mut().append_pair("fields", FIELDS);
        let response = self.call(caller, Method::GET, url, Body::None).await;
        read(response, "a profile", |body| {
            let body = answer::json(body)?;
            let profile = answer::object(&body);
            Some(PersonProfile {
                name: answer::text(profile, "name"),
                username: answer::text(profile, "username"),
                profile_pic: answer::text(profile, "profile_pic"),
            })
        })
    }
}
