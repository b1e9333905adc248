//! The refusals that the platform gives, one constructor per row of contract "Which error for which
//! rule" and of the code table.
//!
//! The flow decides the dialect: graph.instagram.com answers `IGApiException` without a prefix,
//! graph.facebook.com `OAuthException` with `(#code) ` before the message.

use super::envelope::{Challenge, GraphError};
use crate::flow::LoginFlow;

const OAUTH: &str = "OAuthException";
const INSTAGRAM_API: &str = "IGApiException";
const GRAPH_METHOD: &str = "GraphMethodException";

impl GraphError {
    /// An error in the dialect of a host.
    pub fn on(flow: LoginFlow, code: i64, message: &str) -> Self {
        match flow {
            LoginFlow::Instagram => Self::new(INSTAGRAM_API, code, message),
            LoginFlow::Facebook => Self::new(OAUTH, code, format!("(#{code}) {message}")),
        }
    }

    /// No token at all: 190 (2500 on graph.facebook.com is not imitated).
    pub fn token_missing(flow: LoginFlow) -> Self {
        let mut error = Self::recorded(flow, 190, None);
        "An access token is required to request this resource.".clone_into(&mut error.message);
        if flow == LoginFlow::Instagram {
            INSTAGRAM_API.clone_into(&mut error.kind);
        }
        error
    }

    /// A token that the host does not know, among them tokens of the other flow.
    pub fn token_unparseable(flow: LoginFlow) -> Self {
        Self::recorded(flow, 190, None)
    }

    /// 190/463.
    pub fn token_expired(flow: LoginFlow) -> Self {
        Self::recorded(flow, 190, Some(463))
    }

    /// 190/458: the account disconnected the app.
    pub fn app_not_installed(flow: LoginFlow) -> Self {
        Self::recorded(flow, 190, Some(458))
    }

    /// 190/460.
    pub fn password_changed(flow: LoginFlow) -> Self {
        Self::recorded(flow, 190, Some(460))
    }

    /// 190/467: logged out, role lost, or otherwise no longer valid.
    pub fn token_invalidated(flow: LoginFlow) -> Self {
        Self::recorded(flow, 190, Some(467))
    }

    /// A permission is missing: 403 with code 10 on the Instagram host, 400 with code 200 on Facebook's.
    pub fn permission_missing(flow: LoginFlow, permission: &str) -> Self {
        match flow {
            LoginFlow::Instagram => Self::recorded(flow, 10, None),
            LoginFlow::Facebook => {
                let mut error = Self::recorded(flow, 200, None);
                error.message = format!("(#200) Requires {permission} permission to manage the object");
                error
            }
        }
    }

    /// 200/2018028: the receiver has no role on an app without Advanced Access.
    pub fn recipient_without_role(flow: LoginFlow) -> Self {
        Self::recorded(flow, 200, Some(2_018_028))
    }

    /// 200/2534041: the owner has switched off access to her messages.
    pub fn message_access_disabled(flow: LoginFlow) -> Self {
        Self::recorded(flow, 200, Some(2_534_041))
    }

    /// 100/33: no such object, or none that this token may see, or no such operation on it.
    /// `method` is `get`, `post` or `delete`.
    pub fn unsupported_request(flow: LoginFlow, method: &str, object_id: &str) -> Self {
        let message = format!(
            "Unsupported {method} request. Object with ID '{object_id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation."
        );
        let kind = match flow {
            LoginFlow::Instagram => INSTAGRAM_API,
            LoginFlow::Facebook => GRAPH_METHOD,
        };
        Self::new(kind, 100, message).with_subcode(33)
    }

    /// 2500: the path is not a path of Graph.
    pub fn unknown_path(path: &str) -> Self {
        Self::new(OAUTH, 2500, format!("Unknown path components: {path}"))
    }

    /// 100 without subcode: a parameter is missing or wrong.
    pub fn invalid_parameter(flow: LoginFlow, message: &str) -> Self {
        Self::on(flow, 100, message)
    }

    /// 100: the parameter is required.
    pub fn parameter_required(flow: LoginFlow, name: &str) -> Self {
        Self::on(flow, 100, &format!("The parameter {name} is required"))
    }

    /// 100: a field that this object does not have.
    pub fn nonexisting_field(flow: LoginFlow, field: &str) -> Self {
        Self::on(flow, 100, &format!("Tried accessing nonexisting field ({field})"))
    }

    /// 100: `subscribed_fields` is empty or names an unknown field.
    pub fn unknown_subscribed_field(flow: LoginFlow, known: &[&str], got: &str) -> Self {
        let message = format!(
            "Param subscribed_fields must be one of {{{}}} - got \"{got}\"",
            known.join(", ")
        );
        Self::on(flow, 100, &message)
    }

    /// 100: `appsecret_proof` does not fit the token.
    pub fn invalid_appsecret_proof() -> Self {
        Self::new(
            GRAPH_METHOD,
            100,
            "Invalid appsecret_proof provided in the API argument",
        )
    }

    /// 100: the app demands `appsecret_proof`.
    pub fn appsecret_proof_required() -> Self {
        Self::new(
            GRAPH_METHOD,
            100,
            "API calls from the server require an appsecret_proof argument",
        )
    }

    /// 100/2534014: no such person for this account: a foreign IGSID, or the account's own id.
    pub fn no_matching_user(flow: LoginFlow) -> Self {
        Self::recorded(flow, 100, Some(2_534_014))
    }

