//! What is emitted is what is parsed.

use jiff::Timestamp;
use proptest::option;
use proptest::prelude::*;
use selfsame_wire::ids::{CommentId, IgScopedId, IgUserId, MediaId, MessageId, ParticipantId};
use selfsame_wire::mid;
use selfsame_wire::secret::AppSecret;
use selfsame_wire::signature::{Unverified, sign};
use selfsame_wire::webhook::{
    Attachment, Change, Comment, CommentAuthor, CommentMedia, Edit, Entry, Envelope, Escapes, Mention, Message,
    MessagingEvent, MessagingPayload, Postback, QuickReplyTap, Reaction, Read, Referral, ReplyTo, Updates, parse,
    to_wire_bytes,
};

use crate::rebuild::rebuild;

fn id() -> impl Strategy<Value = String> {
    "[1-9][0-9]{0,20}"
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,20}", any::<String>()]
}

fn millisecond() -> impl Strategy<Value = Timestamp> {
    (1_000_000_000_000_i64..4_000_000_000_000).prop_map(|ms| Timestamp::from_millisecond(ms).unwrap())
}

fn second() -> impl Strategy<Value = Timestamp> {
    (1_000_000_000_i64..4_000_000_000).prop_map(|s| Timestamp::from_second(s).unwrap())
}

fn message_id() -> impl Strategy<Value = MessageId> {
    any::<u64>().prop_map(|serial| {
        mid::message_id(
            &IgUserId::new("17841400000000001"),
            mid::ThreadNumber::from_serial(serial),
            serial,
        )
    })
}

fn referral() -> impl Strategy<Value = Referral> {
    (text(), option::of(id()), option::of(text()), option::of(id())).prop_map(
        |(reference, ad_id, source, product_id)| Referral {
            reference: Some(reference),
            ad_id,
            source,
            kind: None,
            ads_context_data: None,
            product_id,
        },
    )
}

fn reply_to() -> impl Strategy<Value = ReplyTo> {
    prop_oneof![
        message_id().prop_map(ReplyTo::Message),
        (option::of(text()), option::of(id()), option::of(text())).prop_map(|(url, id, link_sticker_url)| {
            ReplyTo::Story {
                url,
                id: id.map(MediaId::new),
                link_sticker_url,
            }
        }),
    ]
}

fn attachment() -> impl Strategy<Value = Attachment> {
    prop_oneof![
        ("[a-z_]{1,12}", text()).prop_map(|(kind, url)| Attachment::with_url(kind, url)),
        "[a-z_]{1,12}".prop_map(Attachment::bare),
    ]
}

prop_compose! {
    fn message()(
        mid in message_id(),
        text in option::of(text()),
        attachments in prop::collection::vec(attachment(), 0..3),
        quick_reply in option::of(text().prop_map(|payload| QuickReplyTap { payload })),
        reply_to in option::of(reply_to()),
        referral in option::of(referral()),
        flags in any::<[bool; 4]>(),
    ) -> Message {
        let [is_echo, is_self, is_deleted, is_unsupported] = flags;
        Message { mid, text, attachments, quick_reply, reply_to, referral, is_echo, is_self, is_deleted, is_unsupported }
    }
}

fn payload() -> impl Strategy<Value = MessagingPayload> {
    prop_oneof![
        message().prop_map(MessagingPayload::Message),
        (option::of(message_id()), option::of(text()), option::of(text())).prop_map(|(mid, title, payload)| {
            MessagingPayload::Postback(Postback {
                title,
                payload,
                mid,
                referral: None,
            })
        }),
        (message_id(), option::of(text())).prop_map(|(mid, emoji)| {
            MessagingPayload::Reaction(Reaction {
                mid,
                action: "react".to_owned(),
                reaction: None,
                emoji,
            })
        }),
        message_id().prop_map(|mid| MessagingPayload::Read(Read { mid })),
        (message_id(), option::of(text()), option::of(any::<i64>()))
            .prop_map(|(mid, text, num_edit)| { MessagingPayload::Edit(Edit { mid, text, num_edit }) }),
        referral().prop_map(MessagingPayload::Referral),
    ]
}

