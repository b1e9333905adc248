//! Which automation runs, and what it says.

use selfsame_wire::send::{Button, Outgoing, OutgoingMessage, PersonRecipient, QuickReply};

use super::support::*;
use crate::automation::{Lane, Library, MessageFacts, Outcome, PlannedStep, Situation, Trigger, decide};

#[test]
fn the_demo_automations_answer_as_the_design_shows() {
    let library = library(DEMO);
    let menu = decided(&library, &by_owner(message("menu")));
    assert_eq!(menu.outcome, Outcome::Answers);
    assert_eq!(menu.trace.lane, Lane::Draft);
    assert!(matches!(
        menu.steps[0],
        PlannedStep::Typing {
            duration_ms: 400,
            to: Some(_)
        }
    ));
    let Outgoing::ToSelf {
        to,
        message: OutgoingMessage::Buttons { text, buttons },
    } = sends(&menu)[0]
    else {
        panic!("{:?}", menu.steps)
    };
    assert_eq!(to.as_str(), "1500000000000001");
    assert_eq!(text, "Here is our menu, luna.coffee");
    assert_eq!(
        buttons,
        &[
            Button::Postback {
                title: "Coffee".to_owned(),
                payload: "COFFEE".to_owned()
            },
            Button::WebUrl {
                title: "Web site".to_owned(),
                url: "https://example.com".to_owned()
            },
        ]
    );
    assert_eq!(
        texts(&decided(&library, &by_owner(tap("Coffee", "COFFEE")))),
        ["Flat white 3.50"]
    );
    assert_eq!(
        texts(&decided(&library, &by_owner(comment("price?")))),
        ["I sent you a message", "Flat white 3.50"]
    );
}

#[test]
fn the_owner_runs_the_draft_and_everybody_else_what_is_published() {
    assert_eq!(by_owner(message("x")).lane(), Lane::Draft);
    assert_eq!(by_owner(comment("x")).lane(), Lane::Draft);
    assert_eq!(by_sam(message("x")).lane(), Lane::Published);
}

#[test]
fn another_persons_comment_gets_the_private_reply_once_and_the_owners_own_a_self_message() {
    let library = library(
        "automations:\n  - name: c\n    when: { comment: { everything: true } }\n    do:\n      - send: { text: one }\n      - send: { text: two }\n",
    );
    let sams = decided(&library, &by_sam(comment("hi")));
    assert!(matches!(
        sends(&sams)[0],
        Outgoing::ToPerson {
            to: PersonRecipient::Comment(_),
            ..
        }
    ));
    assert!(matches!(
        sends(&sams)[1],
        Outgoing::ToPerson {
            to: PersonRecipient::Person(_),
            ..
        }
    ));
    let own = decided(&library, &by_owner(comment("hi")));
    assert!(sends(&own).iter().all(|send| matches!(send, Outgoing::ToSelf { .. })));
}

#[test]
fn texts_match_by_each_condition_as_people_type_them() {
    for (condition, fitting, strange) in [
        (
            "{ exact: menu }",
            vec!["menu", " MENU ", "Menu\n"],
            vec!["menus", "the menu", ""],
        ),
        (
            "{ exact: [hi, \"good day\"] }",
            vec!["Hi", "GOOD DAY"],
            vec!["good", "hi there"],
        ),
        (
            "{ any: [menu, prices] }",
            vec!["the menu, please", "Prices?", "«MENU»", "menu"],
            vec!["menus", "submenu", "menu_card", "men u"],
        ),
        (
            "{ any: [\"price list\"] }",
            vec!["your Price  List?", "price-list"],
            vec!["price of the list"],
        ),
        ("{ any: [straße] }", vec!["Welche STRASSE?"], vec!["strassenbahn"]),
        ("{ any: [\"👍\"] }", vec!["ok👍", "👍🏽"], vec!["ok"]),
        ("{ any: [菜单] }", vec!["看菜单吧"], vec!["菜"]),
        ("{ contains: [price] }", vec!["PRICES", "overpriced"], vec!["prize"]),
        (
            "{ regex: '^order \\d+$' }",
            vec!["order 12", " ORDER 7 "],
            vec!["order x", "my order 12"],
        ),
        ("{ regex: '\\d{3}' }", vec!["call 911"], vec!["call 91"]),
        (
            "{ regex: 'caf(é|e)s?' }",
            vec!["CAFÉ", "two cafes", "cafe\u{301}"],
            vec!["coffee"],
        ),
        ("{ everything: true }", vec!["", "anything"], vec![]),
    ] {
        let library = message_rules(&[condition]);
        for text in fitting {
            assert_eq!(
                rule(&library, &by_sam(message(text))).as_deref(),
                Some("r0"),
                "{condition} fits {text:?}"
            );
        }
        for text in strange {
            assert_eq!(
                rule(&library, &by_sam(message(text))),
                None,
                "{condition} does not fit {text:?}"
            );
        }
    }
}

