//! Send requests as clients write them, and their limits.

use selfsame_wire::flow::LoginFlow;
use selfsame_wire::ids::{CommentId, IgScopedId, MessageId, ParticipantId};
use selfsame_wire::send::{
    Button, Element, MediaKind, MediaSource, MessageContent, OutboundMedia, Outgoing, OutgoingMessage, PersonRecipient,
    QuickReply, Recipient, SendBody, SendRefusal, SendRequest, SenderAction, limits,
};
use serde_json::{Value, json};

#[expect(clippy::needless_pass_by_value, reason = "the calls read better")]
fn content(message: Value) -> Result<MessageContent, SendRefusal> {
    SendRequest::decode(&json!({"recipient": {"id": "1"}, "message": message})).map(|request| match request.body {
        SendBody::Message { content, .. } => content,
        SendBody::Action(_) => panic!("no action was sent"),
    })
}

#[test]
fn the_documented_self_request_has_no_recipient() {
    let request = SendRequest::decode(&json!({"message": {"text": "Hello from your IG Pro account!"}})).unwrap();
    assert_eq!(request.recipient, None);
    let SendBody::Message { content, .. } = request.body else {
        panic!()
    };
    assert_eq!(
        content,
        MessageContent::Text("Hello from your IG Pro account!".to_owned())
    );
}

#[test]
fn json_in_strings_numbers_and_nulls_are_read() {
    let request = SendRequest::decode(&json!({
        "recipient": "{\"id\":1500000000000001}",
        "message": "{\"text\":\"hi\",\"attachment\":null}",
        "sender_action": null,
        "messaging_type": "response",
        "tag": "human_agent",
        "access_token": "x"
    }))
    .unwrap();
    assert_eq!(
        request.recipient,
        Some(Recipient::Id(ParticipantId::new("1500000000000001")))
    );
    assert_eq!(request.messaging_type.as_deref(), Some("RESPONSE"));
    assert_eq!(request.tag.as_deref(), Some("HUMAN_AGENT"));
}

#[test]
fn a_private_reply_names_a_comment() {
    let request = SendRequest::decode(&json!({"recipient": {"comment_id": "17"}, "message": {"text": "x"}})).unwrap();
    assert_eq!(request.recipient, Some(Recipient::Comment(CommentId::new("17"))));
}

#[test]
fn actions_are_read_in_any_case() {
    let action = |value: Value| {
        let request = SendRequest::decode(&value).unwrap();
        let SendBody::Action(action) = request.body else {
            panic!()
        };
        action
    };
    assert_eq!(
        action(json!({"recipient": {"id": "1"}, "sender_action": "TYPING_ON"})),
        SenderAction::TypingOn
    );
    let react = json!({"recipient": {"id": "1"}, "sender_action": "React", "payload": "{\"message_id\":\"m\",\"reaction\":\"love\"}"});
    assert_eq!(
        action(react),
        SenderAction::React {
            message_id: MessageId::new("m"),
            reaction: "love".to_owned()
        }
    );
    let unknown = SendRequest::decode(&json!({"recipient": {"id": "1"}, "sender_action": "dance"}));
    assert!(matches!(
        unknown,
        Err(SendRefusal::UnknownValue {
            name: "sender_action",
            ..
        })
    ));
}

#[test]
fn the_text_limit_counts_bytes() {
    let exactly = "ä".repeat(limits::TEXT_BYTES_MAX / 2);
    assert!(content(json!({"text": exactly})).is_ok());
    let refusal = content(json!({"text": format!("{exactly}a")})).unwrap_err();
    assert_eq!(refusal, SendRefusal::TextTooLong { bytes: 1001 });
    let error = refusal.to_graph_error(LoginFlow::Instagram);
    assert_eq!((error.code, error.subcode), (100, Some(2_534_015)));
}

