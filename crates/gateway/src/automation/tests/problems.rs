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
            "line 3, column 13: unknown trigger `mesage`; did you mean `message`? Known here: message, postback, comment, live_comment, story_reply, story_mention, ice_breaker, referral, first_message",
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
