//! The small menu of one message: react, reply, edit, unsend.

use maud::{Markup, html};

use super::entry::{Body, Message, Side};
use crate::icon;

/// Reactions offered at once.
const OFFERED_REACTIONS: [&str; 6] = ["❤", "😂", "😮", "😢", "👏", "🔥"];

impl Message {
    /// The menu, when gestures can be posted below `actions`.
    pub(crate) fn gestures(&self, actions: Option<&str>) -> Markup {
        let (Some(actions), Body::Content { .. } | Body::LikeHeart) = (actions, &self.body) else {
            return html! {};
        };
        let mine = self.side == Side::Mine;
        let text = match &self.body {
            Body::Content { text, .. } => text.as_deref(),
            Body::LikeHeart | Body::Deleted => None,
        };
        html! {
            details.menu {
                summary aria-label="More about this message" { span.icon { (icon::more()) } }
                div.sheet {
                    form method="post" action={ (actions) "/react" } data-quiet data-keep {
                        input type="hidden" name="mid" value=(self.mid);
                        div.emoji role="group" aria-label="React" {
                            @for emoji in OFFERED_REACTIONS {
                                button type="submit" name="emoji" value=(emoji) aria-label={ "React with " (emoji) } { (emoji) }
                            }
                        }
                        @if self.reactions.iter().any(|reaction| reaction.mine) {
                            button.button.quiet type="submit" name="emoji" value="" { "Take my reaction back" }
                        }
                    }
                    form method="post" action={ (actions) "/send" } data-quiet data-scroll="history" {
                        input type="hidden" name="reply_to" value=(self.mid);
                        textarea name="text" rows="1" aria-label="Reply to this message" placeholder="Reply…" required data-enter dir="auto" {}
                        button.button.quiet type="submit" { "Reply" }
                    }
                    @if !mine {
                        form method="post" action={ (actions) "/seen" } data-quiet data-keep {
                            input type="hidden" name="mid" value=(self.mid);
                            button.button.quiet type="submit" { "Mark as seen" }
                        }
                    }
                    @if mine {
                        @if let Some(text) = text {
                            form method="post" action={ (actions) "/edit" } data-quiet data-keep {
                                input type="hidden" name="mid" value=(self.mid);
                                textarea name="text" rows="1" aria-label="Edit this message" required data-enter dir="auto" { (text) }
                                button.button.quiet type="submit" { "Save the edit" }
                            }
                        }
                        form method="post" action={ (actions) "/unsend" } data-quiet data-keep {
                            input type="hidden" name="mid" value=(self.mid);
                            button.button.quiet type="submit" { "Unsend" }
                        }
                    }
                }
            }
        }
    }
}
