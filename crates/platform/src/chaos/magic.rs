//! Magic text: faults that a person asks for in what she types on the phone. The text is delivered like any other.
//!
//! A command is a line that begins with its name. Those about the webhook strike the first attempt at the message's own notification; those
//! about the answer strike the next message that an app sends for the account that was written to.

use super::engine::Fault;
use super::rule::{DELAY_MS_MAX, DUPLICATES_MAX, FaultKind, Match, Params, Rule, Target};

/// Lines that are looked at.
const LINES_MAX: usize = 20;

/// What a line asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Magic {
    /// Of this message's webhook.
    Webhook(Fault),
    /// Of the next answer.
    Answer {
        /// What goes wrong.
        fault: FaultKind,
        /// With these numbers.
        params: Params,
        /// How many answers.
        times: u32,
    },
}

/// The commands of a text, in order. What is no command exactly is text.
pub fn commands(text: &str) -> Vec<Magic> {
    text.lines().take(LINES_MAX).filter_map(command).collect()
}

/// The rule that makes the next answers of an account fail; `None` for what is about the webhook.
pub fn answer_rule(magic: &Magic, account: &str) -> Option<Rule> {
    let Magic::Answer { fault, params, times } = magic else {
        return None;
    };
    Some(Rule {
        target: Target::Graph,
        matches: Match {
            account: Some(format!("@{account}")),
            method: Some("POST".to_owned()),
            path: Some("/messages".to_owned()),
            message: Some(true),
            ..Match::default()
        },
        fault: *fault,
        probability: None,
        times: Some(*times),
        params: params.clone(),
    })
}

fn command(line: &str) -> Option<Magic> {
    let mut words = line.split_whitespace();
    let name = words.next()?;
    let (first, second) = (words.next(), words.next());
    if words.next().is_some() {
        return None;
    }
    let number = |word: Option<&str>, default: u32, max: u32| match word {
        None => Some(default),
        Some(word) => word.parse().ok().filter(|number| (1..=max).contains(number)),
    };
    let answer = |fault, params, times| Some(Magic::Answer { fault, params, times });
    match (name, first, second) {
        ("#dup", count, None) => Some(Magic::Webhook(Fault::Duplicate(number(count, 1, DUPLICATES_MAX)?))),
        ("#late", Some(by), None) => Some(Magic::Webhook(Fault::Delay(delay_ms(by)?))),
        ("#drop", None, None) => Some(Magic::Webhook(Fault::Drop)),
        ("#lost", None, None) => Some(Magic::Webhook(Fault::Cut)),
        ("#status", Some(status), None) => Some(Magic::Webhook(Fault::Status(http_status(status)?))),
        ("#fail", Some(code), times) => {
            let (code, subcode) = match code.split_once('/') {
                Some((code, subcode)) => (code, Some(subcode.parse().ok()?)),
                None => (code, None),
            };
            let params = Params {
                code: Some(i64::from(code.parse::<u32>().ok()?)),
                subcode,
                ..Params::default()
            };
            answer(FaultKind::GraphError, params, number(times, 1, DUPLICATES_MAX)?)
        }
        ("#cut", times, None) => answer(FaultKind::Cut, Params::default(), number(times, 1, DUPLICATES_MAX)?),
        ("#echo-first", times, None) => answer(
            FaultKind::EchoFirst,
            Params::default(),
            number(times, 1, DUPLICATES_MAX)?,
        ),
        ("#slow", Some(by), None) => {
            delay_ms(by)?;
            let params = Params {
                by: Some(by.to_owned()),
                ..Params::default()
            };
            answer(FaultKind::Delay, params, 1)
        }
        _ => None,
    }
}

fn delay_ms(text: &str) -> Option<u64> {
    let duration: jiff::SignedDuration = text.parse().ok()?;
    u64::try_from(Some(duration.as_millis()).filter(|millis| (1..=DELAY_MS_MAX).contains(millis))?).ok()
}

fn http_status(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (200..=599).contains(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_command_only_when_all_of_it_is() {
        for (text, expected) in [
            ("#dup", 1),
            ("#dup 3", 1),
            ("#late 10s", 1),
            ("#drop", 1),
            ("#lost", 1),
            ("#status 503", 1),
            ("#fail 613", 1),
            ("#fail 613/2534040 2", 1),
            ("#cut", 1),
            ("#echo-first 2", 1),
            ("#slow 500ms", 1),
            ("menu\n#dup\n#fail 2", 2),
            ("#dup please", 0),
            ("#dup 0", 0),
            ("#dup 101", 0),
            ("#late", 0),
            ("#late night", 0),
            ("#late 2h", 0),
            ("#drop today", 0),
            ("new #drop", 0),
            ("#status 99", 0),
            ("#fail", 0),
            ("#fail x", 0),
            ("#fail -1", 0),
            ("#fail 613/x", 0),
            ("#slow", 0),
            ("", 0),
        ] {
            assert_eq!(commands(text).len(), expected, "{text:?}");
        }
    }

    #[test]
    fn an_answer_that_fails_is_a_rule_of_the_account_and_passes_its_own_check() {
        let [magic] = commands("#fail 613/2534040 2").try_into().unwrap();
        let rule = answer_rule(&magic, "luna.coffee").unwrap();
        assert_eq!(rule.check(), Ok(()));
        assert_eq!(
            (rule.params.code, rule.params.subcode, rule.times),
            (Some(613), Some(2_534_040), Some(2))
        );
        assert_eq!(rule.matches.account.as_deref(), Some("@luna.coffee"));
    }
}