    /// 100/2534013: the Page has no Instagram professional account.
    pub fn page_not_linked(flow: LoginFlow) -> Self {
        Self::recorded(flow, 100, Some(2_534_013))
    }

    /// 100/2534015: the message does not fit its kind: too long, malformed, quick replies to oneself.
    pub fn invalid_message_data(flow: LoginFlow) -> Self {
        Self::recorded(flow, 100, Some(2_534_015))
    }

    /// 100/2018014: a message and a sender action in one request.
    pub fn message_with_sender_action(flow: LoginFlow) -> Self {
        Self::recorded(flow, 100, Some(2_018_014))
    }

    /// 100/2534025: the comment cannot be answered privately.
    pub fn comment_invalid_for_private_reply(flow: LoginFlow) -> Self {
        Self::recorded(flow, 100, Some(2_534_025))
    }

    /// 100/2534037: another app owns the thread.
    pub fn not_thread_owner(flow: LoginFlow) -> Self {
        Self::recorded(flow, 100, Some(2_534_037))
    }

    /// 100/2534029: the business may not use the messaging API.
    pub fn business_blocked(flow: LoginFlow) -> Self {
        Self::recorded(flow, 100, Some(2_534_029))
    }

    /// 100/2018008: the media URL cannot be fetched.
    pub fn media_fetch_failed(flow: LoginFlow) -> Self {
        Self::recorded(flow, 100, Some(2_018_008))
    }

    /// 100/2018047: the fetched file is of another type.
    pub fn media_type_mismatch(flow: LoginFlow) -> Self {
        Self::recorded(flow, 100, Some(2_018_047))
    }

    /// 100/2018109: the fetched file is too big.
    pub fn media_too_large(flow: LoginFlow) -> Self {
        Self::recorded(flow, 100, Some(2_018_109))
    }

    /// 100/2018294: the video took longer than 75 s to fetch, or is corrupt.
    pub fn video_fetch_timed_out(flow: LoginFlow) -> Self {
        Self::recorded(flow, 100, Some(2_018_294))
    }

    /// 100/2018074: the attachment id is unknown or somebody else's.
    pub fn invalid_attachment_id(flow: LoginFlow) -> Self {
        Self::recorded(flow, 100, Some(2_018_074))
    }

    /// 10/2534022: the 24-hour window (or the 7 days of a human agent) has passed.
    pub fn outside_window(flow: LoginFlow) -> Self {
        Self::recorded(flow, 10, Some(2_534_022))
    }

    /// 10: the Human Agent feature is not granted.
    pub fn human_agent_not_granted(flow: LoginFlow) -> Self {
        Self::on(
            flow,
            10,
            "Application does not have permission to use the Human Agent tag.",
        )
        .with_status(403)
    }

    /// 10/2018108: the person cannot receive messages now.
    pub fn person_cannot_receive(flow: LoginFlow) -> Self {
        Self::recorded(flow, 10, Some(2_018_108))
    }

    /// 551/1545041: the person is not available.
    pub fn person_not_available(flow: LoginFlow) -> Self {
        Self::recorded(flow, 551, Some(1_545_041))
    }

    /// 230: the profile of a person who has not messaged.
    pub fn consent_required(flow: LoginFlow) -> Self {
        Self::recorded(flow, 230, None)
    }

    /// 613/2534040: too many messages.
    pub fn messaging_rate_limit(flow: LoginFlow) -> Self {
        Self::recorded(flow, 613, Some(2_534_040))
    }

    /// 4: too many calls by the app.
    pub fn application_request_limit(flow: LoginFlow) -> Self {
        Self::recorded(flow, 4, None)
    }

    /// 80002: too many calls on behalf of the account.
    pub fn business_use_case_limit(flow: LoginFlow) -> Self {
        Self::recorded(flow, 80_002, None)
    }

    /// 17: too many calls with the token of one Facebook user.
    pub fn user_request_limit(flow: LoginFlow) -> Self {
        Self::recorded(flow, 17, None)
    }

    /// 32: too many calls about one Page.
    pub fn page_request_limit(flow: LoginFlow) -> Self {
        Self::recorded(flow, 32, None)
    }

    /// 80006: too many calls of the messaging API on behalf of one Page.
    pub fn messenger_use_case_limit(flow: LoginFlow) -> Self {
        Self::recorded(flow, 80_006, None)
    }

    /// 9000001: the message is deleted, or beyond the 20 that can be read.
    pub fn message_not_readable(flow: LoginFlow) -> Self {
        Self::recorded(flow, 9_000_001, None)
    }

    /// 803: an alias that does not exist.
    pub fn alias_does_not_exist(alias: &str) -> Self {
        Self::new(
            OAUTH,
            803,
            format!("(#803) Some of the aliases you requested do not exist: {alias}"),
        )
    }

    /// 100 with `invalid_code`: a code used a second time (Facebook login).
    pub fn authorization_code_used() -> Self {
        let mut error = Self::new(OAUTH, 100, "This authorization code has been used.");
        error.challenge = Challenge::InvalidCode;
        error
    }

    /// 2, 503: temporary. Also what a full or failing store answers.
    pub fn temporary() -> Self {
        Self::recorded(LoginFlow::Instagram, 2, None)
    }

    /// 1, 500: unknown.
    pub fn unknown() -> Self {
        Self::recorded(LoginFlow::Instagram, 1, None)
    }

    /// 1/1357046: the answer is broken although the message went out.
    pub fn invalid_reply_although_sent() -> Self {
        Self::recorded(LoginFlow::Instagram, 1, Some(1_357_046))
    }
}
