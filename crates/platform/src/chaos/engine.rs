//! The decision: rules + seed + counter → faults. Pure, so that a seed replays.

use super::rule::{BATCH_MAX, FaultKind, Rule, Subject};

/// `params.by` unless given, ms.
pub(super) const DELAY_MS_DEFAULT: u64 = 2_000;
const STATUS_DEFAULT: u16 = 500;
const GRAPH_CODE_DEFAULT: i64 = 2;

/// A fault with its numbers filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// So many more times.
    Duplicate(u32),
    /// Lost on the way there.
    Drop,
    /// Later by so many ms.
    Delay(u64),
    /// Together with what comes behind it.
    Batch {
        /// Updates in one POST.
        most: u32,
        /// Waits so long for them, ms.
        by_ms: u64,
    },
    /// This status in place of the answer.
    Status(u16),
    /// This Graph error in place of the answer.
    GraphError {
        /// Code.
        code: i64,
        /// Subcode.
        subcode: Option<u32>,
        /// Message, when the rule names one.
        message: Option<String>,
    },
    /// The answer is lost on the way back.
    Cut,
    /// The echo's delivery comes before the answer.
    EchoFirst,
}

/// What one decision comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Struck {
    /// Faults, in the order of their rules.
    pub faults: Vec<Fault>,
    /// Indexes of the rules that struck.
    pub rules: Vec<usize>,
}

/// Decides what goes wrong for `subject`, the `counter`-th one decided since the rules were set. `times_left` stands
/// beside `rules`; a rule with nothing left does not strike.
pub fn strike(rules: &[Rule], times_left: &[Option<u32>], seed: u64, counter: u64, subject: &Subject) -> Struck {
    let mut struck = Struck::default();
    for (index, rule) in rules.iter().enumerate() {
        let is_used_up = times_left.get(index).copied().flatten() == Some(0);
        if is_used_up || !rule.is_about(subject) {
            continue;
        }
        let chance = chance(seed, counter, index, 0);
        if rule.probability.is_some_and(|probability| chance >= probability) {
            continue;
        }
        struck
            .faults
            .push(fault(rule, || self::chance(seed, counter, index, 1)));
        struck.rules.push(index);
    }
    struck
}

fn fault(rule: &Rule, another_chance: impl FnOnce() -> f64) -> Fault {
    let delay_ms = rule.delay_ms().unwrap_or(DELAY_MS_DEFAULT);
    let params = &rule.params;
    match rule.fault {
        FaultKind::Duplicate => Fault::Duplicate(params.count.unwrap_or(1)),
        FaultKind::Drop => Fault::Drop,
        FaultKind::Delay => Fault::Delay(delay_ms),
        FaultKind::Reorder => Fault::Delay(part_of(delay_ms, another_chance())),
        FaultKind::Batch => Fault::Batch {
            most: params.count.unwrap_or(BATCH_MAX),
            by_ms: delay_ms,
        },
        FaultKind::Status => Fault::Status(params.status.unwrap_or(STATUS_DEFAULT)),
        FaultKind::GraphError => Fault::GraphError {
            code: params.code.unwrap_or(GRAPH_CODE_DEFAULT),
            subcode: params.subcode,
            message: params.message.clone(),
        },
        FaultKind::Cut => Fault::Cut,
        FaultKind::EchoFirst => Fault::EchoFirst,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a delay of at most a minute in ms, times a number from 0 to 1"
)]
fn part_of(delay_ms: u64, chance: f64) -> u64 {
    (delay_ms as f64 * chance) as u64
}

/// A number from 0 (inclusive) to 1 (exclusive), the same for the same arguments.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
fn chance(seed: u64, counter: u64, rule: usize, draw: u64) -> f64 {
    let mixed = mix(mix(mix(seed) ^ counter) ^ (rule as u64)) ^ draw;
    (mix(mixed) >> 11) as f64 / (1_u64 << 53) as f64
}

