//! `selfsame comment`: a comment below a post, and the public reply and the message that it gets.

use selfsame_workbench::connection::HouseClient;
use selfsame_workbench::gestures::Comment;
use serde_json::json;

use super::silence::{answer_text, nobody_answered, notes};
use crate::arguments::CommentArgs;
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, args: CommentArgs, printer: Printer) -> anyhow::Result<()> {
    let comment = Comment {
        acting: args.acting.acting,
        media: args.media,
        text: args.text,
        parent: args.parent,
    };
    let commented = comment.make(house).await?;
    let made = format!("{} commented  {}", commented.parties.acting, commented.comment_id);
    if args.answer.no_wait {
        return printer.result(&commented, || made);
    }
    if !printer.is_json() {
        printer.line(&made)?;
    }
    let (replies, answers) = commented.outcome(house, args.answer.within).await?;
    let silent = replies.is_empty() && answers.is_empty();
    let notes = notes(house, silent, &commented.notifications, Some(&commented.comment_id)).await?;
    let document = json!({
        "comment_id": commented.comment_id, "notifications": commented.notifications,
        "replies": replies, "answers": answers, "deliveries": notes,
    });
    if printer.is_json() || !silent {
        printer.result(&document, || {
            let replies = replies.iter().map(|reply| format!("reply: {reply}"));
            replies
                .chain(answers.iter().map(answer_text))
                .collect::<Vec<_>>()
                .join("\n")
        })?;
    }
    if silent {
        nobody_answered(&notes, printer)
    } else {
        Ok(())
    }
}
