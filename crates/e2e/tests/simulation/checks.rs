//! What must be true: after every step, and when everything has come to rest.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::network::count;
use crate::simulation::{Gesture, OWNER, SAM, Simulation};

/// What a gesture is answered with.
fn answers_to(text: &str, is_comment: bool) -> Vec<String> {
    if is_comment {
        if text.contains("price") {
            vec![format!("Re: {text}"), format!("About {text}")]
        } else {
            Vec::new()
        }
    } else if text.contains("menu") {
        vec![format!("Menu for {text}"), format!("Enjoy {text}")]
    } else {
        vec![format!("You said: {text}")]
    }
}

impl Simulation {
    /// The gestures of which the gateway was told. It is told of the others never: chaos dropped them.
    fn told(&self) -> Vec<Gesture> {
        let arrived = self.network.with(|wires| wires.seen.arrived.clone());
        let told = self.gestures.iter().filter(|gesture| arrived.contains(&gesture.id));
        told.cloned().collect()
    }

    /// What may have been said by now, and how often.
    fn allowed(&self) -> BTreeMap<String, usize> {
        let told = self.told();
        let answers: Vec<String> = told
            .iter()
            .flat_map(|gesture| answers_to(&gesture.text, gesture.is_comment))
            .collect();
        count(answers.iter().map(String::as_str))
    }

    fn said(&self) -> BTreeMap<String, usize> {
        self.network
            .with(|wires| count(wires.seen.accepted.iter().map(|one| one.text.as_str())))
    }

    fn had_doubt(&self) -> bool {
        self.network.with(|wires| wires.seen.had_doubt)
    }

    fn had_refusal(&self) -> bool {
        self.network.with(|wires| wires.seen.had_refusal)
    }

    /// After every step: no answer was said more often than what it answers was done, and a comment has one private
    /// reply at most.
    pub(crate) fn nothing_was_said_twice(&self) {
        let allowed = self.allowed();
        for (text, times) in self.said() {
            let most = allowed.get(&text).copied().unwrap_or(0);
            assert!(times <= most, "{text:?} was said {times} times, at most {most} allowed");
        }
        let accepted = self.network.with(|wires| wires.seen.accepted.clone());
        let private = accepted.iter().filter_map(|one| one.private_reply_to.as_deref());
        for (comment, times) in count(private) {
            assert_eq!(times, 1, "private replies to {comment}");
            let by_owner = self
                .gestures
                .iter()
                .any(|gesture| gesture.id == comment && gesture.by_owner);
            assert!(!by_owner, "the owner's own comment is answered by a self message");
        }
    }

    /// What is said in a thread is said in the order in which what it answers came in.
    pub(crate) fn each_thread_is_in_order(&self) {
        let arrived = self.network.with(|wires| wires.seen.arrived.clone());
        let accepted = self.network.with(|wires| wires.seen.accepted.clone());
        let said: Vec<&str> = accepted.iter().map(|one| one.text.as_str()).collect();
        let times = count(said.iter().copied());
        for by_owner in [true, false] {
            let mut of_thread: Vec<&Gesture> = self
                .gestures
                .iter()
                .filter(|gesture| !gesture.is_comment && gesture.by_owner == by_owner)
                .collect();
            of_thread.sort_by_key(|gesture| arrived.iter().position(|id| *id == gesture.id));
            let expected: Vec<String> = of_thread
                .iter()
                .flat_map(|gesture| answers_to(&gesture.text, false))
                // Words that are said twice cannot be told apart, and what was released came later.
                .filter(|answer| times.get(answer) == Some(&1) && self.allowed().get(answer) == Some(&1))
                .collect();
            let seen: Vec<&str> = said
                .iter()
                .copied()
                .filter(|text| expected.iter().any(|answer| answer == text))
                .collect();
            assert_eq!(seen, expected, "the order of a thread, owner's: {by_owner}");
        }
    }

    /// Every gesture that the gateway was told of is listed: answered, or with the reason why not.
    pub(crate) async fn everything_has_its_end(&self) {
        let (had_doubt, had_refusal) = (self.had_doubt(), self.had_refusal());
        let rows = self.rows(None).await;
        for gesture in self.told() {
            let mine: Vec<&Value> = rows
                .iter()
                .filter(|row| row["cause_mid"].as_str() == Some(&gesture.id))
                .collect();
            if mine.is_empty() {
                let equals_an_answer = self
                    .gestures
                    .iter()
                    .any(|other| answers_to(&other.text, other.is_comment).contains(&gesture.text));
                assert!(had_doubt && equals_an_answer, "{:?} is silent", gesture.text);
                continue;
            }
            for row in &mine {
                let state = row["state"].as_str().unwrap();
                match state {
                    "sent" => continue,
                    "no_rule" if answers_to(&gesture.text, gesture.is_comment).is_empty() => continue,
                    "failed" => assert!(had_refusal || had_doubt || is_for_a_login(row), "{row}"),
                    // `cancelled`: belt and braces, or sent again by request.
                    "parked" | "cancelled" => {}
                    _ => panic!("{row}"),
                }
                assert!(row["reason"].is_string(), "{row}");
            }
        }
    }