/// splitmix64: a well-mixed number from a number.
fn mix(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::super::rule::{Match, Params, Target};
    use super::*;

    fn rule(fault: FaultKind) -> Rule {
        Rule {
            target: Target::Delivery,
            matches: Match::default(),
            fault,
            probability: None,
            times: None,
            params: Params::default(),
        }
    }

    fn delivery() -> Subject {
        Subject {
            target: Target::Delivery,
            app: Some("demo".to_owned()),
            account: Some("luna.coffee".to_owned()),
            field: Some("messages".to_owned()),
            method: None,
            path: None,
            message: false,
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_faults_and_another_seed_others() {
        let rules = [
            Rule {
                probability: Some(0.5),
                ..rule(FaultKind::Duplicate)
            },
            rule(FaultKind::Reorder),
        ];
        let run = |seed| {
            (0..200)
                .map(|counter| strike(&rules, &[None, None], seed, counter, &delivery()))
                .collect::<Vec<_>>()
        };

        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }

    #[test]
    fn a_probability_strikes_about_that_often() {
        let rules = [Rule {
            probability: Some(0.25),
            ..rule(FaultKind::Drop)
        }];
        let struck = (0..4000)
            .filter(|counter| !strike(&rules, &[None], 1, *counter, &delivery()).faults.is_empty())
            .count();

        assert!((800..1200).contains(&struck), "{struck} of 4000");
    }

    #[test]
    fn probability_nought_never_strikes_and_one_always() {
        for (probability, expected) in [(0.0, 0), (1.0, 500)] {
            let rules = [Rule {
                probability: Some(probability),
                ..rule(FaultKind::Drop)
            }];
            let struck = (0..500)
                .filter(|counter| !strike(&rules, &[None], 3, *counter, &delivery()).faults.is_empty())
                .count();
            assert_eq!(struck, expected);
        }
    }

    #[test]
    fn a_used_up_rule_does_not_strike() {
        let rules = [Rule {
            times: Some(1),
            ..rule(FaultKind::Drop)
        }];

        assert_eq!(strike(&rules, &[Some(1)], 1, 0, &delivery()).rules, [0]);
        assert_eq!(strike(&rules, &[Some(0)], 1, 1, &delivery()).rules, [0_usize; 0]);
    }

    #[test]
    fn a_rule_strikes_only_what_it_is_about() {
        let about = |matches| Rule {
            matches,
            ..rule(FaultKind::Drop)
        };
        for (matches, expected) in [
            (
                Match {
                    app: Some("demo".to_owned()),
                    ..Match::default()
                },
                true,
            ),
            (
                Match {
                    app: Some("other".to_owned()),
                    ..Match::default()
                },
                false,
            ),
            (
                Match {
                    account: Some("@luna.coffee".to_owned()),
                    ..Match::default()
                },
                true,
            ),
            (
                Match {
                    account: Some("sam".to_owned()),
                    ..Match::default()
                },
                false,
            ),
            (
                Match {
                    field: Some("comments".to_owned()),
                    ..Match::default()
                },
                false,
            ),
        ] {
            assert_eq!(about(matches.clone()).is_about(&delivery()), expected, "{matches:?}");
        }
    }

    #[test]
    fn a_call_is_told_by_method_and_the_end_of_its_path() {
        let call = Subject {
            target: Target::Graph,
            field: None,
            method: Some("POST".to_owned()),
            path: Some("/v25.0/me/messages".to_owned()),
            ..delivery()
        };
        let about = |method: &str, path: &str| Rule {
            target: Target::Graph,
            matches: Match {
                method: Some(method.to_owned()),
                path: Some(path.to_owned()),
                ..Match::default()
            },
            ..rule(FaultKind::Cut)
        };

        assert!(about("post", "/messages").is_about(&call));
        assert!(about("POST", "/v25.0/me/messages").is_about(&call));
        assert!(!about("GET", "/messages").is_about(&call));
        assert!(!about("POST", "messages").is_about(&call));
    }

    #[test]
    fn rules_that_could_never_strike_are_refused() {
        let of = |target, fault| Rule { target, ..rule(fault) };
        assert!(of(Target::Graph, FaultKind::Duplicate).check().is_err());
        assert!(of(Target::Graph, FaultKind::Batch).check().is_err());
        assert!(of(Target::Delivery, FaultKind::EchoFirst).check().is_err());
        assert!(of(Target::Delivery, FaultKind::GraphError).check().is_err());
        assert!(
            Rule {
                probability: Some(1.5),
                ..rule(FaultKind::Drop)
            }
            .check()
            .is_err()
        );
        assert!(
            Rule {
                params: Params {
                    by: Some("2h".to_owned()),
                    ..Params::default()
                },
                ..rule(FaultKind::Delay)
            }
            .check()
            .is_err()
        );
        assert!(
            Rule {
                params: Params {
                    by: Some("2s".to_owned()),
                    ..Params::default()
                },
                ..rule(FaultKind::Delay)
            }
            .check()
            .is_ok()
        );
    }
}