#[test]
fn a_regular_expression_fits_the_same_texts_wherever_its_literals_stand() {
    let patterns = [
        "^[a-z]+ like7$",
        "[a-z]+ ?like7",
        "^(my|your)? *order \\d+ (now|soon)$",
        "(\\w+ )+please",
        "\\d+(kg|lb)? of (tea)+",
        "(a|like7)\\d*",
        "x*",
        "^ ?like7 ?$",
        "[^a]like7[^b]",
    ];
    let texts = [
        "something like7",
        "Something LIKE7",
        "like7",
        "like77",
        "my order 12 now",
        "order 12 SOON",
        "order now",
        "some tea please",
        "please",
        "3kg of teatea",
        "3 of te",
        "a",
        "",
        "xlike7x",
        "alike7b",
    ];
    for pattern in patterns {
        let library = message_rules(&[&format!("{{ regex: '{pattern}' }}")]);
        let expression = regex::RegexBuilder::new(pattern)
            .case_insensitive(true)
            .build()
            .unwrap();
        for text in texts {
            let fits = rule(&library, &by_sam(message(text))).is_some();
            assert_eq!(fits, expression.is_match(text), "{pattern} and {text:?}");
        }
    }
}

#[test]
fn the_first_that_fits_in_the_order_of_the_file_wins_whatever_its_condition() {
    let conditions = [
        "{ exact: alpha }",
        "{ any: [alpha] }",
        "{ contains: [alph] }",
        "{ regex: 'a.*a' }",
        "{ everything: true }",
    ];
    for first in 0..conditions.len() {
        let mut order = conditions[first..].to_vec();
        order.extend(&conditions[..first]);
        assert_eq!(
            rule(&message_rules(&order), &by_sam(message("alpha"))).as_deref(),
            Some("r0"),
            "{order:?}"
        );
    }
}

#[test]
fn an_automation_limited_to_accounts_runs_for_those_and_keeps_its_place_in_the_file() {
    let text = |first: &str| {
        format!(
            "automations:\n  - name: theirs\n    accounts: [{first}]\n    when: {{ message: {{ any: [menu] }} }}\n    do: [ {{ send: {{ text: a }} }} ]\n  - name: all\n    when: {{ message: {{ any: [menu] }} }}\n    do: [ {{ send: {{ text: b }} }} ]\n"
        )
    };
    let event = by_sam(message("menu"));
    assert_eq!(
        rule(&library(&text("\"@Luna.Coffee\"")), &event).as_deref(),
        Some("theirs")
    );
    assert_eq!(rule(&library(&text("luna.coffee")), &event).as_deref(), Some("theirs"));
    assert_eq!(rule(&library(&text("\"@other\"")), &event).as_deref(), Some("all"));
}

#[test]
fn nothing_that_fits_is_said_so_with_the_number_of_automations() {
    let decision = decided(&library(DEMO), &by_sam(message("hello")));
    assert_eq!(decision.outcome, Outcome::NoRule);
    assert_eq!(
        decision.trace.notes[0].text,
        "none of the 3 published automations is for this message"
    );
    let nothing = decided(&Library::empty(), &by_owner(message("hello")));
    assert_eq!(nothing.trace.notes[0].text, "there are no draft automations");
}

const SIZES: &str = "automations:\n  - name: sizes\n    when: { message: { any: [size] } }\n    do:\n      - send:\n          text: Which size?\n          quick_replies:\n            - { title: Small, payload: S }\n            - { title: Medium }\n            - { title: Large }\n            - { title: Huge }\n  - name: small\n    when: { message: { exact: small } }\n    do: [ { send: { text: \"small it is\" } } ]\n";

#[test]
fn quick_replies_are_chips_for_customers_and_buttons_for_the_owner() {
    let library = library(SIZES);
    let sams = decided(&library, &by_sam(message("size")));
    let Outgoing::ToPerson {
        quick_replies,
        message: OutgoingMessage::Text { .. },
        ..
    } = sends(&sams)[0]
    else {
        panic!("{:?}", sams.steps)
    };
    assert_eq!(quick_replies.len(), 4);
    assert_eq!(
        quick_replies[0],
        QuickReply {
            title: "Small".to_owned(),
            payload: "S".to_owned()
        }
    );
    assert_eq!(quick_replies[1].payload, "Medium");
    assert_eq!(codes(&sams), ["matched"]);

    let own = decided(&library, &by_owner(message("size")));
    assert_eq!(texts(&own), ["Which size?", "…"]);
    let note = own
        .trace
        .notes
        .iter()
        .find(|note| note.code == "quick_replies_as_buttons")
        .unwrap();
    assert!(note.text.contains("your customers see chips here"), "{}", note.text);
}

