//! What an app may send into a thread, and the documented error for what it may not (contract: errors §7.4, send-api §5).

use selfsame_wire::flow::LoginFlow;
use selfsame_wire::graph_error::GraphError;

use super::account::Account;
use super::limits::Exceeded;
use super::thread::Thread;
use super::windows::{Window, window};
use crate::switches::{BlockedAnswer, SelfQuickReplies, Switches};

/// A rule that a send breaks. `to_graph_error` is Meta's answer; `why` is ours: cause and remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendRuleBroken {
    /// The account's IG id was used as recipient.
    RecipientIsIgId {
        /// What to use for a self message.
        self_igsid: Option<String>,
    },
    /// The account's app-scoped id was used as recipient.
    RecipientIsAppScopedId {
        /// What to use for a self message.
        self_igsid: Option<String>,
    },
    /// A Page id was used as recipient.
    RecipientIsPageId {
        /// What to use for a self message.
        self_igsid: Option<String>,
    },
    /// An IGSID that another account sees.
    RecipientOfAnotherAccount {
        /// Who sees it.
        username: String,
        /// The same person as this account sees her, if it does.
        right_id: Option<String>,
    },
    /// The IG id of somebody else was used as recipient.
    RecipientIsIgIdOfAnother {
        /// Whose.
        username: String,
        /// The same account as this one sees it, if it does.
        right_id: Option<String>,
    },
    /// A conversation id was used as recipient.
    RecipientIsConversation,
    /// The id of something that is no person was used as recipient.
    RecipientIsThing {
        /// What it is.
        thing: Thing,
        /// The IGSID of the person behind it, if this account sees one.
        right_id: Option<String>,
    },
    /// Nobody has this id.
    RecipientUnknown {
        /// As given.
        id: String,
    },
    /// The path form names somebody else than the body.
    PathAndBodyDiffer,
    /// The path form was used for another person.
    PathFormForOtherPerson,
    /// The standard form was used for the self thread while a switch forbids it.
    StandardFormToSelf,
    /// No self DM was typed on the phone yet.
    SelfThreadNotOpen {
        /// Whose thread.
        username: String,
    },
    /// Quick replies in the self thread.
    QuickRepliesToSelf,
    /// The person wrote too long ago, or never.
    OutsideWindow {
        /// Whether a human agent could still answer.
        human_agent_could: bool,
        /// Whether the person ever wrote.
        ever_wrote: bool,
    },
    /// `HUMAN_AGENT` without the feature.
    HumanAgentNotGranted,
    /// Another tag than `HUMAN_AGENT`.
    UnknownTag {
        /// As given.
        tag: String,
    },
    /// The owner switched off access to her messages.
    MessageAccessDisabled,
    /// One of the two has blocked the other.
    Blocked {
        /// Whether it was the account that blocked the person.
        by_account: bool,
        /// How such a send is answered.
        answer: BlockedAnswer,
    },
    /// The app has Standard Access only, and the person holds no role on it.
    RecipientWithoutRole {
        /// The person.
        username: String,
        /// The app.
        app: String,
        /// Permissions at Standard Access.
        permissions: Vec<&'static str>,
    },
    /// More private replies than the limit allows.
    TooManyCalls(Exceeded),
    /// Another app owns the thread.
    NotThreadOwner {
        /// Which one.
        app: String,
    },
    /// Control was passed to an app that does not exist.
    TargetAppUnknown {
        /// As given.
        id: String,
    },
    /// No such comment.
    CommentUnknown {
        /// As given.
        id: String,
    },
    /// The comment stands under somebody else's media.
    CommentOfAnotherAccount,
    /// A private reply to the owner's own comment.
    PrivateReplyToOwnComment,
    /// A second private reply to one comment.
    PrivateReplyTwice,
    /// Later than seven days.
    PrivateReplyTooLate,
    /// The broadcast is over.
    PrivateReplyAfterLive,
    /// No message of that id in this thread.
    MessageUnknown {
        /// As given.
        mid: String,
    },
    /// Something to react with that is neither an emoji nor a name.
    ReactionUnknown {
        /// As given.
        reaction: String,
    },
    /// Media to share that is not the account's own.
    MediaNotYours {
        /// As given.
        id: String,
    },
}

