//! Runs that wait: for an answer, for a time, for another program.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::support::*;
use crate::automation::{Awaiting, Decision, Outcome, Resumption, Run, Situation, decide, resume};

const BOOKING: &str = r#"
automations:
  - name: book
    when: { message: { any: [book] } }
    do:
      - ask: { text: "How many guests?", keep_as: guests, answer: number, again: "A number, please", tries: 2, timeout: 1h,
               otherwise: [ { send: { text: "Call us" } } ] }
      - if:
          condition: "guests > 6"
          then: [ { hand_over: { note: "{{ guests }} guests" } } ]
          else: [ { send: { text: "A table for {{ guests }}" } } ]
      - set: { last_order: "table for {{ guests }}" }
      - wait: 2d
      - send: { text: "See you, {{ last_order }}" }
  - name: again
    when: { message: { exact: again } }
    do: [ { send: { text: "[{{ last_order }}]" } } ]
  - name: size
    when: { message: { exact: size } }
    do:
      - ask: { text: "Which?", keep_as: size, answer: choice, quick_replies: [ { title: Small, payload: S }, { title: Large, payload: L } ] }
      - send: { text: "size {{ size }}" }
  - name: menu tap
    when: { postback: MENU }
    do: [ { send: { text: "the menu" } } ]
  - name: stock
    when: { message: { exact: stock } }
    do:
      - http: { url: "https://shop.example/stock/{{ message.text }}", json: { who: "{{ person.id }}" }, keep_as: stock, otherwise: [ { send: { text: "no idea" } } ] }
      - send: { text: "{{ stock.count }} left" }
"#;

fn suspended(decision: &Decision) -> Run {
    assert_eq!(decision.outcome, Outcome::Answers, "{:?}", decision.trace);
    // What waits goes through the database: it must survive being written down.
    let run = decision.changes.suspended.clone().expect("it waits");
    serde_json::from_str(&serde_json::to_string(&run).unwrap()).unwrap()
}

fn answered(run: Run, variables: BTreeMap<String, Value>, text: &str) -> Decision {
    let situation = Situation {
        question: Some(run),
        variables,
        ..Situation::default()
    };
    decide(&library(BOOKING), &by_sam(message(text)), &situation, now())
}

#[test]
fn an_answer_is_kept_as_its_kind_and_the_run_goes_on() {
    let asked = decided(&library(BOOKING), &by_sam(message("book")));
    assert_eq!(texts(&asked), ["How many guests?"]);
    let decision = answered(suspended(&asked), BTreeMap::new(), "4");
    assert_eq!(texts(&decision), ["A table for 4"]);
    assert!(decision.changes.question_closed);
    assert_eq!(decision.changes.variables["guests"], json!(4));
    assert_eq!(decision.changes.variables["last_order"], json!("table for 4"));
    let waiting = suspended(&decision);
    let Awaiting::Time { at } = waiting.awaiting else {
        panic!("{:?}", waiting.awaiting)
    };
    assert_eq!(at, now() + jiff::SignedDuration::from_hours(48));
    let later = resume(waiting, Resumption::TimeCame, &decision.changes.variables, at);
    assert_eq!(texts(&later), ["See you, table for 4"]);
}

#[test]
fn an_answer_that_does_not_fit_is_asked_for_again_and_then_given_up() {
    let asked = decided(&library(BOOKING), &by_sam(message("book")));
    let again = answered(suspended(&asked), BTreeMap::new(), "a few");
    assert_eq!(texts(&again), ["A number, please"]);
    let given_up = answered(suspended(&again), BTreeMap::new(), "many");
    assert_eq!(texts(&given_up), ["Call us"]);
    assert!(given_up.changes.suspended.is_none());
}

#[test]
fn a_question_that_nobody_answers_ends_with_its_otherwise() {
    let asked = decided(&library(BOOKING), &by_sam(message("book")));
    let decision = resume(suspended(&asked), Resumption::TimeCame, &BTreeMap::new(), now());
    assert_eq!(texts(&decision), ["Call us"]);
}

#[test]
fn a_hand_over_ends_the_run_with_its_note() {
    let asked = decided(&library(BOOKING), &by_sam(message("book")));
    let decision = answered(suspended(&asked), BTreeMap::new(), "8");
    assert_eq!(decision.changes.hand_over.as_deref(), Some("8 guests"));
    assert!(decision.steps.is_empty());
    assert!(decision.changes.suspended.is_none());
}

#[test]
fn a_value_that_was_never_kept_is_empty_and_one_that_was_is_there() {
    let library = library(BOOKING);
    let event = by_sam(message("again"));
    assert_eq!(texts(&decided(&library, &event)), ["[]"]);
    let variables = BTreeMap::from([("last_order".to_owned(), json!("tea"))]);
    let situation = Situation {
        variables,
        ..Situation::default()
    };
    assert_eq!(texts(&decide(&library, &event, &situation, now())), ["[tea]"]);
}

#[test]
fn a_choice_is_answered_by_chip_by_button_or_by_typing_it() {
    let library = library(BOOKING);
    let asked = decided(&library, &by_owner(message("size")));
    let question = suspended(&asked);
    for trigger in [message("large"), tap("Large", "L")] {
        let situation = Situation {
            question: Some(question.clone()),
            ..Situation::default()
        };
        let decision = decide(&library, &by_owner(trigger), &situation, now());
        assert_eq!(texts(&decision), ["size L"]);
    }
}

#[test]
fn a_tap_on_something_else_leaves_the_question_for_another_automation() {
    let library = library(BOOKING);
    let question = suspended(&decided(&library, &by_owner(message("size"))));
    let situation = Situation {
        question: Some(question),
        ..Situation::default()
    };
    let decision = decide(&library, &by_owner(tap("Menu", "MENU")), &situation, now());
    assert_eq!(texts(&decision), ["the menu"]);
    assert!(decision.changes.question_closed, "the new automation takes over");
}

#[test]
fn a_call_is_planned_with_its_texts_made_and_its_answer_is_kept() {
    let library = library(BOOKING);
    let run = suspended(&decided(&library, &by_sam(message("stock"))));
    let Awaiting::Call { call } = &run.awaiting else {
        panic!("{:?}", run.awaiting)
    };
    assert_eq!(call.url, "https://shop.example/stock/stock");
    assert_eq!(call.json, Some(json!({ "who": "1600000000000002" })));
    let returned = resume(
        run.clone(),
        Resumption::CallReturned(json!({ "count": 3 })),
        &BTreeMap::new(),
        now(),
    );
    assert_eq!(texts(&returned), ["3 left"]);
    let failed = resume(
        run,
        Resumption::CallFailed("no route".to_owned()),
        &BTreeMap::new(),
        now(),
    );
    assert_eq!(texts(&failed), ["no idea"]);
}
