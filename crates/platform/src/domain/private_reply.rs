//! Private replies: one message per comment, within seven days, to other people's comments only (contract: send-api §5.4).

use super::keys::AccountKey;
use super::media::{Comment, Media};
use super::sending::SendRuleBroken;
use super::windows::HUMAN_AGENT_WINDOW_MS;
use crate::switches::Switches;

/// Time after the comment within which it may be answered privately.
pub const PRIVATE_REPLY_WINDOW_MS: i64 = HUMAN_AGENT_WINDOW_MS;

/// Whether `account`, the media's owner, may answer this comment privately now.
pub fn check(
    account: AccountKey,
    media: &Media,
    comment: &Comment,
    now_ms: i64,
    switches: &Switches,
) -> Result<(), SendRuleBroken> {
    if media.owner != account {
        return Err(SendRuleBroken::CommentOfAnotherAccount);
    }
    if comment.author == account && switches.self_refuse_private_reply {
        return Err(SendRuleBroken::PrivateReplyToOwnComment);
    }
    if comment.private_replied {
        return Err(SendRuleBroken::PrivateReplyTwice);
    }
    if media.is_live && !media.is_broadcasting() {
        return Err(SendRuleBroken::PrivateReplyAfterLive);
    }
    if now_ms.saturating_sub(comment.created_at_ms) > PRIVATE_REPLY_WINDOW_MS {
        return Err(SendRuleBroken::PrivateReplyTooLate);
    }
    Ok(())
}
