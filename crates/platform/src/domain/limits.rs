//! How often an app may call for an account (contract: send-api §5.8).
//!
//! Each class of calls has a bucket that holds as many calls as its limit and fills evenly over its window, in world time. A bucket is
//! one number: the instant at which it is full again. So a call costs a comparison, whatever the limit.

use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;

use crate::switches::Switches;

/// A class of calls with a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Sends of text, links, reactions, stickers, images, files and templates, and sender actions.
    Messages,
    /// Sends of audio and video.
    AudioVideo,
    /// Reads of conversations and their messages.
    Conversations,
    /// Private replies to comments of a running broadcast.
    LivePrivateReplies,
    /// Private replies to comments of posts and reels.
    PrivateReplies,
    /// Every other call about the Instagram account.
    Instagram,
    /// Every other call of the messaging API with the token of a Page.
    Messenger,
    /// Calls with the token of a Facebook user.
    User,
    /// Calls about the Page itself.
    Page,
    /// All calls of the app together.
    App,
}

/// How many classes there are.
pub const CLASS_COUNT: usize = 10;

impl Class {
    /// Every class.
    pub const ALL: [Self; CLASS_COUNT] = [
        Self::Messages,
        Self::AudioVideo,
        Self::Conversations,
        Self::LivePrivateReplies,
        Self::PrivateReplies,
        Self::Instagram,
        Self::Messenger,
        Self::User,
        Self::Page,
        Self::App,
    ];

    /// Its place in a row of buckets.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::AudioVideo => "audio_video",
            Self::Conversations => "conversations",
            Self::LivePrivateReplies => "live_private_replies",
            Self::PrivateReplies => "private_replies",
            Self::Instagram => "instagram",
            Self::Messenger => "messenger",
            Self::User => "user",
            Self::Page => "page",
            Self::App => "app",
        }
    }

    /// The class of this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }

    /// Whether its window is long enough for its level to outlive a restart.
    pub const fn is_long(self) -> bool {
        !matches!(
            self,
            Self::Messages | Self::AudioVideo | Self::Conversations | Self::LivePrivateReplies
        )
    }

    /// The limit under these switches; `None`: not limited.
    pub const fn limit(self, flow: LoginFlow, switches: &Switches) -> Option<Limit> {
        const SECOND_US: i64 = 1_000_000;
        const HOUR_US: i64 = 3600 * SECOND_US;
        let (calls, window_us) = match (self, flow) {
            (Self::Messages, LoginFlow::Instagram) => (switches.limits_instagram_messages_per_second, SECOND_US),
            (Self::Messages, LoginFlow::Facebook) => (switches.limits_facebook_messages_per_second, SECOND_US),
            (Self::AudioVideo, _) => (switches.limits_audio_video_per_second, SECOND_US),
            (Self::Conversations, _) => (switches.limits_conversations_per_second, SECOND_US),
            (Self::LivePrivateReplies, _) => (switches.limits_live_private_replies_per_second, SECOND_US),
            (Self::PrivateReplies, _) => (switches.limits_private_replies_per_hour, HOUR_US),
            (Self::Instagram, _) => (switches.limits_instagram_calls_per_day, 24 * HOUR_US),
            (Self::Messenger, _) => (switches.limits_messenger_calls_per_day, 24 * HOUR_US),
            (Self::User, _) => (switches.limits_user_calls_per_hour, HOUR_US),
            (Self::Page, _) => (switches.limits_page_calls_per_hour, HOUR_US),
            (Self::App, _) => (switches.limits_app_calls_per_hour, HOUR_US),
        };
        if calls == 0 || !switches.limits_enforced {
            return None;
        }
        Some(Limit { calls, window_us })
    }

    /// The switch that sets its limit.
    pub const fn switch(self, flow: LoginFlow) -> &'static str {
        match (self, flow) {
            (Self::Messages, LoginFlow::Instagram) => "limits.instagram_messages_per_second",
            (Self::Messages, LoginFlow::Facebook) => "limits.facebook_messages_per_second",
            (Self::AudioVideo, _) => "limits.audio_video_per_second",
            (Self::Conversations, _) => "limits.conversations_per_second",
            (Self::LivePrivateReplies, _) => "limits.live_private_replies_per_second",
            (Self::PrivateReplies, _) => "limits.private_replies_per_hour",
            (Self::Instagram, _) => "limits.instagram_calls_per_day",
            (Self::Messenger, _) => "limits.messenger_calls_per_day",
            (Self::User, _) => "limits.user_calls_per_hour",
            (Self::Page, _) => "limits.page_calls_per_hour",
            (Self::App, _) => "limits.app_calls_per_hour",
        }
    }

    /// What a call beyond the limit is answered.
    pub fn to_graph_error(self, flow: LoginFlow) -> GraphError {
        match self {
            Self::Messages
            | Self::AudioVideo
            | Self::Conversations
            | Self::LivePrivateReplies
            | Self::PrivateReplies => GraphError::messaging_rate_limit(flow),
            Self::Instagram => GraphError::business_use_case_limit(flow),
            Self::Messenger => GraphError::messenger_use_case_limit(flow),
            Self::User => GraphError::user_request_limit(flow),
            Self::Page => GraphError::page_request_limit(flow),
            Self::App => GraphError::application_request_limit(flow),
        }
    }
}

/// So many calls in so much world time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Calls that a full bucket holds; at least 1.
    pub calls: u32,
    /// Time in which an empty bucket fills, µs.
    pub window_us: i64,
}

/// A bucket: the instant of world time, in µs, at which it is full again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bucket {
    /// µs of world time since 1970.
    pub full_at_us: i64,
}