/// What an id names that is no person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A message: `mid`.
    Message,
    /// A comment.
    Comment,
    /// A post, reel, story or broadcast.
    Media,
    /// An app.
    App,
}

impl Thing {
    const fn phrase(self) -> &'static str {
        match self {
            Self::Message => "a message id (mid)",
            Self::Comment => "a comment id",
            Self::Media => "a media id",
            Self::App => "an app id",
        }
    }

    const fn hint(self) -> &'static str {
        match self {
            Self::Comment => " (for a private reply to the comment, name it in recipient.comment_id)",
            Self::Message => " (to answer a message inline, name it in reply_to.mid beside the recipient)",
            Self::Media | Self::App => "",
        }
    }
}

impl SendRuleBroken {
    /// The answer in the dialect of the host.
    pub fn to_graph_error(&self, flow: LoginFlow) -> GraphError {
        match self {
            Self::RecipientIsIgId { .. }
            | Self::RecipientIsAppScopedId { .. }
            | Self::RecipientIsPageId { .. }
            | Self::RecipientOfAnotherAccount { .. }
            | Self::RecipientIsIgIdOfAnother { .. }
            | Self::RecipientIsConversation
            | Self::RecipientIsThing { .. }
            | Self::RecipientUnknown { .. }
            | Self::PathFormForOtherPerson
            | Self::StandardFormToSelf
            | Self::SelfThreadNotOpen { .. } => GraphError::no_matching_user(flow),
            Self::PathAndBodyDiffer => {
                GraphError::invalid_parameter(flow, "Param recipient[id] must be the id in the path")
            }
            Self::QuickRepliesToSelf | Self::MediaNotYours { .. } => GraphError::invalid_message_data(flow),
            Self::OutsideWindow { .. } => GraphError::outside_window(flow),
            Self::HumanAgentNotGranted => GraphError::human_agent_not_granted(flow),
            Self::UnknownTag { tag } => GraphError::invalid_parameter(
                flow,
                &format!("Param tag must be one of {{HUMAN_AGENT}} - got unexpected value \"{tag}\""),
            ),
            Self::MessageAccessDisabled => GraphError::message_access_disabled(flow),
            Self::Blocked { answer, .. } => match answer {
                BlockedAnswer::NotAvailable => GraphError::person_not_available(flow),
                BlockedAnswer::Temporary => GraphError::temporary(),
                BlockedAnswer::CannotReceive => GraphError::person_cannot_receive(flow),
            },
            Self::RecipientWithoutRole { .. } => GraphError::recipient_without_role(flow),
            Self::TooManyCalls(exceeded) => exceeded.class.to_graph_error(exceeded.flow),
            Self::NotThreadOwner { .. } => GraphError::not_thread_owner(flow),
            Self::TargetAppUnknown { id } => {
                GraphError::invalid_parameter(flow, &format!("Param target_app_id is no valid app id - got \"{id}\""))
            }
            Self::CommentUnknown { .. }
            | Self::CommentOfAnotherAccount
            | Self::PrivateReplyToOwnComment
            | Self::PrivateReplyTwice
            | Self::PrivateReplyTooLate
            | Self::PrivateReplyAfterLive => GraphError::comment_invalid_for_private_reply(flow),
            Self::MessageUnknown { .. } => GraphError::invalid_parameter(flow, "Invalid message id"),
            Self::ReactionUnknown { .. } => GraphError::invalid_parameter(flow, "Param payload[reaction] is invalid"),
        }
    }