#[test]
fn nothing_and_both_are_refused() {
    let decode = |value| SendRequest::decode(&value).unwrap_err();
    assert_eq!(decode(json!({"recipient": {"id": "1"}})), SendRefusal::NothingToSend);
    assert_eq!(
        decode(json!({"message": {"text": "x"}, "sender_action": "typing_on"})),
        SendRefusal::MessageWithAction
    );
    assert_eq!(decode(json!({"message": {}})), SendRefusal::EmptyMessage);
    assert_eq!(decode(json!({"message": {"text": ""}})), SendRefusal::EmptyMessage);
    assert_eq!(
        decode(json!({"message": "hello"})),
        SendRefusal::WrongType {
            name: "message",
            expected: "an object"
        }
    );
    assert_eq!(
        decode(json!({"recipient": {}, "message": {"text": "x"}})),
        SendRefusal::RecipientWithoutId
    );
}

#[test]
fn a_thread_is_no_recipient() {
    let thread = json!({"recipient": {"thread_id": "aWdfZG0"}, "message": {"text": "x"}});
    let refusal = SendRequest::decode(&thread).unwrap_err();
    assert_eq!(refusal, SendRefusal::RecipientIsThread);
    let error = refusal.to_graph_error(LoginFlow::Instagram);
    assert_eq!((error.code, error.subcode), (100, Some(2_534_014)));
}

#[test]
fn a_text_beside_an_attachment_is_refused_and_not_lost() {
    for message in [
        json!({"text": "look", "attachment": {"type": "like_heart"}}),
        json!({"text": "look", "attachments": [{"type": "image", "payload": {"url": "https://a/b.png"}}]}),
    ] {
        let refusal = content(message).unwrap_err();
        assert_eq!(refusal, SendRefusal::TextWithAttachment);
        let error = refusal.to_graph_error(LoginFlow::Instagram);
        assert_eq!((error.code, error.subcode), (100, Some(2_534_015)));
    }
    let empty = json!({"text": "", "attachment": {"type": "like_heart"}});
    assert_eq!(content(empty), Ok(MessageContent::LikeHeart));
}

#[test]
fn one_attachment_or_several_images_in_either_member() {
    let image = json!({"type": "IMAGE", "payload": {"url": "https://a/b.png"}});
    let expected = OutboundMedia {
        kind: MediaKind::Image,
        source: MediaSource::Url("https://a/b.png".to_owned()),
    };
    assert_eq!(
        content(json!({"attachment": image})),
        Ok(MessageContent::Media(vec![expected.clone()]))
    );
    assert_eq!(
        content(json!({"attachments": image})),
        Ok(MessageContent::Media(vec![expected.clone()]))
    );
    assert_eq!(
        content(json!({"attachments": [image, image]})),
        Ok(MessageContent::Media(vec![expected.clone(), expected]))
    );
    let audio = json!({"type": "audio", "payload": {"url": "https://a/b.mp4"}});
    assert_eq!(
        content(json!({"attachments": [image, audio]})),
        Err(SendRefusal::MixedAttachments)
    );
    let eleven = vec![image; 11];
    assert!(matches!(
        content(json!({"attachments": eleven})),
        Err(SendRefusal::TooMany { max: 10, .. })
    ));
}

#[test]
fn template_limits_are_enforced_at_the_limit() {
    let button = json!({"type": "postback", "title": "t".repeat(20), "payload": "P"});
    let buttons = |count: usize| vec![button.clone(); count];
    let template = |text: String, count: usize| {
        content(
            json!({"attachment": {"type": "template", "payload": {"template_type": "button", "text": text, "buttons": buttons(count)}}}),
        )
    };
    assert!(template("x".repeat(640), 3).is_ok());
    assert!(matches!(template("x".repeat(641), 3), Err(SendRefusal::TooLong { .. })));
    assert!(matches!(template("x".to_owned(), 4), Err(SendRefusal::TooMany { .. })));
    assert!(matches!(
        template("x".to_owned(), 0),
        Err(SendRefusal::NoneGiven { .. })
    ));

    let generic = |element: Value, count: usize| {
        content(
            json!({"attachment": {"type": "template", "payload": {"template_type": "generic", "elements": vec![element; count]}}}),
        )
    };
    let element = json!({"title": "x".repeat(80), "subtitle": "y".repeat(80)});
    assert!(generic(element.clone(), 10).is_ok());
    assert!(matches!(generic(element, 11), Err(SendRefusal::TooMany { .. })));
    assert_eq!(generic(json!({"title": "x"}), 1), Err(SendRefusal::BareElement));
    assert!(matches!(
        generic(json!({"title": "x".repeat(81), "subtitle": "y"}), 1),
        Err(SendRefusal::TooLong { .. })
    ));
}