/// A limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Which class.
    pub class: Class,
    /// Its limit.
    pub limit: Limit,
    /// World time until one call is possible again, µs.
    pub wait_us: i64,
    /// Through which login.
    pub flow: LoginFlow,
}

impl Exceeded {
    /// Cause and remedy.
    pub fn why(&self) -> String {
        format!(
            "more than {} calls of the class {} in {} s of world time for this app and account; wait {} ms (see the usage headers), \
             or set the switch {} (0: no limit)",
            self.limit.calls,
            self.class.as_str(),
            self.limit.window_us / 1_000_000,
            self.wait_us.div_euclid(1000).saturating_add(1),
            self.class.switch(self.flow)
        )
    }
}

impl Bucket {
    /// Takes one call out, or says how long to wait, µs.
    pub fn take(&mut self, limit: Limit, now_us: i64) -> Result<(), i64> {
        let full_at_us = self.level(limit, now_us).saturating_add(limit.interval_us());
        let over_us = full_at_us.saturating_sub(now_us).saturating_sub(limit.window_us);
        if over_us > 0 {
            return Err(over_us);
        }
        self.full_at_us = full_at_us;
        Ok(())
    }

    /// How much of the limit is used, in percent.
    pub fn used_percent(self, limit: Limit, now_us: i64) -> i64 {
        self.level(limit, now_us).saturating_sub(now_us).saturating_mul(100) / limit.window_us
    }

    /// Until one call is possible, µs; 0 when it is now.
    pub fn wait_us(self, limit: Limit, now_us: i64) -> i64 {
        let mut copy = self;
        copy.take(limit, now_us).err().unwrap_or(0)
    }

    /// Never before now. Later than an empty bucket it was only before world time was set back: those calls have not been made yet.
    fn level(self, limit: Limit, now_us: i64) -> i64 {
        if self.full_at_us > now_us.saturating_add(limit.window_us) {
            return now_us;
        }
        self.full_at_us.max(now_us)
    }
}

impl Limit {
    fn interval_us(self) -> i64 {
        (self.window_us / i64::from(self.calls.max(1))).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_US: i64 = 1_800_000_000_000_000;

    #[test]
    fn a_full_bucket_holds_the_limit_and_fills_evenly() {
        for (calls, window_us) in [
            (1_u32, 1_000_000_i64),
            (2, 1_000_000),
            (300, 1_000_000),
            (750, 3_600_000_000),
        ] {
            let limit = Limit { calls, window_us };
            let mut bucket = Bucket::default();
            for call in 0..calls {
                assert_eq!(bucket.take(limit, NOW_US), Ok(()), "{call} of {calls}");
            }
            let wait_us = bucket.take(limit, NOW_US).unwrap_err();
            assert!(wait_us > 0 && wait_us <= window_us / i64::from(calls), "{wait_us}");
            assert_eq!(bucket.take(limit, NOW_US + wait_us), Ok(()));
            assert!(bucket.take(limit, NOW_US + wait_us).is_err());
            let later = NOW_US + wait_us + window_us;
            assert_eq!(bucket.used_percent(limit, later), 0);
        }
    }

    #[test]
    fn calls_that_world_time_has_not_come_to_again_do_not_count() {
        let limit = Limit {
            calls: 2,
            window_us: 1_000_000,
        };
        let mut bucket = Bucket::default();
        let later = NOW_US + 9_000_000_000;
        assert_eq!((bucket.take(limit, later), bucket.take(limit, later)), (Ok(()), Ok(())));
        assert_eq!(bucket.used_percent(limit, NOW_US), 0);
        assert_eq!(bucket.wait_us(limit, NOW_US), 0);
        assert_eq!(
            (bucket.take(limit, NOW_US), bucket.take(limit, NOW_US)),
            (Ok(()), Ok(()))
        );
        assert_eq!(bucket.take(limit, NOW_US), Err(500_000));
    }

    /// contract/send-api §5.8, the table row by row.
    #[test]
    fn the_default_limits_are_those_of_the_table() {
        let switches = Switches::default();
        for (class, instagram, facebook, window_s, code) in [
            (Class::Messages, 100, 300, 1, (613, Some(2_534_040))),
            (Class::AudioVideo, 10, 10, 1, (613, Some(2_534_040))),
            (Class::Conversations, 2, 2, 1, (613, Some(2_534_040))),
            (Class::LivePrivateReplies, 100, 100, 1, (613, Some(2_534_040))),
            (Class::PrivateReplies, 750, 750, 3600, (613, Some(2_534_040))),
            (Class::Instagram, 4_800_000, 4_800_000, 86_400, (80_002, None)),
        ] {
            for (flow, calls) in [(LoginFlow::Instagram, instagram), (LoginFlow::Facebook, facebook)] {
                let limit = class.limit(flow, &switches).unwrap();
                assert_eq!(
                    (limit.calls, limit.window_us),
                    (calls, window_s * 1_000_000),
                    "{class:?}"
                );
                let error = class.to_graph_error(flow);
                assert_eq!((error.code, error.subcode), code);
            }
        }
        for (class, code) in [
            (Class::Messenger, 80_006),
            (Class::User, 17),
            (Class::Page, 32),
            (Class::App, 4),
        ] {
            assert_eq!(
                class.limit(LoginFlow::Facebook, &switches),
                None,
                "no number is documented"
            );
            assert_eq!(class.to_graph_error(LoginFlow::Facebook).code, code);
        }
        for (index, class) in Class::ALL.into_iter().enumerate() {
            assert_eq!(class.index(), index);
            assert_eq!(Class::parse(class.as_str()), Some(class));
        }
    }
}
