//! An app types, has seen, reacts (contract: send-api §5.3). None of it is echoed.

use selfsame_wire::flow::Feature;
use selfsame_wire::ids::IgScopedId;
use selfsame_wire::send::SenderAction;

use super::reach::check_reach;
use super::resolve_recipient::resolve_recipient;
use crate::domain::caller::Caller;
use crate::domain::keys::ThreadKey;
use crate::domain::reactions;
use crate::domain::sending::{Ask, SendRuleBroken, check_person, check_self};
use crate::hub::{Signal, StreamEvent};
use crate::store::{Durability, Failure, messages, threads};
use crate::world::World;

/// A sender action.
#[derive(Debug, Clone)]
pub struct ApiAction {
    /// Who calls.
    pub caller: Caller,
    /// The person, by IGSID.
    pub recipient: String,
    /// What.
    pub action: SenderAction,
}

impl World {
    /// Acts, and answers the person as the account sees her.
    pub async fn sender_action(&self, act: ApiAction) -> Result<IgScopedId, Failure<SendRuleBroken>> {
        let (switches, now_ms) = (self.switches.current(), self.clock.now_ms());
        let account = act.caller.account.key;
        let typing = match &act.action {
            SenderAction::TypingOn => Some(true),
            SenderAction::TypingOff => Some(false),
            SenderAction::MarkSeen | SenderAction::React { .. } | SenderAction::Unreact { .. } => None,
        };
        let (igsid, thread): (IgScopedId, Option<ThreadKey>) = self
            .store
            .write(Durability::Relaxed, move |tx| {
                let (person, igsid) = resolve_recipient(tx, &act.caller, &act.recipient)?;
                let thread = threads::between(tx, account, person.key)?;
                let ask = Ask {
                    has_quick_replies: false,
                    tag: None,
                    human_agent_granted: false,
                };
                if person.key == account {
                    check_self(&act.caller.account, thread.as_ref(), ask, &switches).map_err(Failure::Refused)?;
                } else {
                    check_reach(tx, &act.caller, &person, Feature::Messaging, &switches)?;
                    check_person(&act.caller.account, thread.as_ref(), ask, now_ms).map_err(Failure::Refused)?;
                }
                let Some(thread) = thread else { return Ok((igsid, None)) };
                let find = |mid: &str| -> Result<_, Failure<SendRuleBroken>> {
                    messages::by_mid(tx, mid)?
                        .filter(|message| message.thread == thread.key && message.deleted_at_ms.is_none())
                        .ok_or_else(|| Failure::Refused(SendRuleBroken::MessageUnknown { mid: mid.to_owned() }))
                };
                match &act.action {
                    SenderAction::TypingOn | SenderAction::TypingOff => {}
                    SenderAction::MarkSeen => {
                        if let Some(newest) = messages::newest(tx, thread.key, 1)?.first() {
                            threads::seen(tx, &thread, account, newest.key)?;
                            tx.tell(StreamEvent::Message, newest.key.0)?;
                        }
                    }
                    SenderAction::React { message_id, reaction } => {
                        let message = find(message_id.as_str())?;
                        if !reactions::is_reaction(reaction) {
                            return Err(Failure::Refused(SendRuleBroken::ReactionUnknown {
                                reaction: reaction.clone(),
                            }));
                        }
                        let (name, emoji) = reactions::named(reaction);
                        messages::react(tx, message.key, account, &name, &emoji, now_ms)?;
                        tx.tell(StreamEvent::Message, message.key.0)?;
                    }
                    SenderAction::Unreact { message_id } => {
                        let message = find(message_id.as_str())?;
                        messages::unreact(tx, message.key, account)?;
                        tx.tell(StreamEvent::Message, message.key.0)?;
                    }
                }
                Ok((igsid, Some(thread.key)))
            })
            .await?;
        if let (Some(on), Some(thread)) = (typing, thread) {
            self.store.hub().tell(Signal::Typing { thread, account, on });
        }
        Ok(igsid)
    }
}
