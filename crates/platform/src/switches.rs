//! Fidelity switches: what Meta leaves open, with the default of contract/self-messaging §8.4, and what a test wants different.

use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// How an API-sent self message echoes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfApiEcho {
    /// `is_echo` and `is_self`, the default.
    EchoAndSelf,
    /// `is_echo` only.
    EchoOnly,
    /// No echo at all.
    None,
}

/// What happens to quick replies sent to the self thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfQuickReplies {
    /// 100/2534015, the default.
    Refuse,
    /// The chips are dropped and the text is delivered.
    Drop,
}

/// What an app is answered that writes to somebody who blocked the account (contract: send-api §5.6, errors §7.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockedAnswer {
    /// 551/1545041, the default.
    NotAvailable,
    /// 2: temporary, as the error reference has it too.
    Temporary,
    /// 10/2018108.
    CannotReceive,
}

/// Shape of the Instagram login's code exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenShape {
    /// `{"data":[{…}]}`, as documented.
    Data,
    /// The flat object that long-standing clients read.
    Flat,
}

/// Every switch, by its dotted name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Switches {
    /// Does an API-sent self message echo, and with which flags?
    #[serde(rename = "self.api_echo")]
    pub self_api_echo: SelfApiEcho,
    /// Does that echo carry the mid of the send response?
    #[serde(rename = "self.api_echo_same_mid")]
    pub self_api_echo_same_mid: bool,
    /// Is there also an ordinary `messages` event (sender = self IGSID) for a self DM?
    #[serde(rename = "self.second_event")]
    pub self_second_event: bool,
    /// Does the standard form accept the self IGSID?
    #[serde(rename = "self.standard_form")]
    pub self_standard_form: bool,
    /// Must the owner message herself on the phone before the API may?
    #[serde(rename = "self.needs_first_dm")]
    pub self_needs_first_dm: bool,
    /// Is a private reply to an own comment refused with 100/2534025?
    #[serde(rename = "self.refuse_private_reply")]
    pub self_refuse_private_reply: bool,
    /// Quick replies in the self thread.
    #[serde(rename = "self.quick_replies")]
    pub self_quick_replies: SelfQuickReplies,
    /// Does the conversations edge list the self thread?
    #[serde(rename = "self.listed_in_conversations")]
    pub self_listed_in_conversations: bool,
    /// Do echoes carry `app_id`, as on Messenger?
    #[serde(rename = "webhooks.echo_app_id")]
    pub webhooks_echo_app_id: bool,
    /// Is every new message followed by a `message_edit` with `num_edit:0`?
    #[serde(rename = "webhooks.edit_noise")]
    pub webhooks_edit_noise: bool,
    /// Are the account's subscribed fields honoured, besides the app's?
    #[serde(rename = "webhooks.account_fields")]
    pub webhooks_account_fields: bool,
    /// Does a delivery take along what waits beside it for the same app and login, up to 1000 updates in one POST?
    #[serde(rename = "webhooks.batching")]
    pub webhooks_batching: bool,
    /// Are `<`, `%` and `@` escaped too, as older documents say?
    #[serde(rename = "webhooks.older_escapes")]
    pub webhooks_older_escapes: bool,
    /// Does an app in development get webhooks of accounts that hold a role?
    #[serde(rename = "webhooks.development_delivers_to_roles")]
    pub webhooks_development_delivers_to_roles: bool,
    /// Do comment webhooks need Advanced Access, even of accounts that hold a role?
    #[serde(rename = "webhooks.comments_need_advanced_access")]
    pub webhooks_comments_need_advanced_access: bool,
    /// Do all other webhooks need Advanced Access too, as the requirements table of the webhooks page has it?
    #[serde(rename = "webhooks.messages_need_advanced_access")]
    pub webhooks_messages_need_advanced_access: bool,
    /// Must the media owner be public for comment webhooks?
    #[serde(rename = "webhooks.comments_need_public_account")]
    pub webhooks_comments_need_public_account: bool,
    /// HTTP status of error 190 on graph.facebook.com.
    #[serde(rename = "errors.facebook_token_status")]
    pub errors_facebook_token_status: u16,
    /// What a send to somebody who blocked the account is answered.
    #[serde(rename = "errors.blocked")]
    pub errors_blocked: BlockedAnswer,
    /// Do private replies need the messaging permission as well?
    #[serde(rename = "graph.private_reply_needs_messages")]
    pub graph_private_reply_needs_messages: bool,
    /// Does `GET /?ids=` answer, as it did before 2026-10-27?
    #[serde(rename = "graph.root_ids")]
    pub graph_root_ids: bool,
    /// Are calls of retired versions refused with 2635, instead of answered by the oldest live one?
    #[serde(rename = "graph.retired_versions_refused")]
    pub graph_retired_versions_refused: bool,
    /// Hours without an event after which an app loses the control of a thread. 0 means never.
    #[serde(rename = "graph.thread_control_idle_hours")]
    pub graph_thread_control_idle_hours: u32,
    /// Shape of the Instagram code exchange.
    #[serde(rename = "oauth.token_shape")]
    pub oauth_token_shape: TokenShape,
    /// Is `user_id` of that answer a JSON number?
    #[serde(rename = "oauth.user_id_as_number")]
    pub oauth_user_id_as_number: bool,
    /// Are `token_type` and `expires_in` added to that answer?
    #[serde(rename = "oauth.token_type_in_code_exchange")]
    pub oauth_token_type_in_code_exchange: bool,
    /// Are rate limits enforced? They are measured in world time, for each app and account.
    #[serde(rename = "limits.enforced")]
    pub limits_enforced: bool,
    /// Sends with the Instagram login. Here and below 0 means no limit.
    #[serde(rename = "limits.instagram_messages_per_second")]
    pub limits_instagram_messages_per_second: u32,
    /// Sends with the Facebook login.
    #[serde(rename = "limits.facebook_messages_per_second")]
    pub limits_facebook_messages_per_second: u32,
    /// Sends of audio and video.
    #[serde(rename = "limits.audio_video_per_second")]
    pub limits_audio_video_per_second: u32,
    /// Reads of conversations and messages.
    #[serde(rename = "limits.conversations_per_second")]
    pub limits_conversations_per_second: u32,
    /// Private replies to comments of a broadcast.
    #[serde(rename = "limits.live_private_replies_per_second")]
    pub limits_live_private_replies_per_second: u32,
    /// Private replies to comments of posts and reels.
    #[serde(rename = "limits.private_replies_per_hour")]
    pub limits_private_replies_per_hour: u32,
    /// Other calls about an Instagram account (80002): 4,800 times its impressions, taken as 1,000.
    #[serde(rename = "limits.instagram_calls_per_day")]
    pub limits_instagram_calls_per_day: u32,
    /// Other calls of the messaging API with a Page's token (80006). Meta documents no number.
    #[serde(rename = "limits.messenger_calls_per_day")]
    pub limits_messenger_calls_per_day: u32,
    /// Calls with a Facebook user's token (17). Meta documents no number.
    #[serde(rename = "limits.user_calls_per_hour")]
    pub limits_user_calls_per_hour: u32,
    /// Calls about a Page (32). Meta documents no number.
    #[serde(rename = "limits.page_calls_per_hour")]
    pub limits_page_calls_per_hour: u32,
    /// All calls of an app (4). Meta documents no number.
    #[serde(rename = "limits.app_calls_per_hour")]
    pub limits_app_calls_per_hour: u32,
    /// Do lines such as `#fail 613` in what a person types cause faults (docs/faults.md)?
    #[serde(rename = "chaos.magic_text")]
    pub chaos_magic_text: bool,
    /// The account that consents at once in every dialog, with `@`.
    #[serde(rename = "login.auto_consent")]
    pub login_auto_consent: Option<String>,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            self_api_echo: SelfApiEcho::EchoAndSelf,
            self_api_echo_same_mid: true,
            self_second_event: false,
            self_standard_form: true,
            self_needs_first_dm: true,
            self_refuse_private_reply: true,
            self_quick_replies: SelfQuickReplies::Refuse,
            self_listed_in_conversations: false,
            webhooks_echo_app_id: false,
            webhooks_edit_noise: false,
            webhooks_account_fields: true,
            webhooks_batching: false,
            webhooks_older_escapes: false,
            webhooks_development_delivers_to_roles: false,
            webhooks_comments_need_advanced_access: true,
            webhooks_messages_need_advanced_access: false,
            webhooks_comments_need_public_account: true,
            errors_facebook_token_status: 401,
            errors_blocked: BlockedAnswer::NotAvailable,
            graph_private_reply_needs_messages: false,
            graph_root_ids: false,
            graph_retired_versions_refused: false,
            graph_thread_control_idle_hours: 24,
            oauth_token_shape: TokenShape::Data,
            oauth_user_id_as_number: false,
            oauth_token_type_in_code_exchange: false,
            limits_enforced: true,
            limits_instagram_messages_per_second: 100,
            limits_facebook_messages_per_second: 300,
            limits_audio_video_per_second: 10,
            limits_conversations_per_second: 2,
            limits_live_private_replies_per_second: 100,
            limits_private_replies_per_hour: 750,
            limits_instagram_calls_per_day: 4_800_000,
            limits_messenger_calls_per_day: 0,
            limits_user_calls_per_hour: 0,
            limits_page_calls_per_hour: 0,
            limits_app_calls_per_hour: 0,
            chaos_magic_text: true,
            login_auto_consent: None,
        }
    }
}