    /// Cause and remedy, for `X-Selfsame-Why` and the log.
    pub fn why(&self) -> String {
        let instead = |igsid: &Option<String>| {
            igsid.as_ref().map_or_else(
                || "the recipient is the IGSID of a person who wrote to the account".to_owned(),
                |igsid| format!("for a message to itself use its self IGSID {igsid}, the recipient.id of the self echo; for a person, the sender.id of her webhook"),
            )
        };
        match self {
            Self::RecipientIsIgId { self_igsid } => {
                format!("you used the account's own IG id as recipient; this field wants an IGSID: {}", instead(self_igsid))
            }
            Self::RecipientIsAppScopedId { self_igsid } => {
                format!("you used the app-scoped id (id of /me) as recipient; this field wants an IGSID: {}", instead(self_igsid))
            }
            Self::RecipientIsPageId { self_igsid } => {
                format!("you used a Page id as recipient; this field wants an IGSID: {}", instead(self_igsid))
            }
            Self::RecipientOfAnotherAccount { username, right_id } => format!(
                "that IGSID belongs to @{username}: ids of persons differ from account to account; {}",
                right_id.as_ref().map_or_else(
                    || "this account has not met that person".to_owned(),
                    |id| format!("this account sees the same person as {id}")
                )
            ),
            Self::RecipientIsIgIdOfAnother { username, right_id } => format!(
                "you used the IG id of @{username}; this field wants an IGSID: {}",
                right_id.as_ref().map_or_else(
                    || format!("this account has not met @{username}"),
                    |id| format!("this account sees @{username} as {id}")
                )
            ),
            Self::RecipientIsConversation => {
                "you used a conversation id as recipient; this field wants an IGSID: that of the participant".to_owned()
            }
            Self::RecipientIsThing { thing, right_id } => format!(
                "you used {} as recipient; this field wants an IGSID{}{}",
                thing.phrase(),
                right_id.as_ref().map(|id| format!(": the person behind it is {id}")).unwrap_or_default(),
                thing.hint()
            ),
            Self::RecipientUnknown { id } => {
                format!("nobody has the id {id:?}; recipients are IGSIDs, learned from webhooks (see `selfsame whoami`)")
            }
            Self::PathAndBodyDiffer => "recipient.id differs from the id in the path; leave recipient out in the path form".to_owned(),
            Self::PathFormForOtherPerson => {
                "POST /{IGSID}/messages without recipient works for the self IGSID only; for other people POST /me/messages with recipient.id".to_owned()
            }
            Self::StandardFormToSelf => "the switch self.standard_form is off: send to oneself with POST /{SELF_IGSID}/messages".to_owned(),
            Self::SelfThreadNotOpen { username } => format!(
                "the self thread of @{username} is not open yet: the owner must message herself once in the Instagram app first \
                 (`selfsame dm hi`, or the phone page); afterwards the API may send"
            ),
            Self::QuickRepliesToSelf => "quick replies are not supported in the self thread; use buttons, or set self.quick_replies to drop".to_owned(),
            Self::OutsideWindow { human_agent_could, ever_wrote } => {
                let cause = if *ever_wrote {
                    "the person's last message or tap is more than 24 hours ago"
                } else {
                    "the person never wrote to this account, so no window is open"
                };
                let remedy = if *human_agent_could {
                    "a human agent may still answer with tag HUMAN_AGENT; otherwise wait until she writes"
                } else {
                    "wait until she writes"
                };
                format!("{cause}; {remedy}")
            }
            Self::HumanAgentNotGranted => "the app does not have the Human Agent feature; grant it in the app's settings".to_owned(),
            Self::UnknownTag { tag } => format!("tag {tag:?} does not exist on Instagram; the only one is HUMAN_AGENT"),
            Self::MessageAccessDisabled => {
                "the owner has switched off \"Allow access to messages\"; she must switch it on in Instagram's settings".to_owned()
            }
            Self::Blocked { by_account: false, .. } => {
                "the person has blocked the account; nothing can be sent until she takes it back (on her phone's settings)".to_owned()
            }
            Self::Blocked { by_account: true, .. } => {
                "the account has blocked the person; unblock her in the account's settings first".to_owned()
            }
            Self::RecipientWithoutRole { username, app, permissions } => format!(
                "app {app} has Standard Access only to {} (or is in development), so it may write to people who hold a role on it, and @{username} \
                 holds none; give @{username} a role (POST /_sim/roles, and accept the invitation), or the app Advanced Access and live mode",
                permissions.join(", ")
            ),
            Self::TooManyCalls(exceeded) => exceeded.why(),
            Self::NotThreadOwner { app } => format!("app {app} controls the thread; take_thread_control first"),
            Self::TargetAppUnknown { id } => format!(
                "no app has the id {id:?}; target_app_id is the app id of another app in this world, or the inbox's 1217981644879628"
            ),
            Self::CommentUnknown { id } => format!("there is no comment {id:?}, or it was deleted"),
            Self::CommentOfAnotherAccount => "the comment stands under media of another account".to_owned(),
            Self::PrivateReplyToOwnComment => {
                "a private reply is for other people's comments; for the owner's own comment send a self message to from.self_ig_scoped_id".to_owned()
            }
            Self::PrivateReplyTwice => "this comment has had its one private reply; wait until the person answers it".to_owned(),
            Self::PrivateReplyTooLate => "the comment is older than 7 days".to_owned(),
            Self::PrivateReplyAfterLive => "comments of a broadcast can be answered privately only while it runs".to_owned(),
            Self::MessageUnknown { mid } => format!("there is no message {mid:?} in this thread, or it was unsent"),
            Self::ReactionUnknown { reaction } => no_reaction(reaction),
            Self::MediaNotYours { id } => format!("media {id:?} does not belong to this account"),
        }
    }
}