    /// The belt is never needed where the braces hold: without a doubt no echo of ours was ever taken for a person's.
    pub(crate) async fn no_echo_was_taken_for_hers(&self) {
        for row in self.rows(Some("ours")).await {
            let reason = row["reason"].as_str().unwrap_or_default();
            assert!(self.had_doubt() || !reason.contains("our own call"), "{row}");
        }
    }

    /// A token that ended was refreshed in time, or its account says that somebody must log in.
    pub(crate) async fn the_account_works_or_says_so(&mut self) {
        self.look_at_tokens().await;
        let account = self.account().await;
        if account["needs_reconnect"] == true {
            let broken = account["logins"][0]["broken"].as_str();
            assert!(broken.is_some_and(|reason| reason.len() > 10), "{account}");
            return;
        }
        // The end of a token that was handed over less than a day ago is not known yet.
        if let Some(ends_at) = account["logins"][0]["expires_at"].as_str() {
            assert!(ends_at.parse::<Timestamp>().unwrap() > self.world.now(), "{account}");
        }
    }

    /// The owner logs in again and has everything decided and sent that was set aside or failed for want of a login:
    /// none of it was lost. What is in doubt stays for her to look at.
    pub(crate) async fn what_was_set_aside_is_taken_up(&mut self) {
        assert!(self.log_in().await, "a login that nothing disturbs is taken");
        assert_eq!(self.account().await["needs_reconnect"], false);
        let mut released = BTreeSet::new();
        for row in self.rows(None).await {
            let id = row["id"].as_str().unwrap();
            let action = match (id.starts_with('e'), row["state"].as_str().unwrap()) {
                (true, "parked") => "release",
                (false, "failed") if is_for_a_login(&row) => "send-again",
                _ => continue,
            };
            let taken = self.api("POST", &format!("messages/{id}/{action}"), &json!({})).await;
            released.insert(taken["id"].as_str().unwrap().to_owned());
        }
        self.come_to_rest().await;
        let rows = self.rows(None).await;
        for id in released {
            let row = rows
                .iter()
                .find(|row| row["id"].as_str() == Some(&id) || row["cause_event"].as_str() == Some(&id));
            let Some(row) = row else {
                assert!(self.had_doubt(), "{id} is gone");
                continue;
            };
            let is_lost = row["state"] == "parked" && row["id"] == row["cause_event"];
            assert!(!is_lost && !is_for_a_login(row), "{row}");
        }
    }

    /// Where no call was in doubt and nothing refused, each gesture was answered exactly once.
    pub(crate) fn everything_was_answered_once(&self) {
        if !self.had_doubt() && !self.had_refusal() {
            assert_eq!(self.said(), self.allowed(), "each message is answered exactly once");
        }
    }

    /// The platform's own threads agree with what its answers told.
    pub(crate) async fn the_threads_agree(&self) {
        let mut on_platform: BTreeMap<String, usize> = BTreeMap::new();
        for person in [OWNER, SAM] {
            let path = format!("/_sim/threads?a={OWNER}&b={person}");
            let threads = self.sim("GET", &path, &Value::Null).await;
            for message in threads["data"][0]["messages"].as_array().into_iter().flatten() {
                if message["origin"] == "api" {
                    let text = message["text"].as_str().unwrap_or_default();
                    *on_platform.entry(text.to_owned()).or_default() += 1;
                }
            }
        }
        // Said while the folder was prepared.
        on_platform.remove("You said: good morning");
        let said = self.network.with(|wires| {
            let private = wires.seen.accepted.iter().filter(|one| !one.is_public());
            count(private.map(|one| one.text.as_str()))
        });
        assert_eq!(on_platform, said);
    }
}

/// Whether a send failed for want of a token that works.
fn is_for_a_login(row: &Value) -> bool {
    let reason = row["reason"].as_str().unwrap_or_default();
    row["state"] == "failed" && (reason.contains("connect the account again") || reason.contains("connect it again"))
}
