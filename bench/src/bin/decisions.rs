//! What a decision costs with few and with many automations: it should be the same.
//!
//! Both sides get as many different gestures, so that the search is compared and not the machine's caches; one row shows what
//! those cost. Every gesture is one of a rehearsal, which decides exactly as a real one; nothing is stored or sent. Few and many take
//! turns, so that a machine that becomes slower does so for both.

#![expect(clippy::print_stdout, reason = "a program for people at a terminal")]

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Parser;
use jiff::Timestamp;
use selfsame_gateway::automation::{AccountFacts, Gesture, Library, Outcome, Rehearsal};
use selfsame_wire::ids::IgUserId;
use tokio::time::Instant;

/// Gestures of one turn.
const GESTURES_AT_ONCE: u16 = 2_000;
/// Gestures that are timed together: so few that something else rarely comes between.
const TIMED_TOGETHER: usize = 50;

#[derive(Parser)]
struct Arguments {
    /// Automations of the few.
    #[arg(long, default_value_t = 10)]
    few: usize,
    /// Automations of the many.
    #[arg(long, default_value_t = 10_000)]
    many: usize,
    /// Turns of each.
    #[arg(long, default_value_t = 40)]
    turns: usize,
}

/// A sort of condition, and the gesture that meets that of automation number so-and-so.
struct Sort {
    name: &'static str,
    condition: fn(usize) -> String,
    gesture: fn(usize) -> Gesture,
}

fn message(text: String) -> Gesture {
    Gesture::Message { text }
}

const SORTS: [Sort; 6] = [
    Sort {
        name: "exact",
        condition: |number| format!("message: {{ exact: order {number} }}"),
        gesture: |number| message(format!("Order {number}")),
    },
    Sort {
        name: "any word",
        condition: |number| format!("message: {{ any: [word{number}, other{number}] }}"),
        gesture: |number| message(format!("Good morning, is word{number} what you sell on Sundays?")),
    },
    Sort {
        name: "contains",
        condition: |number| format!("message: {{ contains: part{number}x }}"),
        gesture: |number| message(format!("Good morning, do you have apart{number}xyz on Sundays?")),
    },
    Sort {
        name: "regex that begins with a literal",
        condition: |number| format!("message: {{ regex: 'sku{number}-[0-9]+' }}"),
        gesture: |number| message(format!("Good morning, is sku{number}-17 sold out?")),
    },
    Sort {
        name: "regex that begins with anything",
        condition: |number| format!("message: {{ regex: '^[a-z]+ like{number}$' }}"),
        gesture: |number| message(format!("something like{number}")),
    },
    Sort {
        name: "postback",
        condition: |number| format!("postback: PAYLOAD_{number}"),
        gesture: |number| Gesture::Postback {
            payload: format!("PAYLOAD_{number}"),
            title: "Order".to_owned(),
        },
    },
];

/// A library and gestures that meet its automations, spread over the file, and some that meet none.
struct Side {
    library: Library,
    gestures: Vec<(Gesture, bool)>,
    /// The shortest time of each handful of gestures.
    best: Vec<Duration>,
}

impl Side {
    /// `different` of `count` automations are met.
    fn new(sorts: &[Sort], count: usize, different: usize) -> anyhow::Result<Self> {
        let mut file = String::from("automations:\n");
        for number in 0..count {
            let sort = sorts.get(number % sorts.len()).context("no sort")?;
            let condition = (sort.condition)(number);
            writeln!(
                file,
                "  - name: automation {number}\n    when: {{ {condition} }}\n    do: [ {{ send: {{ text: answer {number} }} }} ]"
            )?;
        }
        let library = Library::compile(&file).map_err(|problems| anyhow::anyhow!("{problems}"))?;
        let gestures = (0..usize::from(GESTURES_AT_ONCE)).map(|turn| {
            // A fifth finds nothing. The others are spread over the file, from its beginning to its end.
            let is_met = turn % 5 != 0;
            let place = turn % different;
            let from = place * (count / different);
            let met = from - from % sorts.len() + place % sorts.len();
            // Beyond the end there is none of them.
            let number = if is_met { met } else { met + count * sorts.len() };
            let sort = &sorts[number % sorts.len()];
            ((sort.gesture)(number), is_met)
        });
        Ok(Self {
            gestures: gestures.collect(),
            library,
            best: vec![Duration::MAX; usize::from(GESTURES_AT_ONCE).div_ceil(TIMED_TOGETHER)],
        })
    }

    /// Decides every gesture once.
    fn turn(&mut self, account: &AccountFacts, now: Timestamp) -> anyhow::Result<()> {
        let mut ready: Vec<(Rehearsal, Gesture)> = self
            .gestures
            .iter()
            .map(|(gesture, _)| (Rehearsal::default(), gesture.clone()))
            .collect();
        for (handful, best) in ready.chunks_mut(TIMED_TOGETHER).zip(&mut self.best) {
            let started = Instant::now();
            for (rehearsal, gesture) in handful {
                rehearsal.take(&self.library, account, None, gesture.clone(), now)?;
            }
            *best = started.elapsed().min(*best);
        }
        for ((rehearsal, gesture), (_, is_met)) in ready.iter().zip(&self.gestures) {
            let answers = rehearsal
                .turns
                .first()
                .is_some_and(|turn| turn.outcome == Outcome::Answers);
            ensure!(answers == *is_met, "{gesture:?} was decided wrongly");
        }
        Ok(())
    }

    fn micros(&self) -> f64 {
        self.best.iter().sum::<Duration>().as_secs_f64() * 1e6 / f64::from(GESTURES_AT_ONCE)
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let now = "2026-11-22T12:00:00Z".parse()?;
    let account = AccountFacts {
        ig_id: IgUserId::new("17841400000000001"),
        username: "luna.coffee".to_owned(),
        name: None,
    };
    println!(
        "{:<34} {:>14} {:>14}  ratio   (µs a decision, best of {})",
        "condition",
        format!("of {}", arguments.few),
        format!("of {}", arguments.many),
        arguments.turns
    );
    let few = arguments.few;
    let mut rows: Vec<(&str, &[Sort], usize)> = SORTS
        .iter()
        .map(|sort| (sort.name, std::slice::from_ref(sort), few))
        .collect();
    rows.push(("all, each gesture meets another", &SORTS, arguments.many));
    rows.push(("all of them", &SORTS, few));
    for (name, sorts, different) in rows {
        let mut few = Side::new(sorts, few, few)?;
        let mut many = Side::new(sorts, arguments.many, different)?;
        for _ in 0..arguments.turns {
            few.turn(&account, now)?;
            many.turn(&account, now)?;
        }
        let (few, many) = (few.micros(), many.micros());
        println!("{name:<34} {few:>14.2} {many:>14.2}  {:>5.2}", many / few);
    }
    println!("aim: the last ratio at most 1.25");
    Ok(())
}