impl std::fmt::Display for SendRuleBroken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.why())
    }
}

impl std::error::Error for SendRuleBroken {}

/// What a send asks for, as far as the thread's rules care.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Whether it carries quick replies.
    pub has_quick_replies: bool,
    /// `tag`, upper case.
    pub tag: Option<&'a str>,
    /// Whether the app has the Human Agent feature.
    pub human_agent_granted: bool,
}

/// Whether an app may send to the self thread. `thread` is `None` as long as nobody ever wrote there.
///
/// `Ok(true)`: the quick replies are to be dropped.
pub fn check_self(
    account: &Account,
    thread: Option<&Thread>,
    ask: Ask<'_>,
    switches: &Switches,
) -> Result<bool, SendRuleBroken> {
    check_tag(ask)?;
    let is_open = thread.is_some_and(|thread| thread.a_wrote_at_ms.is_some());
    if !is_open && switches.self_needs_first_dm {
        return Err(SendRuleBroken::SelfThreadNotOpen {
            username: account.username.clone(),
        });
    }
    match (ask.has_quick_replies, switches.self_quick_replies) {
        (true, SelfQuickReplies::Refuse) => Err(SendRuleBroken::QuickRepliesToSelf),
        (has_quick_replies, _) => Ok(has_quick_replies),
    }
}

/// Whether an app may send to another person now.
pub fn check_person(
    account: &Account,
    thread: Option<&Thread>,
    ask: Ask<'_>,
    now_ms: i64,
) -> Result<(), SendRuleBroken> {
    check_tag(ask)?;
    let wrote_at_ms = thread.and_then(|thread| thread.other_wrote_at_ms(account.key));
    match (window(wrote_at_ms, now_ms), ask.tag) {
        (Window::Open, _) => Ok(()),
        (Window::HumanAgentOnly, Some(_)) if ask.human_agent_granted => Ok(()),
        (Window::HumanAgentOnly, Some(_)) => Err(SendRuleBroken::HumanAgentNotGranted),
        (Window::HumanAgentOnly, None) => Err(SendRuleBroken::OutsideWindow {
            human_agent_could: true,
            ever_wrote: true,
        }),
        (Window::Closed, _) => Err(SendRuleBroken::OutsideWindow {
            human_agent_could: false,
            ever_wrote: wrote_at_ms.is_some(),
        }),
    }
}

fn check_tag(ask: Ask<'_>) -> Result<(), SendRuleBroken> {
    match ask.tag {
        None | Some("HUMAN_AGENT") => Ok(()),
        Some(tag) => Err(SendRuleBroken::UnknownTag { tag: tag.to_owned() }),
    }
}

/// Of a wrong reaction, so much is said again.
const REACTION_SHOWN_CHARS: usize = 40;

fn no_reaction(reaction: &str) -> String {
    let shown: String = reaction.chars().take(REACTION_SHOWN_CHARS).collect();
    format!("{shown:?} is neither an emoji nor one of love, laugh, wow, sad, angry, like")
}

#[cfg(test)]
mod tests {
    use selfsame_wire::ids::{ConversationId, IgScopedId, IgUserId};

    use super::super::windows::{HUMAN_AGENT_WINDOW_MS, WINDOW_MS};
    use super::*;
    use crate::domain::account::AccountKind;
    use crate::domain::keys::{AccountKey, ThreadKey};

    const NOW_MS: i64 = 1_800_000_000_000;

    fn account() -> Account {
        Account {
            key: AccountKey(1),
            username: "luna.coffee".to_owned(),
            name: "Luna".to_owned(),
            kind: AccountKind::Business,
            ig_id: Some(IgUserId::new("17841400000000001")),
            self_igsid: Some(IgScopedId::new("1500000000000001")),
            page: None,
            is_public: true,
            message_access: true,
            standing: crate::domain::account::Standing::Good,
            created_at_ms: 0,
        }
    }