prop_compose! {
    fn messaging_event()(
        sender in option::of(id()),
        recipient in option::of(id()),
        timestamp in option::of(millisecond()),
        is_self in any::<bool>(),
        payload in payload(),
    ) -> MessagingEvent {
        MessagingEvent {
            sender: sender.map(ParticipantId::new),
            recipient: recipient.map(ParticipantId::new),
            timestamp, is_self, payload,
        }
    }
}

prop_compose! {
    fn comment()(
        comment_id in id(),
        parent_id in option::of(id()),
        text in option::of(text()),
        author in option::of((option::of(id()), option::of(text()), option::of(id()))),
        media in option::of((id(), option::of(text()), option::of(id()))),
    ) -> Comment {
        Comment {
            id: CommentId::new(comment_id),
            parent_id: parent_id.map(CommentId::new),
            text,
            from: author.map(|(id, username, scoped)| CommentAuthor {
                id: id.map(ParticipantId::new),
                username,
                self_ig_scoped_id: scoped.map(IgScopedId::new),
            }),
            media: media.map(|(id, media_product_type, original)| CommentMedia {
                id: MediaId::new(id),
                media_product_type,
                ad_id: None,
                ad_title: None,
                original_media_id: original.map(MediaId::new),
            }),
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        comment().prop_map(Change::Comment),
        comment().prop_map(Change::LiveComment),
        (option::of(id()), id()).prop_map(|(comment_id, media_id)| Change::Mention(Mention {
            comment_id: comment_id.map(CommentId::new),
            media_id: Some(MediaId::new(media_id)),
        })),
    ]
}

fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![
        (id(), option::of(millisecond()), messaging_event()).prop_map(|(id, time, event)| Entry {
            id: IgUserId::new(id),
            time,
            updates: Updates::Messaging(vec![event]),
        }),
        (id(), option::of(second()), change()).prop_map(|(id, time, change)| Entry {
            id: IgUserId::new(id),
            time,
            updates: Updates::Changes(vec![change]),
        }),
    ]
}

proptest! {
    #[test]
    fn an_emitted_body_parses_to_what_was_emitted(entries in prop::collection::vec(entry(), 1..4)) {
        let envelope = Envelope { entries };
        for escapes in [Escapes::Current, Escapes::Older] {
            let bytes = to_wire_bytes(&envelope.to_value(), escapes);
            prop_assert!(bytes.is_ascii());
            let delivery = parse(&bytes);
            prop_assert_eq!(&rebuild(&delivery), &envelope);
            for incoming in &delivery.events {
                let again = parse(&incoming.to_single_body());
                prop_assert_eq!(&again.events, std::slice::from_ref(incoming));
            }
        }
    }

    #[test]
    fn a_signed_body_verifies_with_its_secret_and_no_other(body in prop::collection::vec(any::<u8>(), 0..100), secret in ".{1,40}", other in ".{1,40}") {
        prop_assume!(secret != other);
        let signatures = sign(&AppSecret::new(&secret), &body);
        let secrets = [AppSecret::new(&other), AppSecret::new(&secret)];
        for (sha256, sha1) in [(Some(signatures.sha256.as_str()), None), (None, Some(signatures.sha1.as_str()))] {
            let verified = Unverified::new(&body, sha256, sha1).verify(&secrets).unwrap();
            prop_assert_eq!(verified.secret_index(), 1);
            prop_assert!(Unverified::new(&body, sha256, sha1).verify(&secrets[..1]).is_err());
        }
    }

    #[test]
    fn escaped_base64_round_trips(plain in prop::collection::vec(any::<u8>(), 0..80)) {
        let encoded = mid::encode(&plain);
        prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        prop_assert_eq!(mid::decode(&encoded), Some(plain));
    }
}
