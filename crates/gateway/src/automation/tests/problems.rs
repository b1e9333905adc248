//! What is said about a file that is wrong: the place, and words that its writer understands.

use crate::automation::{Library, Severity};

/// A snapshot without the expression: it would repeat the whole table.
macro_rules! assert_listing {
    ($listing:expr) => {
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!($listing);
        });
    };
}

fn errors(text: &str) -> String {
    match Library::compile(text) {
        Ok(_) => "(no error)".to_owned(),
        Err(problems) => problems.to_string(),
    }
}

fn warnings(text: &str) -> String {
    let library = Library::compile(text).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(
        library
            .warnings()
            .iter()
            .all(|problem| problem.severity == Severity::Warning)
    );
    library
        .warnings()
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// An automation that answers "menu" with these steps.
fn steps(steps: &str) -> String {
    format!("automations:\n  - name: menu\n    when: {{ message: {{ any: [menu] }} }}\n    do:\n{steps}\n")
}

#[test]
fn unknown_keys_are_refused_with_the_nearest_known_name() {
    for (text, expected) in [
        (
            "automation: []",
            "line 1, column 1: unknown key `automation`; did you mean `automations`? Known here: automations",
        ),
        (
            "automations:\n  - nam: x\n    when: { postback: A }\n    do: []",
            "line 2, column 5: unknown key `nam`; did you mean `name`? Known here: name, accounts, when, do",
        ),
        (
            &steps("      - send: { text: hi, butons: [] }"),
            "line 5, column 27: unknown key `butons`; did you mean `buttons`? Known here: text, buttons, quick_replies, image",
        ),
        (
            &steps("      - sned: { text: hi }"),
            "line 5, column 9: unknown step `sned`; did you mean `send`? Known here: typing, send, reply, ask, if, set, wait, react, http, hand_over",
        ),
        (
            "automations:\n  - name: x\n    when: { mesage: { any: [a] } }\n    do: []",
            "line 3, column 13: unknown trigger `mesage`; did you mean `message`? Known here: message, postback, comment, live_comment, story_reply, story_mention, mention, ice_breaker, referral, first_message",
        ),
        (
            "automations:\n  - name: x\n    when: { message: { word: [a] } }\n    do: []",
            "line 3, column 24: unknown key `word`; known here: exact, any, contains, regex, everything",
        ),
    ] {
        assert_eq!(errors(text), expected);
    }
}

#[test]
fn wrong_shapes_are_named_in_plain_words_at_their_place() {
    assert_listing!(
        [
            "",
            "automations: 3",
            "automations:\n  - name: x\n    do: []",
            "automations:\n  - name: [x]\n    when: { postback: A }\n    do: []",
            "automations:\n  - name: x\n    when: { postback: A, comment: { any: [b] } }\n    do: []",
            "automations:\n  - name: x\n    when: { postback: A }\n    do: [ { send: { text: a }, typing: 1s } ]",
            "automations:\n  - name: x\n    when: { postback: A }\n    do: [ { typing: fast } ]",
            "automations:\n  - name: x\n    name: y\n    when: { postback: A }\n    do: []",
            "automations:\n  - name: \"x\n    when: 3",
            "automations:\n\t- name: x",
            "automations: []\n---\nautomations: []",
        ]
        .map(|text| format!("{text:?}\n  {}", errors(text).replace('\n', "\n  ")))
        .join("\n")
    );
}

#[test]
fn what_is_read_but_makes_no_sense_is_refused_at_its_place() {
    assert_listing!(
        [
            "automations:\n  - name: a\n    when: { message: {} }\n    do: []",
            "automations:\n  - name: a\n    when: { message: { any: [x], contains: [y] } }\n    do: [ { typing: 1s } ]",
            "automations:\n  - name: a\n    when: { message: { any: [] } }\n    do: [ { typing: 1s } ]",
            "automations:\n  - name: a\n    when: { message: { any: [\" \"] } }\n    do: [ { typing: 1s } ]",
            "automations:\n  - name: a\n    when: { message: { everything: false } }\n    do: [ { typing: 1s } ]",
            "automations:\n  - name: a\n    when: { message: { regex: \"(\" } }\n    do: [ { typing: 1s } ]",
            "automations:\n  - name: a\n    accounts: []\n    when: { postback: A }\n    do: [ { typing: 1s } ]",
            "automations:\n  - name: a\n    when: { postback: A }\n    do: [ { typing: 1s } ]\n  - name: a\n    when: { postback: B }\n    do: [ { typing: 1s } ]",
            &steps("      - send: {}"),
            &steps("      - send: { buttons: [ { title: a, payload: b } ] }"),
            &steps("      - send: { text: hi, buttons: [ { title: a } ] }"),
            &steps("      - send: { text: hi, buttons: [ { title: a, url: nowhere } ] }"),
            &steps("      - send: { text: hi, buttons: [ { title: a, payload: a }, { title: b, payload: b }, { title: c, payload: c }, { title: d, payload: d } ] }"),
            &steps("      - send: { text: hi, buttons: [ { title: a, payload: a } ], quick_replies: [ { title: b } ] }"),
            &steps("      - send: { text: \"\" }"),
            &steps("      - send: { image: \"ftp://x/y.png\" }"),
            &steps("      - reply: { text: hi }"),
            &steps("      - typing: 1h"),
            &steps("      - ask: { text: \"How many?\", keep_as: person }"),
            &steps("      - ask: { text: \"Which?\", keep_as: size, answer: choice }"),
            &steps("      - http: { url: \"https://example.com\", timeout: 1m }"),
        ]
        .map(|text| format!("{text:?}\n  {}", errors(text).replace('\n', "\n  ")))
        .join("\n")
    );
}

#[test]
fn an_unknown_name_in_a_text_is_found_at_load_at_its_own_column() {
    assert_eq!(
        errors(&steps("      - send:\n          text: \"Hello {{ person.usrname }}\"")),
        "line 6, column 27: `person.usrname` is not known here; did you mean `person.username`? Known here: person.username, person.name, person.id, account.username, account.name, account.id, message.text, message.id, message.payload"
    );
    assert!(
        errors(&steps("      - send: { text: \"{{ comment.text }}\" }")).contains("`comment.text` is not known here")
    );
    assert!(
        errors(&steps("      - send: { text: \"{{ person.\" }"))
            .starts_with("line 5, column 23: this text cannot be read")
    );
    assert_eq!(
        errors(&steps(
            "      - set: { colour: red }\n      - send: { text: \"{{ colour }}\" }"
        )),
        "(no error)"
    );
}

#[test]
fn every_problem_of_a_file_is_named_in_its_order() {
    let text = steps("      - send: { text: \"{{ nobody }}\" }\n      - reply: { text: hi }\n      - send: {}");
    let problems = Library::compile(&text).unwrap_err().0;
    let places: Vec<u64> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(places, [5, 6, 7]);
}

#[test]
fn what_instagram_would_cut_or_refuse_is_warned_of() {
    assert_listing!(
        [
            steps(&format!("      - send: {{ text: \"{}\" }}", "long ".repeat(300))),
            steps("      - send: { text: hi, buttons: [ { title: \"a title that is far too long\", payload: a } ] }"),
            steps("      - send: { text: hi, quick_replies: [ { title: a }, { title: b }, { title: c }, { title: d } ] }"),
            steps("      - wait: 25h\n      - send: { text: \"still there?\" }"),
            "automations:\n  - name: c\n    when: { comment: { any: [a] } }\n    do:\n      - send: { text: one }\n      - send: { text: two }\n".to_owned(),
            "automations:\n  - name: all\n    when: { message: { everything: true } }\n    do: [ { send: { text: a } } ]\n  - name: never\n    when: { message: { any: [b] } }\n    do: [ { send: { text: b } } ]\n".to_owned(),
            "automations:\n  - name: first\n    when: { postback: A }\n    do: [ { send: { text: a } } ]\n  - name: second\n    when: { postback: A }\n    do: [ { send: { text: b } } ]\n".to_owned(),
        ]
        .map(|text| warnings(&text))
        .join("\n")
    );
}

/// An automation that is started so.
fn started_by(when: &str, steps: &str) -> String {
    format!("automations:\n  - name: x\n    when: {{ {when} }}\n    do:\n{steps}\n")
}

/// Line, column and code of everything that is said about a file.
fn said_about(text: &str) -> Vec<(u64, u64, String)> {
    let problems = match Library::compile(text) {
        Ok(library) => library.warnings().to_vec(),
        Err(problems) => problems.0,
    };
    problems
        .into_iter()
        .map(|problem| (problem.line, problem.column, problem.code))
        .collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table, one row a limit")]
fn each_limit_of_the_send_api_is_named_at_its_place_and_not_a_step_before_it() {
    let words = |bytes: usize| "a ".repeat(bytes / 2).trim_end().to_owned() + "b";
    let letters = |count: usize| "x".repeat(count);
    let send = |fields: &str| steps(&format!("      - send: {{ {fields} }}"));
    let buttons = |count: usize| vec!["{ title: a, payload: b }"; count].join(", ");
    let comment = |rest: &str| started_by("comment: { any: [a] }", rest);
    let live = |rest: &str| started_by("live_comment: { any: [a] }", rest);
    // Row of the contract, what keeps it, what breaks it, and what is said about that where.
    for (row, kept, broken, line, column, code) in [
        (
            "5.2 text: 1000 bytes",
            send(&format!("text: {}", words(1000))),
            send(&format!("text: {}", words(1002))),
            5,
            23,
            "text_too_long",
        ),
        (
            "5.2 text: bytes, not characters",
            send(&format!("text: {}", "é".repeat(500))),
            send(&format!("text: {}", "é".repeat(501))),
            5,
            23,
            "text_too_long",
        ),
        (
            "5.2 text with names",
            send("text: \"You are {{ person.username }}\""),
            send("text: \"You said {{ message.text }}\""),
            5,
            23,
            "text_can_be_too_long",
        ),
        (
            "5.2 button template: 640 characters",
            send(&format!("text: {}, buttons: [ {} ]", words(640), buttons(1))),
            send(&format!("text: {}, buttons: [ {} ]", words(642), buttons(1))),
            5,
            23,
            "text_too_long",
        ),
        (
            "5.2 button template: 1-3 buttons",
            send(&format!("text: hi, buttons: [ {} ]", buttons(3))),
            send(&format!("text: hi, buttons: [ {} ]", buttons(4))),
            5,
            36,
            "button_count",
        ),
        (
            "5.2 button template: not none",
            send("text: hi"),
            send("text: hi, buttons: []"),
            5,
            36,
            "button_count",
        ),
        (
            "5.2 buttons: title 20",
            send(&format!(
                "text: hi, buttons: [ {{ title: {}, payload: b }} ]",
                letters(20)
            )),
            send(&format!(
                "text: hi, buttons: [ {{ title: {}, payload: b }} ]",
                letters(21)
            )),
            5,
            47,
            "title_too_long",
        ),
        (
            "5.2 buttons: title 20, with names",
            steps(
                "      - set: { size: L }\n      - send: { text: hi, buttons: [ { title: \"{{ size }}\", payload: b } ] }",
            ),
            send("text: hi, buttons: [ { title: \"{{ person.username }}\", payload: b } ]"),
            5,
            47,
            "title_can_be_too_long",
        ),
        (
            "5.2 buttons: payload 1000",
            send(&format!(
                "text: hi, buttons: [ {{ title: a, payload: {} }} ]",
                letters(1000)
            )),
            send(&format!(
                "text: hi, buttons: [ {{ title: a, payload: {} }} ]",
                letters(1001)
            )),
            5,
            59,
            "payload_too_long",
        ),
        (
            "5.2 buttons: payload 1000, with names",
            send("text: hi, buttons: [ { title: a, payload: \"{{ person.id }}\" } ]"),
            send("text: hi, buttons: [ { title: a, payload: \"x{{ message.text }}\" } ]"),
            5,
            59,
            "payload_can_be_too_long",
        ),
        (
            "5.2 buttons: web_url or postback",
            send("text: hi, buttons: [ { title: a, url: \"https://example.com\" } ]"),
            send("text: hi, buttons: [ { title: a, url: \"http://example.com\" } ]"),
            5,
            55,
            "not_https",
        ),
        (
            "5.2 image: an address",
            send("image: \"https://example.com/a.png\""),
            send("image: \"file:///a.png\""),
            5,
            24,
            "not_a_web_address",
        ),
        (
            "5.2 quick replies: at most 13",
            send("text: hi, quick_replies: [ { title: a }, { title: b }, { title: c } ]"),
            send(&format!(
                "text: hi, quick_replies: [ {} ]",
                ["{ title: a }"; 14].join(", ")
            )),
            5,
            42,
            "quick_reply_count",
        ),
        (
            "5.2 quick replies: title 20, then cut",
            send(&format!("text: hi, quick_replies: [ {{ title: {} }} ]", letters(20))),
            send(&format!("text: hi, quick_replies: [ {{ title: {} }} ]", letters(21))),
            5,
            53,
            "title_too_long",
        ),
        (
            "5.2 quick replies: not in the self thread",
            send("text: hi, quick_replies: [ { title: a }, { title: b }, { title: c } ]"),
            send("text: hi, quick_replies: [ { title: a }, { title: b }, { title: c }, { title: d } ]"),
            5,
            42,
            "quick_replies_as_buttons",
        ),
        (
            "5.2 quick replies: text prompt only",
            send("text: hi, quick_replies: [ { title: a } ]"),
            send("image: \"https://example.com/a.png\", quick_replies: [ { title: a } ]"),
            5,
            68,
            "text_missing",
        ),
        (
            "5.4 private replies: 7 days",
            comment("      - wait: 167h\n      - send: { text: a }"),
            comment("      - wait: 168h\n      - send: { text: a }"),
            6,
            9,
            "private_reply_too_late",
        ),
        (
            "5.4 private replies: live, only while broadcasting",
            live("      - send: { text: a }"),
            live("      - wait: 1s\n      - send: { text: a }"),
            6,
            9,
            "live_over",
        ),
        (
            "5.4 private replies: one message per comment",
            comment("      - send: { text: a }"),
            comment("      - send: { text: a }\n      - send: { text: b }"),
            6,
            9,
            "second_private_reply",
        ),
        (
            "5.4 private replies: one message, not a picture and a text",
            comment("      - send: { image: \"https://example.com/a.png\" }"),
            comment("      - send: { image: \"https://example.com/a.png\", text: a }"),
            5,
            9,
            "second_private_reply",
        ),
        (
            "5.4 private replies: more after the user answers",
            comment("      - ask: { text: a?, keep_as: b }\n      - send: { text: c }"),
            comment("      - send: { text: a }\n      - ask: { text: a?, keep_as: b }"),
            6,
            9,
            "second_private_reply",
        ),
        (
            "5.6 windows: 24 hours",
            steps("      - wait: 23h\n      - send: { text: a }"),
            steps("      - wait: 24h\n      - send: { text: a }"),
            6,
            9,
            "window_closed",
        ),
        (
            "5.6 windows: a question that nobody answers",
            steps("      - ask: { text: a?, keep_as: b, otherwise: [ { send: { text: c } } ] }"),
            steps("      - ask: { text: a?, keep_as: b, timeout: 1d, otherwise: [ { send: { text: c } } ] }"),
            5,
            64,
            "window_closed",
        ),
    ] {
        assert_eq!(said_about(&kept), [], "{row}: {kept}");
        let said = said_about(&broken);
        assert!(
            said.contains(&(line, column, code.to_owned())),
            "{row}: {said:?} of\n{broken}"
        );
    }
}

#[test]
fn an_automation_that_an_earlier_one_hides_is_named() {
    let two = |first: &str, second: &str| {
        let rule = |name: &str, when: &str| {
            format!("  - name: {name}\n    when: {{ {when} }}\n    do: [ {{ send: {{ text: a }} }} ]\n")
        };
        format!("automations:\n{}{}", rule("first", first), rule("second", second))
    };
    for (first, second, hidden) in [
        ("message: { everything: true }", "message: { regex: x }", true),
        ("message: { everything: true }", "story_reply: { any: [a] }", true),
        (
            "message: { everything: true }",
            "story_mention: { everything: true }",
            true,
        ),
        (
            "message: { everything: true }",
            "first_message: { everything: true }",
            true,
        ),
        ("message: { everything: true }", "comment: { everything: true }", false),
        ("message: { everything: true }", "postback: A", false),
        ("message: { everything: true }", "referral: r", false),
        ("comment: { everything: true }", "live_comment: { any: [a] }", true),
        ("live_comment: { everything: true }", "comment: { any: [a] }", false),
        ("message: { any: [a, b] }", "message: { any: [B] }", true),
        ("message: { any: [a] }", "message: { any: [a, b] }", false),
        ("message: { any: [menu] }", "message: { exact: our menu }", true),
        ("message: { contains: menu }", "message: { any: [Menu] }", true),
        ("message: { exact: menu }", "message: { any: [menu] }", false),
        ("postback: [A, B]", "ice_breaker: B", true),
        ("message: { any: [a] }", "story_reply: { exact: a }", true),
    ] {
        let said = said_about(&two(first, second));
        let expected: &[(u64, u64, String)] = &[(6, 11, "never_runs".to_owned())];
        assert_eq!(said, if hidden { expected } else { &[] }, "{first}; {second}");
    }
}

#[test]
fn numbers_and_words_that_yaml_takes_for_something_else_are_texts_here() {
    for condition in [
        "{ exact: 10 }",
        "{ exact: yes }",
        "{ exact: 007 }",
        "{ any: [1_000, 12, on] }",
        "{ exact: true }",
    ] {
        assert_eq!(
            errors(&format!(
                "automations:\n  - name: a\n    when: {{ message: {condition} }}\n    do: [ {{ typing: 1s }} ]"
            )),
            "(no error)",
            "{condition}"
        );
    }
    assert!(
        errors("automations:\n  - name: a\n    when: { message: { exact: 3.50 } }\n    do: [ { typing: 1s } ]")
            .contains("put this number in quotes")
    );
}

#[test]
fn the_schema_names_every_step_and_trigger() {
    let schema = crate::automation::schema().to_string();
    for name in [
        "typing",
        "send",
        "reply",
        "ask",
        "hand_over",
        "first_message",
        "quick_replies",
        "everything",
    ] {
        assert!(schema.contains(&format!("\"{name}\"")), "{name}");
    }
}