impl Switches {
    /// Since when something must have happened in a thread for its owner to have it still, ms of world time.
    pub fn thread_active_since(&self, now_ms: i64) -> i64 {
        match self.graph_thread_control_idle_hours {
            0 => i64::MIN,
            hours => now_ms.saturating_sub(i64::from(hours).saturating_mul(HOUR_MS)),
        }
    }
}

/// The switches in force, shared by everything that runs. The table behind it is `switches`.
#[derive(Debug, Clone, Default)]
pub struct SwitchBoard {
    current: Arc<RwLock<Arc<Switches>>>,
}

impl SwitchBoard {
    /// A board showing these switches.
    pub fn new(switches: Switches) -> Self {
        Self {
            current: Arc::new(RwLock::new(Arc::new(switches))),
        }
    }

    /// The switches as they stand now.
    pub fn current(&self) -> Arc<Switches> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts other switches in force. The caller has stored them first.
    pub fn replace(&self, switches: Switches) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(switches);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_object_means_the_defaults() {
        let switches: Switches = serde_json::from_str("{}").unwrap();
        assert_eq!(switches, Switches::default());
    }

    #[test]
    fn an_unknown_switch_is_an_error() {
        assert!(serde_json::from_str::<Switches>(r#"{"self.unknown":true}"#).is_err());
    }
}
