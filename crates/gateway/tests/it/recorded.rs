//! Webhooks in the shapes in which the field has seen them, through the whole intake: received, cut into events,
//! recognised, decided.
//!
//! The shapes are those of public documentation and of the fixtures and types of other people's libraries (contract,
//! webhooks §4.4–4.8 and self messaging §8.3); ids, names and words are our own. `@IG@`, `@SELF@` and `@SAM@` stand for
//! the parties.

use serde_json::json;

use crate::business::Business;
use crate::graph::{IG_ID, SAM, SELF_IGSID};
use crate::open::deliver;

/// Answers everything that could be answered, so that one answer too many shows.
const EVERYTHING: &str = r#"
automations:
  - name: message
    when: { message: { everything: true } }
    do: [ { send: { text: "answer" } } ]
  - name: tap
    when: { postback: GO }
    do: [ { send: { text: "tapped" } } ]
  - name: comment
    when: { comment: { everything: true } }
    do: [ { reply: { text: "public answer" } } ]
"#;

/// A shape: where it was seen, the body, the kinds of its events as they are stored, and what is answered.
type Shape = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const SHAPES: &[Shape] = &[
    (
        "the array that documented samples stand in",
        r#"[{"object":"instagram","entry":[{"id":"@IG@","time":1790000000123,"messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"message":{"mid":"m1","text":"hi"}}]}]}]"#,
        &["message"],
        &["answer"],
    ),
    (
        "a message with both times as numbers of milliseconds, as documented",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000123,"messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"message":{"mid":"m1","text":"hi"}}]}]}"#,
        &["message"],
        &["answer"],
    ),
    (
        "times as strings of digits, as the dashboard's messages Test writes them",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":"1790000000","messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":"1790000000","message":{"mid":"m1","text":"hi"}}]}]}"#,
        &["message"],
        &["answer"],
    ),
    (
        "times as dates, as a help desk's fixtures write them",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":"2026-09-21T14:13:20+0000","messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":"2026-09-21T14:13:20+0000","message":{"mid":"m1","text":"hi"}}]}]}"#,
        &["message"],
        &["answer"],
    ),
    (
        "no times at all, as the page's self messaging samples",
        r#"{"object":"instagram","entry":[{"id":"@IG@","messaging":[{"sender":{"id":"@IG@"},"recipient":{"id":"@SELF@"},"message":{"mid":"m1","text":"hi","is_echo":true,"is_self":true}}]}]}"#,
        &["message"],
        &["answer"],
    ),
    (
        "ids as numbers, as libraries that keep them as integers print them",
        r#"{"object":"instagram","entry":[{"id":@IG@,"time":1790000000123,"messaging":[{"sender":{"id":@SAM@},"recipient":{"id":@IG@},"timestamp":1790000000000,"message":{"mid":"m1","text":"hi"}}]}]}"#,
        &["message"],
        &["answer"],
    ),
    (
        "a message as a change, the form of the dashboard's Test and of relays",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000,"changes":[{"field":"messages","value":{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":"1790000000","message":{"mid":"m1","text":"hi"}}}]}]}"#,
        &["message"],
        &["answer"],
    ),
    (
        "a self echo as a change",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000,"changes":[{"field":"messages","value":{"sender":{"id":"@IG@"},"recipient":{"id":"@SELF@"},"timestamp":"1790000000","message":{"mid":"m1","text":"hi","is_echo":true,"is_self":true}}}]}]}"#,
        &["message"],
        &["answer"],
    ),
    (
        "a self tap as a change, its flag beside the postback",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000,"changes":[{"field":"messaging_postbacks","value":{"sender":{"id":"@IG@"},"recipient":{"id":"@SELF@"},"timestamp":"1790000000","is_self":true,"postback":{"mid":"p1","title":"Go","payload":"GO"}}}]}]}"#,
        &["postback"],
        &["tapped"],
    ),
    (
        "one entry with messages and changes",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000123,"messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"message":{"mid":"m1","text":"hi"}}],"changes":[{"field":"comments","value":{"id":"c1","text":"nice","from":{"id":"@SAM@","username":"sam"},"media":{"id":"178","media_product_type":"FEED"}}}]}]}"#,
        &["message", "comment"],
        &["answer", "public answer"],
    ),
    (
        "several entries, one of another account, in one delivery",
        r#"{"object":"instagram","entry":[{"id":"99","time":1,"messaging":[{"sender":{"id":"5"},"recipient":{"id":"99"},"timestamp":1,"message":{"mid":"mx","text":"hi"}}]},{"id":"@IG@","time":1790000000123,"messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"message":{"mid":"m1","text":"one"}},{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000001,"message":{"mid":"m2","text":"two"}}]}]}"#,
        &["message", "message", "message"],
        &["answer", "answer"],
    ),
    (
        "standby: another app owns the thread",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000123,"standby":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"message":{"mid":"m1","text":"hi"}}]}]}"#,
        &[],
        &[],
    ),
    (
        "a standby list that is empty beside a message",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000123,"standby":[],"messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"message":{"mid":"m1","text":"hi"}}]}]}"#,
        &["message"],
        &["answer"],
    ),
    (
        "unknown keys at every level",
        r#"{"object":"instagram","new":{"a":[1]},"entry":[{"id":"@IG@","time":1790000000123,"hop":7,"messaging":[{"sender":{"id":"@SAM@","user_ref":"x"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"priority":null,"message":{"mid":"m1","text":"hi","seq":5,"nlp":{"entities":{}},"tags":["x"]}}]}]}"#,
        &["message"],
        &["answer"],
    ),
    (
        "flags that are false, and nulls where others leave a key out",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000123,"messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"message":{"mid":"m1","text":"hi","is_echo":false,"is_self":false,"is_deleted":false,"attachments":null,"reply_to":null,"quick_reply":null}}]}]}"#,
        &["message"],
        &["answer"],
    ),
    (
        "an attachment of a kind that nobody has documented, without a payload",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000123,"messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"message":{"mid":"m1","attachments":[{"type":"sticker"}]}}]}]}"#,
        &["message"],
        &["answer"],
    ),
    (
        "a story mention whose address has ended",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000123,"messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"message":{"mid":"m1","attachments":[{"type":"story_mention","payload":{"url":""}}]}}]}]}"#,
        &["message"],
        &["answer"],
    ),
    (
        "a message that Instagram does not support",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000123,"messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"message":{"mid":"m1","is_unsupported":true,"attachments":[{"type":"unsupported_type"}]}}]}]}"#,
        &["message"],
        &["answer"],
    ),
    (
        "an unsend, with the mid of what it takes back",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000123,"messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"message":{"mid":"m1","is_deleted":true}}]}]}"#,
        &["unsend"],
        &[],
    ),
    (
        "an edit whose number is a string",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000123,"messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"message_edit":{"mid":"m1","text":"hi!","num_edit":"1"}}]}]}"#,
        &["edit"],
        &[],
    ),
    (
        "a receipt, a reaction taken back and a referral",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000123,"messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"read":{"mid":"m1"}},{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000001,"reaction":{"mid":"m1","action":"unreact"}},{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000002,"referral":{"ref":"table-5","source":"IGME-SOURCE-LINK","type":"OPEN_THREAD"}}]}]}"#,
        &["read", "reaction", "referral"],
        &[],
    ),
    (
        "a receipt by the watermark of Messenger, which Instagram does not send: kept and counted",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000123,"messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"read":{"watermark":1790000000000}}]}]}"#,
        &["unrecognised"],
        &[],
    ),
    (
        "a comment by comment_id with its media beside it, as the Facebook login's sample",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000,"changes":[{"field":"comments","value":{"comment_id":"c1","media_id":"178","text":"nice","from":{"id":"@SAM@","username":"sam"}}}]}]}"#,
        &["comment"],
        &["public answer"],
    ),
    (
        "a comment whose field and value stand in the entry, as the Instagram login's sample",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000,"field":"comments","value":{"id":"c1","text":"nice","from":{"id":"@SAM@","username":"sam"},"media":{"id":"178","media_product_type":"REELS"}}}]}"#,
        &["comment"],
        &["public answer"],
    ),
    (
        "a comment on an ad, in an answer, with an unknown product",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000,"changes":[{"field":"comments","value":{"id":"c1","parent_id":"c0","text":"nice","from":{"id":"@SAM@","username":"sam"},"media":{"id":"178","media_product_type":"THREADS","ad_id":"1","ad_title":"t","original_media_id":"177"}}}]}]}"#,
        &["comment"],
        &["public answer"],
    ),
    (
        "an own comment in seconds as a vendor printed it",
        r#"{"entry":[{"id":"@IG@","time":1790000000,"changes":[{"field":"comments","value":{"from":{"id":"@IG@","username":"luna.coffee","self_ig_scoped_id":"@SELF@"},"media":{"id":"178","media_product_type":"FEED"},"id":"c1","text":"nice"}}]}],"object":"instagram"}"#,
        &["comment"],
        &["public answer"],
    ),
    (
        "mentions in both forms",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000,"changes":[{"field":"mentions","value":{"media_id":"178"}},{"field":"mentions","value":{"comment_id":"c9","media_id":"178"}}]}]}"#,
        &["mention", "mention"],
        &[],
    ),
    (
        "a field that nobody has documented, and a change without a value",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000,"changes":[{"field":"story_poll_response","value":{"poll":1}},{"field":"comments"}]}]}"#,
        &["unrecognised", "unrecognised"],
        &[],
    ),
    (
        "changed fields without values, as Include Values off sends them",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000,"changed_fields":["comments"]}]}"#,
        &["unrecognised"],
        &[],
    ),
    (
        "the dashboard's comments Test",
        r#"{"object":"instagram","entry":[{"id":"0","time":1790000000,"changes":[{"field":"comments","value":{"from":{"id":"232323232","username":"test","self_ig_scoped_id":"232323232"},"media":{"id":"123123123","media_product_type":"FEED"},"id":"17865799348089039","parent_id":"1231231234","text":"This is an example."}}]}]}"#,
        &["comment"],
        &[],
    ),
    (
        "escapes as Meta writes them, a surrogate pair among them",
        r#"{"object":"instagram","entry":[{"id":"@IG@","time":1790000000123,"messaging":[{"sender":{"id":"@SAM@"},"recipient":{"id":"@IG@"},"timestamp":1790000000000,"message":{"mid":"m1","text":"caf\u00e9 \ud83d\ude00 a\/b \u003Cb>"}}]}]}"#,
        &["message"],
        &["answer"],
    ),
];

