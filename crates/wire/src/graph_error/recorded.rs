//! The table of errors that messaging developers meet, row by row as in contract/errors §7.3, with the wording that was recorded
//! (or, where nobody recorded one, the documentation's), type, status and challenge.
//!
//! The refusals that the platform gives of itself take their words from here, and so does the fault `graph_error`, so that an
//! error on demand looks as it does when its rule causes it.

use super::envelope::{Challenge, GraphError};
use crate::flow::LoginFlow;

const OAUTH: &str = "OAuthException";
const INSTAGRAM_API: &str = "IGApiException";
const GRAPH_METHOD: &str = "GraphMethodException";

/// How the two hosts word an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `IGApiException` on graph.instagram.com, `OAuthException` with `(#code) ` before the message on graph.facebook.com.
    ByHost,
    /// `OAuthException` without prefix on both: tokens, and what comes from below the API.
    OAuth,
    /// `IGApiException` on graph.instagram.com, `GraphMethodException` without prefix on graph.facebook.com: unknown objects.
    Object,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// `code`
    pub code: i64,
    /// `error_subcode`, if the row has one.
    pub subcode: Option<i64>,
    /// English text, without prefix.
    pub message: &'static str,
    /// `error_user_msg`, where Meta documents one.
    pub user_message: Option<&'static str>,
    /// Type and prefix.
    pub dialect: Dialect,
    /// HTTP status on graph.instagram.com and on graph.facebook.com.
    pub statuses: (u16, u16),
    /// Whether Graph says that trying again may help.
    pub is_transient: bool,
    /// Word of `www-authenticate`.
    pub challenge: Challenge,
}

impl Recorded {
    const fn new(code: i64, subcode: Option<i64>, message: &'static str) -> Self {
        Self {
            code,
            subcode,
            message,
            user_message: None,
            dialect: Dialect::ByHost,
            statuses: (400, 400),
            is_transient: false,
            challenge: Challenge::InvalidRequest,
        }
    }

    const fn plain(code: i64, message: &'static str) -> Self {
        Self::new(code, None, message)
    }

    const fn sub(code: i64, subcode: i64, message: &'static str) -> Self {
        Self::new(code, Some(subcode), message)
    }

    /// 190 and 102: `OAuthException` without prefix, 400 on the Instagram host and 401 on Facebook's.
    const fn token(code: i64, subcode: Option<i64>, message: &'static str) -> Self {
        Self {
            dialect: Dialect::OAuth,
            statuses: (400, 401),
            challenge: Challenge::InvalidToken,
            ..Self::new(code, subcode, message)
        }
    }

    /// Publishing: `OAuthException` without prefix on both hosts, and a text for end users (Meta's page of publishing errors).
    const fn publishing(code: i64, subcode: i64, message: &'static str, user_message: &'static str) -> Self {
        Self {
            dialect: Dialect::OAuth,
            user_message: Some(user_message),
            ..Self::new(code, Some(subcode), message)
        }
    }

    const fn statuses(self, instagram: u16, facebook: u16) -> Self {
        Self {
            statuses: (instagram, facebook),
            ..self
        }
    }

