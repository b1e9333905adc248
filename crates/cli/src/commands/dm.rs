//! `selfsame dm`: a message typed on a phone, and the answer when it arrives.

use selfsame_workbench::connection::HouseClient;
use selfsame_workbench::gestures::{Attachment, AttachmentSource, Dm, Wait};
use serde_json::json;

use super::silence::{answer_text, nobody_answered, notes};
use crate::arguments::DmArgs;
use crate::output::Printer;

pub(super) async fn run(house: &HouseClient, args: DmArgs, printer: Printer) -> anyhow::Result<()> {
    let attachments = [
        ("image", args.image.map(AttachmentSource::Url)),
        ("video", args.video.map(AttachmentSource::Url)),
        ("audio", args.audio.map(AttachmentSource::Url)),
        ("file", args.file.map(AttachmentSource::Url)),
        ("share", args.share.map(AttachmentSource::Media)),
    ];
    let attachment = attachments.into_iter().find_map(|(kind, source)| {
        source.map(|source| Attachment {
            kind: kind.to_owned(),
            source,
        })
    });
    let dm = Dm {
        acting: args.parties.acting,
        towards: args.parties.towards,
        text: args.text,
        attachment,
        like_heart: args.like_heart,
        reply_to: args.reply_to,
        quick_reply: args.quick_reply,
        story: args.story,
        referral: args.referral,
    };
    let (parties, gestured) = dm.make(house).await?;
    let sent = format!(
        "{} → {}  {}",
        parties.acting,
        parties.towards,
        gestured.mid.as_deref().unwrap_or_default()
    );
    if args.answer.no_wait {
        return printer.result(&gestured, || sent);
    }
    if !printer.is_json() {
        printer.line(&sent)?;
    }
    let wait = Wait {
        first_within: args.answer.within,
    };
    let after = gestured.place(house, &parties).await?;
    let answers = wait.for_answers(house, &parties, after).await?;
    let notes = notes(
        house,
        answers.is_empty(),
        &gestured.notifications,
        gestured.mid.as_deref(),
    )
    .await?;
    let document = json!({
        "mid": gestured.mid, "thread_id": gestured.thread_id, "notifications": gestured.notifications,
        "answers": answers, "deliveries": notes,
    });
    if printer.is_json() || !answers.is_empty() {
        printer.result(&document, || {
            answers.iter().map(answer_text).collect::<Vec<_>>().join("\n")
        })?;
    }
    if answers.is_empty() {
        nobody_answered(&notes, printer)
    } else {
        Ok(())
    }
}