#[test]
fn quick_replies_are_truncated_counted_and_need_text() {
    let choices = |count: usize| vec![json!({"content_type": "text", "title": "x".repeat(25), "payload": "P"}); count];
    let decode = |message: Value| SendRequest::decode(&json!({"message": message}));
    let SendBody::Message { quick_replies, .. } =
        decode(json!({"text": "?", "quick_replies": choices(13)})).unwrap().body
    else {
        panic!()
    };
    assert_eq!(quick_replies.len(), 13);
    assert_eq!(quick_replies[0].title.len(), limits::QUICK_REPLY_TITLE_CHARS_MAX);
    assert!(matches!(
        decode(json!({"text": "?", "quick_replies": choices(14)})),
        Err(SendRefusal::TooMany { .. })
    ));
    let with_image = json!({"attachment": {"type": "image", "payload": {"url": "u"}}, "quick_replies": choices(1)});
    assert_eq!(decode(with_image).unwrap_err(), SendRefusal::QuickRepliesWithoutText);
    let contact = decode(json!({"text": "?", "quick_replies": [{"content_type": "user_email"}]})).unwrap();
    assert!(matches!(contact.body, SendBody::Message { quick_replies, .. } if quick_replies.is_empty()));
}

#[test]
fn what_the_gateway_writes_the_platform_reads() {
    let messages = [
        OutgoingMessage::Text { text: "hi".to_owned() },
        OutgoingMessage::Buttons {
            text: "Menu".to_owned(),
            buttons: vec![
                Button::Postback {
                    title: "Coffee".to_owned(),
                    payload: "COFFEE".to_owned(),
                },
                Button::WebUrl {
                    title: "Web".to_owned(),
                    url: "https://example.com".to_owned(),
                },
            ],
        },
        OutgoingMessage::Media {
            media: vec![OutboundMedia {
                kind: MediaKind::Image,
                source: MediaSource::Url("https://a/b".to_owned()),
            }],
        },
        OutgoingMessage::Generic {
            elements: vec![Element {
                title: "T".to_owned(),
                subtitle: Some("S".to_owned()),
                image_url: None,
                default_action_url: Some("https://example.com".to_owned()),
                buttons: vec![],
            }],
        },
        OutgoingMessage::LikeHeart,
    ];
    for message in messages {
        let outgoing = Outgoing::ToSelf {
            to: IgScopedId::new("81"),
            message: message.clone(),
        };
        let path_form = SendRequest::decode(&outgoing.to_path_form_body()).unwrap();
        assert_eq!(path_form.recipient, None);
        let standard = SendRequest::decode(&outgoing.to_standard_body()).unwrap();
        assert_eq!(standard.recipient, Some(Recipient::Id(ParticipantId::new("81"))));
        assert_eq!(path_form.body, standard.body);
        let stored = serde_json::to_string(&outgoing).unwrap();
        assert_eq!(serde_json::from_str::<Outgoing>(&stored).unwrap(), outgoing);
    }
}

#[test]
fn quick_replies_go_to_other_people() {
    let outgoing = Outgoing::ToPerson {
        to: PersonRecipient::Comment(CommentId::new("17")),
        message: OutgoingMessage::Text { text: "?".to_owned() },
        quick_replies: vec![QuickReply {
            title: "Yes".to_owned(),
            payload: "Y".to_owned(),
        }],
    };
    assert_eq!(
        outgoing.to_standard_body().to_string(),
        r#"{"recipient":{"comment_id":"17"},"message":{"text":"?","quick_replies":[{"content_type":"text","title":"Yes","payload":"Y"}]}}"#
    );
}