    const fn dialect(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    const fn transient(self) -> Self {
        Self {
            is_transient: true,
            ..self
        }
    }

    const fn scope(self) -> Self {
        Self {
            challenge: Challenge::InsufficientScope,
            ..self
        }
    }

    /// The error in the dialect of a host.
    pub fn to_error(&self, flow: LoginFlow) -> GraphError {
        let mut error = match (self.dialect, flow) {
            (Dialect::ByHost, _) => GraphError::on(flow, self.code, self.message),
            (Dialect::OAuth, _) => GraphError::new(OAUTH, self.code, self.message),
            (Dialect::Object, LoginFlow::Instagram) => GraphError::new(INSTAGRAM_API, self.code, self.message),
            (Dialect::Object, LoginFlow::Facebook) => GraphError::new(GRAPH_METHOD, self.code, self.message),
        };
        error.subcode = self.subcode;
        error.user_message = self.user_message.map(str::to_owned);
        error.is_transient = self.is_transient.then_some(true);
        error.http_status = match flow {
            LoginFlow::Instagram => self.statuses.0,
            LoginFlow::Facebook => self.statuses.1,
        };
        error.challenge = self.challenge;
        error
    }
}

/// Every row, in the order of contract/errors §7.3.
pub const RECORDED: &[Recorded] = &[
    Recorded::plain(1, "An unknown error has occurred.")
        .dialect(Dialect::OAuth)
        .statuses(500, 500)
        .transient(),
    Recorded::sub(1, 99, "An unknown error occurred")
        .dialect(Dialect::OAuth)
        .statuses(500, 500)
        .transient(),
    Recorded::sub(1, 1_357_046, "Invalid JSON reply although messages were sent")
        .dialect(Dialect::OAuth)
        .statuses(500, 500),
    Recorded::plain(2, "An unexpected error has occurred. Please retry your request later.")
        .dialect(Dialect::OAuth)
        .statuses(503, 503)
        .transient(),
    Recorded::plain(3, "Application does not have the capability to make this API call.").scope(),
    Recorded::plain(4, "Application request limit reached").transient(),
    Recorded::publishing(
        9,
        2_207_042,
        "The maximum number of posts for this account in 24 hours was reached.",
        "You reached maximum number of posts that is allowed to be published by Content Publishing API.",
    ),
    Recorded::publishing(
        -2,
        2_207_003,
        "Timeout",
        "It takes too long to download the media.",
    ),
    Recorded::publishing(
        -2,
        2_207_020,
        "Media is expired",
        "The media you are trying to access has expired. Please try to upload again.",
    ),
    Recorded::publishing(
        24,
        2_207_008,
        "The requested resource does not exist",
        "The media builder with this creation id does not exist or has been expired.",
    ),
    Recorded::publishing(100, 2_207_023, "Invalid parameter", "The media type is unknown."),
    Recorded::publishing(
        100,
        2_207_028,
        "Invalid parameter",
        "Your post won't work as a carousel. Carousels need at least 2 photos/videos and no more than 10.",
    ),
    Recorded::publishing(
        352,
        2_207_026,
        "The video file you selected is in a format that we don't support.",
        "The video format is not supported. Please check spec for supported video format.",
    ),
    Recorded::publishing(
        9_004,
        2_207_052,
        "Only photo or video can be accepted as media type.",
        "The media could not be fetched from this URI.",
    ),
    Recorded::publishing(
        9_007,
        2_207_027,
        "Media ID is not available",
        "The media is not ready for publishing, please wait for a moment.",
    ),
    Recorded::publishing(
        36_000,
        2_207_004,
        "The image size is too large.",
        "The image is too large to download. It should be less than 8 MiB.",
    ),
    Recorded::publishing(
        36_001,
        2_207_005,
        "Unsupported image format",
        "The image format is not supported. Supported formats are: JPEG.",
    ),
    Recorded::publishing(
        36_004,
        2_207_010,
        "The caption is too long.",
        "The caption was too long: at most 2200 characters, 30 hashtags and 20 @ tags.",
    ),
    Recorded::plain(10, "Application does not have permission for this action")
        .statuses(403, 400)
        .scope(),
    Recorded::sub(10, 2_534_022, "This message is sent outside of allowed window.").statuses(403, 400),
    Recorded::sub(10, 2_018_278, "This message is sent outside of allowed window.").statuses(403, 400),
    Recorded::sub(
        10,
        2_018_065,
        "This message is sent outside of allowed window. You need page_messaging_subscriptions permission to be able to do it.",
    )
    .statuses(403, 400),
    Recorded::sub(10, 2_018_108, "This person can't receive your messages right now.").statuses(403, 400),
    Recorded::sub(
        10,
        2_534_077,
        "The Instagram account, the user or the link to the Page cannot be verified.",
    )
    .statuses(403, 400),
    Recorded::sub(
        10,
        1_893_063,
        "This account is temporarily restricted from sending messages because of a policy violation.",
    )
    .statuses(403, 400),
    Recorded::plain(17, "User request limit reached").transient(),
    Recorded::plain(32, "Page request limit reached").transient(),
    Recorded::plain(36_103, "This Instagram account is not eligible for the API yet."),
    Recorded::plain(
        80_001,
        "There have been too many calls to this Page account. Wait a bit and try again. For more info, please refer to https://developers.facebook.com/docs/graph-api/overview/rate-limiting.",
    )
    .transient(),
    Recorded::plain(
        80_002,
        "There have been too many calls to this Instagram account. Wait a bit and try again. For more info, please refer to https://developers.facebook.com/docs/graph-api/overview/rate-limiting.",
    )
    .transient(),
    Recorded::plain(
        80_006,
        "There have been too many calls to this messenger account. Wait a bit and try again. For more info, please refer to https://developers.facebook.com/docs/graph-api/overview/rate-limiting.",
    )
    .transient(),
    Recorded::plain(100, "Invalid parameter"),
    Recorded::sub(
        100,
        33,
        "Unsupported request. The object does not exist, cannot be loaded due to missing permissions, or does not support this operation.",
    )
    .dialect(Dialect::Object),
    Recorded::sub(100, 2_018_001, "No matching user found"),
    Recorded::sub(100, 2_018_008, "Failed to fetch the file from the url."),
    Recorded::sub(100, 2_018_014, "Message and sender_action cannot be sent together."),
    Recorded::sub(
        100,
        2_018_047,
        "Upload attachment failure: the type of the file does not match.",
    ),
    Recorded::sub(100, 2_018_074, "Invalid attachment id, or you do not own it."),
    Recorded::sub(100, 2_018_109, "Attachment size exceeds allowable limit."),
    Recorded::sub(
        100,
        2_018_294,
        "Failed to fetch the video in time, or the video is corrupt.",
    ),
    Recorded::sub(100, 2_018_320, "Invalid product id."),
    Recorded::sub(100, 2_018_328, "Product templates need version 8.0 or later."),
    Recorded::sub(
        100,
        2_534_013,
        "The Page is not linked to an Instagram professional account.",
    ),
    Recorded::sub(100, 2_534_014, "No matching Instagram user"),
    Recorded::sub(100, 2_534_015, "Invalid message data"),
    Recorded::sub(100, 2_534_025, "The comment is invalid for a private reply."),
    Recorded::sub(
        100,
        2_534_029,
        "This business is blocked from using the Instagram messaging API.",
    ),
    Recorded::sub(100, 2_534_037, "The app is not the owner of the thread."),
    Recorded::sub(
        100,
        2_534_068,
        "Sending several images is not available for this account yet.",
    ),
    Recorded::token(190, None, "Invalid OAuth access token - Cannot parse access token"),
    Recorded::token(
        190,
        Some(458),
        "Error validating access token: The user has not authorized application",
    ),
    Recorded::token(
        190,
        Some(459),
        "Error validating access token: You cannot access the app till you log in to www.facebook.com and follow the instructions given.",
    ),
    Recorded::token(
        190,
        Some(460),
        "Error validating access token: The session has been invalidated because the user changed their password or Facebook has changed the session for security reasons.",
    ),
    Recorded::token(
        190,
        Some(461),
        "Error validating access token: The session is invalid because the user logged out.",
    ),
    Recorded::token(
        190,
        Some(463),
        "Error validating access token: Session has expired",
    ),
    Recorded::token(
        190,
        Some(464),
        "Error validating access token: Sessions for the user are not allowed because the user is not a confirmed user.",
    ),
    Recorded::token(
        190,
        Some(467),
        "Error validating access token: The session is invalid because the user logged out.",
    ),
    Recorded::token(
        190,
        Some(492),
        "Error validating access token: The user must be an administrator, editor, or moderator of the page in order to impersonate it.",
    ),
    Recorded::token(102, None, "Session key invalid or no longer valid"),
    Recorded::plain(200, "Permissions error").scope(),
    Recorded::sub(200, 2_018_027, "Cannot message users who are not admins, developers or testers of the app until the permission has been approved and the app is live."),
    Recorded::sub(200, 2_018_028, "Cannot message users who are not admins, developers or testers of the app until the permission has been approved and the app is live."),
    Recorded::sub(200, 1_545_041, "This person isn't available right now."),
    Recorded::sub(
        200,
        2_534_041,
        "The Instagram account owner has disabled access to Instagram direct messages.",
    ),
    Recorded::plain(230, "User consent is required to access user profile"),
    Recorded::plain(341, "Application limit reached. Try again later.").transient(),
    Recorded::plain(
        368,
        "The action attempted has been deemed abusive or is otherwise disallowed",
    ),
    Recorded::sub(508, 2_534_122, "The link is restricted."),
    Recorded::plain(551, "This person isn't available right now."),
    Recorded::sub(551, 1_545_041, "This person isn't available right now."),
    Recorded::plain(613, "Calls to this api have exceeded the rate limit.").transient(),
    Recorded::sub(613, 2_534_040, "Calls to this api have exceeded the rate limit.").transient(),
    Recorded::sub(613, 1_996, "Calls to this api have been inconsistent in volume.").transient(),
    Recorded::sub(613, 2_018_338, "Calls to this api have exceeded the rate limit: the message tag was used abusively."),
    Recorded::sub(613, 1_893_016, "Calls to this api have exceeded the rate limit: the opt-in was requested repeatedly."),
    Recorded::plain(803, "Some of the aliases you requested do not exist"),
    Recorded::plain(2_018_300, "Another app is controlling this thread now."),
    Recorded::plain(
        9_000_001,
        "This Message has been deleted by the user or the business.",
    ),
    Recorded::plain(9_010, "No matching Instagram user"),
    Recorded::plain(2_500, "Unknown path components").dialect(Dialect::OAuth),
    Recorded::plain(
        2_635,
        "You are calling a deprecated version of the API. Please update to the latest version: v26.0.",
    ),
];

/// Codes of permissions that are not granted, each for one permission nobody lists.
const PERMISSION_CODES: std::ops::RangeInclusive<i64> = 200..=299;

impl GraphError {
    /// The error of this code and subcode in the dialect of a host, worded as recorded. A subcode that the table does not know
    /// takes the words of its code; an unknown code those of an unknown error.
    pub fn recorded(flow: LoginFlow, code: i64, subcode: Option<i64>) -> Self {
        let find =
            |code: i64, subcode: Option<i64>| RECORDED.iter().find(|row| row.code == code && row.subcode == subcode);
        let permission = PERMISSION_CODES.contains(&code).then_some(200);
        let row = find(code, subcode)
            .or_else(|| find(code, None))
            .or_else(|| find(permission?, None));
        let mut error = match row {
            Some(row) => Recorded { code, ..*row }.to_error(flow),
            None => Self::on(flow, code, "An unknown error has occurred."),
        };
        error.subcode = subcode;
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph_error::ErrorClass;

    #[test]
    fn no_row_is_there_twice_and_each_can_be_asked_for_in_both_dialects() {
        let mut seen = std::collections::BTreeSet::new();
        for row in RECORDED {
            assert!(seen.insert((row.code, row.subcode)), "{row:?}");
            for flow in LoginFlow::ALL {
                let error = GraphError::recorded(flow, row.code, row.subcode);
                assert_eq!(error, row.to_error(flow));
                assert!(error.message.ends_with(row.message), "{error}");
                let is_prefixed = error.message.starts_with(&format!("(#{}) ", row.code));
                assert_eq!(
                    is_prefixed,
                    flow == LoginFlow::Facebook && row.dialect == Dialect::ByHost,
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn rows_that_say_transient_are_those_that_a_client_retries() {
        for row in RECORDED {
            let class = row.to_error(LoginFlow::Instagram).classify();
            if row.is_transient {
                assert_eq!(class, ErrorClass::Retry, "{row:?}");
            }
        }
    }

    #[test]
    fn an_unknown_subcode_takes_the_words_of_its_code_and_an_unknown_code_has_some() {
        let of = |code, subcode| {
            let error = GraphError::recorded(LoginFlow::Instagram, code, subcode);
            (error.code, error.subcode, error.message)
        };
        assert_eq!(
            of(190, Some(1)),
            (
                190,
                Some(1),
                "Invalid OAuth access token - Cannot parse access token".to_owned()
            )
        );
        assert_eq!(of(283, None), (283, None, "Permissions error".to_owned()));
        assert_eq!(
            of(99_999, None),
            (99_999, None, "An unknown error has occurred.".to_owned())
        );
    }
}