fn filled(body: &str) -> String {
    body.replace("@IG@", IG_ID)
        .replace("@SELF@", SELF_IGSID)
        .replace("@SAM@", SAM)
}

#[tokio::test]
async fn every_recorded_shape_is_taken_understood_and_answered_as_what_it_is() {
    for (name, body, kinds, answers) in SHAPES {
        let business = Business::connected(EVERYTHING).await;
        let status = deliver(&business.gateway, filled(body).as_bytes()).await;
        assert_eq!(status, 200, "{name}");
        business.settle().await;
        assert_eq!(business.event_kinds().await, *kinds, "{name}");
        assert_eq!(business.graph.texts(), *answers, "{name}");
        // Once more, as Instagram would after an answer that it did not hear: nothing is answered twice.
        deliver(&business.gateway, filled(body).as_bytes()).await;
        business.settle().await;
        assert_eq!(business.graph.texts(), *answers, "{name}, delivered again");
    }
}

#[tokio::test]
async fn a_message_seen_as_change_and_as_message_is_one_message() {
    // The same message through both logins of one account, in both placements.
    let business = Business::connected(EVERYTHING).await;
    let message = json!({"sender": {"id": SAM}, "recipient": {"id": IG_ID}, "timestamp": 1_790_000_000_000_i64,
        "message": {"mid": "m1", "text": "hi"}});
    for entry in [
        json!({"id": IG_ID, "time": 1_790_000_000_123_i64, "messaging": [message.clone()]}),
        json!({"id": IG_ID, "time": 1_790_000_000, "changes": [{"field": "messages", "value": message.clone()}]}),
    ] {
        business
            .webhook(&json!({"object": "instagram", "entry": [entry]}))
            .await;
    }
    assert_eq!(business.graph.texts(), ["answer"]);
}