    fn thread(other: i64, a_wrote_at_ms: Option<i64>, b_wrote_at_ms: Option<i64>) -> Thread {
        Thread {
            key: ThreadKey(1),
            a: AccountKey(1),
            b: AccountKey(other),
            number: 1,
            conversation_id: ConversationId::new("c"),
            folder: "primary".to_owned(),
            a_wrote_at_ms,
            b_wrote_at_ms,
            b_consented: false,
            a_consented: false,
            created_at_ms: 0,
            updated_at_ms: 0,
        }
    }

    fn ask(has_quick_replies: bool, tag: Option<&str>, human_agent_granted: bool) -> Ask<'_> {
        Ask {
            has_quick_replies,
            tag,
            human_agent_granted,
        }
    }

    fn code<T>(result: Result<T, SendRuleBroken>) -> Option<(i64, Option<i64>)> {
        result.err().map(|broken| {
            assert!(broken.why().len() > 20);
            let error = broken.to_graph_error(LoginFlow::Instagram);
            (error.code, error.subcode)
        })
    }

    #[test]
    fn the_self_thread_opens_with_the_first_phone_message_and_never_closes() {
        let switches = Switches::default();
        let plain = ask(false, None, false);
        assert_eq!(
            code(check_self(&account(), None, plain, &switches)),
            Some((100, Some(2_534_014)))
        );
        let silent = thread(1, None, None);
        assert_eq!(
            code(check_self(&account(), Some(&silent), plain, &switches)),
            Some((100, Some(2_534_014)))
        );
        let open = thread(1, Some(0), None);
        assert_eq!(check_self(&account(), Some(&open), plain, &switches), Ok(false));
        let lenient = Switches {
            self_needs_first_dm: false,
            ..Switches::default()
        };
        assert_eq!(check_self(&account(), None, plain, &lenient), Ok(false));
    }

    #[test]
    fn quick_replies_to_oneself_follow_their_switch() {
        let open = thread(1, Some(0), None);
        let chips = ask(true, None, false);
        assert_eq!(
            code(check_self(&account(), Some(&open), chips, &Switches::default())),
            Some((100, Some(2_534_015)))
        );
        let dropping = Switches {
            self_quick_replies: SelfQuickReplies::Drop,
            ..Switches::default()
        };
        assert_eq!(check_self(&account(), Some(&open), chips, &dropping), Ok(true));
    }

    #[test]
    fn the_window_of_a_person_by_age_tag_and_feature() {
        let outside = Some((10, Some(2_534_022)));
        let rows = [
            (Some(0), None, false, None),
            (Some(WINDOW_MS), None, false, None),
            (Some(WINDOW_MS + 1), None, false, outside),
            (Some(WINDOW_MS + 1), Some("HUMAN_AGENT"), true, None),
            (Some(WINDOW_MS + 1), Some("HUMAN_AGENT"), false, Some((10, None))),
            (Some(0), Some("HUMAN_AGENT"), false, None),
            (Some(HUMAN_AGENT_WINDOW_MS), Some("HUMAN_AGENT"), true, None),
            (Some(HUMAN_AGENT_WINDOW_MS + 1), Some("HUMAN_AGENT"), true, outside),
            (None, None, true, outside),
            (Some(0), Some("ACCOUNT_UPDATE"), true, Some((100, None))),
        ];
        for (age_ms, tag, granted, expected) in rows {
            let thread = thread(2, None, age_ms.map(|age_ms| NOW_MS - age_ms));
            let found = code(check_person(
                &account(),
                Some(&thread),
                ask(false, tag, granted),
                NOW_MS,
            ));
            assert_eq!(found, expected, "{age_ms:?} {tag:?} {granted}");
        }
        assert_eq!(
            code(check_person(&account(), None, ask(false, None, false), NOW_MS)),
            outside
        );
    }

    #[test]
    fn what_the_account_itself_wrote_opens_nothing() {
        let thread = thread(2, Some(NOW_MS), None);
        assert_eq!(
            code(check_person(&account(), Some(&thread), ask(false, None, false), NOW_MS)),
            Some((10, Some(2_534_022)))
        );
    }
}