#[test]
fn a_tapped_chip_runs_the_same_automation_for_the_customer_and_for_the_owner() {
    let library = library(SIZES);
    let customer = by_sam(Trigger::Message(MessageFacts {
        text: Some("Small".to_owned()),
        quick_reply_payload: Some("S".to_owned()),
        ..MessageFacts::default()
    }));
    assert_eq!(rule(&library, &customer).as_deref(), Some("small"));
    assert_eq!(rule(&library, &by_owner(tap("Small", "S"))).as_deref(), Some("small"));
    assert_eq!(
        rule(&library, &by_owner(tap("Small", "OTHER"))),
        None,
        "not one of our chips"
    );
}

#[test]
fn a_person_whose_name_is_not_known_is_greeted_without_one_and_the_trace_says_so() {
    let mut nameless = sam();
    nameless.username = None;
    let event = crate::automation::PersonEvent::cleared_by_ledger(account(), nameless, false, now(), message("menu"));
    let decision = decided(&library(DEMO), &event);
    assert_eq!(texts(&decision), ["Here is our menu, there"]);
    assert!(codes(&decision).contains(&"name_unknown"));
}

#[test]
fn a_withheld_thread_is_not_answered_and_the_trace_still_names_the_automation() {
    let situation = Situation {
        withheld: Some("a human took over".to_owned()),
        ..Situation::default()
    };
    let decision = decide(&library(DEMO), &by_sam(message("menu")), &situation, now());
    assert_eq!(
        decision.outcome,
        Outcome::Withheld {
            releasable: true,
            reason: "a human took over".to_owned()
        }
    );
    assert!(decision.steps.is_empty());
    assert_eq!(decision.trace.rule.unwrap().name, "menu");
}

#[test]
fn a_text_that_cannot_be_made_sends_nothing_and_says_why() {
    let library = library(
        "automations:\n  - name: bad\n    when: { message: { everything: true } }\n    do:\n      - send: { text: first }\n      - send: { text: \"{{ 1 / 0 }}\" }\n",
    );
    let decision = decided(&library, &by_sam(message("x")));
    assert!(
        matches!(decision.outcome, Outcome::Failed { .. }),
        "{:?}",
        decision.outcome
    );
    assert!(decision.steps.is_empty());
}

#[test]
fn a_text_too_long_for_one_message_comes_as_several() {
    let long = "word ".repeat(300);
    let library = library(&format!(
        "automations:\n  - name: long\n    when: {{ message: {{ everything: true }} }}\n    do: [ {{ send: {{ text: \"{long}\" }} }} ]\n"
    ));
    let decision = decided(&library, &by_sam(message("x")));
    assert_eq!(texts(&decision).len(), 2);
    assert!(texts(&decision).iter().all(|text| text.len() <= 1000));
    assert!(codes(&decision).contains(&"text_split"));
}

#[test]
fn markup_and_template_signs_in_what_a_person_wrote_stay_text() {
    let library = library(
        "automations:\n  - name: echo\n    when: { message: { everything: true } }\n    do: [ { send: { text: \"you said {{ message.text }}\" } } ]\n",
    );
    let hostile = "<b>{{ account.id }}</b> {% raw %}";
    assert_eq!(
        texts(&decided(&library, &by_sam(message(hostile)))),
        [format!("you said {hostile}")]
    );
}

#[test]
fn a_decision_among_ten_thousand_automations_is_found_like_one_among_ten() {
    let mut conditions: Vec<String> = (0..10_000)
        .map(|number| match number % 16 {
            0..=3 => format!("{{ exact: word{number} }}"),
            4..=9 => format!("{{ any: [word{number}] }}"),
            10..=14 => format!("{{ contains: [word{number}x] }}"),
            _ => format!("{{ regex: 'word{number}y\\d+' }}"),
        })
        .collect();
    conditions.push("{ everything: true }".to_owned());
    let conditions: Vec<&str> = conditions.iter().map(String::as_str).collect();
    let library = message_rules(&conditions);
    for (text, expected) in [
        ("word16", "r16"),
        ("a word9 b", "r9"),
        ("aword10xb", "r10"),
        ("word9999y12", "r9999"),
        ("word9999y", "r10000"),
        ("word9 word5", "r5"),
    ] {
        assert_eq!(
            rule(&library, &by_sam(message(text))).as_deref(),
            Some(expected),
            "{text}"
        );
    }
}
