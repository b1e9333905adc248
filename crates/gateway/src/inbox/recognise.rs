//! Who spoke? The answer of the ledger to a message echo or an own comment (design §4.3c, §4.3e).
//!
//! In the self thread the owner's words and ours come back with the same addressing and the same
//! flags. Only the record of what we sent tells them apart, and an echo may come before the answer of
//! the call that caused it. Everything here is a pure function of that record and the clocks.
//!
//! Why an echo can never be handled before its send is known: a send becomes `calling` by a durable
//! commit before its call begins, and leaves that state in the commit that records the call's outcome.
//! So an echo of ours finds its send either calling (it waits), or with its mid (ours), or in doubt
//! (matched by what it says).

use std::ops::RangeInclusive;

/// How far an echo's timestamp may lie outside its call, in milliseconds (design §4.3c).
pub const ECHO_TOLERANCE_MS: i64 = 5_000;

/// Longest that an echo waits for anything, in milliseconds of real time (design §4.3c).
pub const LONGEST_HOLD_MS: i64 = 10_000;

/// How soon an echo that waits for another *event* looks again, in milliseconds of real time.
const LOOK_AGAIN_MS: i64 = 250;

/// What was said, as far as an echo shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Plain text.
    Text(String),
    /// A template; its echo may show any part of it, so its wording is not compared. The text is
    /// there because some echoes show nothing else.
    Template {
        /// The template's own text, when it has one.
        text: Option<String>,
    },
    /// One or more attachments of this kind; their addresses change on the way.
    Attachment {
        /// `image`, `video`, `audio`, `file`, …
        kind: String,
    },
    /// Nothing that could be compared: no text and no known attachment.
    Nothing,
}

impl Said {
    /// Could an echo that shows `echoed` be the echo of a send that said `self`?
    ///
    /// Texts are compared without the white space around them, which Instagram trims.
    pub fn could_echo_as(&self, echoed: &Self) -> bool {
        match (self, echoed) {
            (Self::Text(sent) | Self::Template { text: Some(sent) }, Self::Text(seen)) => sent.trim() == seen.trim(),
            // Nobody types a template: any template, or an echo that shows nothing, is the app's.
            (Self::Template { .. }, Self::Template { .. } | Self::Nothing) => true,
            (Self::Attachment { kind: sent }, Self::Attachment { kind: seen }) => sent == seen,
            _ => false,
        }
    }
}

/// The echo of a message, or a comment of the account's own.
#[derive(Debug, Clone)]
pub struct Echo {
    /// What it says.
    pub said: Said,
    /// The instants it may have been said at, on Instagram's clock in milliseconds. A timestamp in
    /// seconds leaves a whole second open. None: the event carries no time.
    pub said_at_ms: Option<RangeInclusive<i64>>,
    /// When the webhook came in, process time in milliseconds.
    pub received_at_ms: i64,
    /// When the webhook came in, our world time in milliseconds.
    pub received_world_ms: i64,
    /// The media, for comments that tell it.
    pub media: Option<String>,
}

/// The stretch of our world time in which Instagram can have accepted a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallWindow {
    /// Just before the call, milliseconds.
    pub started_ms: i64,
    /// When the call ended, or the latest it can have ended, milliseconds.
    pub ended_ms: i64,
    /// Instagram's clock minus ours as known when the call began.
    pub skew_ms: Option<i64>,
}

/// What became of the call of a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// It is running. Process time in milliseconds.
    Running {
        /// When it began.
        started_at_ms: i64,
        /// When its lease ends; from then on it counts as in doubt.
        deadline_ms: i64,
    },
    /// Nobody knows whether it was accepted.
    InDoubt,
    /// It was answered with a mid, and no echo of it has been seen. `ended_at_ms` is process time.
    Answered {
        /// When the answer came.
        ended_at_ms: i64,
        /// Whether the event that carries the answered mid lies in the inbox, not yet handled.
        own_echo_waits: bool,
        /// Whether an older send of the place has gone without any echo for long enough to show that
        /// sends have none here.
        sends_have_no_echo: bool,
    },
}

/// A send that an echo of unknown mid could belong to. Only sends of the echo's own place (thread, or
/// comments of the account) are offered.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The send.
    pub send_id: i64,
    /// What it says.
    pub said: Said,
    /// The media it replies under, for public replies that know it.
    pub media: Option<String>,
    /// Its call's stretch of time.
    pub window: CallWindow,
    /// What became of the call.
    pub call: Call,
}

/// Whether echoes of what an account's apps send carry the mid of the send's answer. Learned per
/// account: the contract leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EchoMids {
    /// No echo of a send has been seen yet.
    Unknown,
    /// They do, as is reported from the field.
    Same,
    /// They carry a mid of their own.
    Different,
}

/// What the clocks say while an echo is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    /// Process time in milliseconds.
    pub now_ms: i64,
    /// Instagram's clock minus ours, from the newest answer that told its `Date`.
    pub skew_ms: Option<i64>,
}

/// Who spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// We did: the mid is the one that this send was answered with.
    Ours {
        /// The send.
        send_id: i64,
    },
    /// We did, and Instagram gives echoes a mid of their own.
    OursByContent {
        /// The send.
        send_id: i64,
    },
    /// We did, and now it is known that this send in doubt was accepted.
    Settles {
        /// The send.
        send_id: i64,
    },
    /// Not known yet: ask again at this process time, or sooner when a call of the place ends.
    Hold {
        /// Milliseconds of process time.
        until_ms: i64,
    },
    /// The person did (or another app of hers: Instagram does not tell).
    Typed,
}

/// Decides who spoke. `known` is the send that was answered with the echo's mid, if any.
pub fn recognise(echo: &Echo, known: Option<i64>, candidates: &[Candidate], mids: EchoMids, clocks: Clocks) -> Verdict {
    if let Some(send_id) = known {
        return Verdict::Ours { send_id };
    }
    if let Some(until_ms) = running_calls_end(echo, candidates, clocks) {
        return Verdict::Hold { until_ms };
    }
    if let Some(candidate) = closest(echo, candidates, clocks, in_doubt) {
        return Verdict::Settles {
            send_id: candidate.send_id,
        };
    }
    let answered = |candidate: &Candidate, _: Clocks| matches!(candidate.call, Call::Answered { .. });
    let Some(candidate) = closest(echo, candidates, clocks, answered) else {
        return Verdict::Typed;
    };
    match (mids, candidate.call) {
        (EchoMids::Different, _) => Verdict::OursByContent {
            send_id: candidate.send_id,
        },
        (
            EchoMids::Unknown,
            Call::Answered {
                ended_at_ms,
                own_echo_waits: false,
                sends_have_no_echo: false,
            },
        ) => {
            let give_up_ms = ended_at_ms.saturating_add(LONGEST_HOLD_MS);
            if clocks.now_ms < give_up_ms {
                let look_again_ms = clocks.now_ms.saturating_add(LOOK_AGAIN_MS);
                Verdict::Hold {
                    until_ms: look_again_ms.min(give_up_ms),
                }
            } else {
                Verdict::OursByContent {
                    send_id: candidate.send_id,
                }
            }
        }
        // The echo with the answered mid exists, or there never is one: these are her words.
        _ => Verdict::Typed,
    }
}

/// When the last running call ends that could have caused the echo; none if none could.
///
/// A call that began after the echo came in cannot have caused it, which keeps a busy thread from
/// holding its own events for ever.
fn running_calls_end(echo: &Echo, candidates: &[Candidate], clocks: Clocks) -> Option<i64> {
    candidates
        .iter()
        .filter(|candidate| same_media(echo, candidate))
        .filter_map(|candidate| match candidate.call {
            Call::Running {
                started_at_ms,
                deadline_ms,
            } if started_at_ms <= echo.received_at_ms && clocks.now_ms < deadline_ms => Some(deadline_ms),
            _ => None,
        })
        .max()
}

/// Whether a send counts as in doubt: by its state, or because its call has outlived its lease.
fn in_doubt(candidate: &Candidate, clocks: Clocks) -> bool {
    match candidate.call {
        Call::InDoubt => true,
        Call::Running { deadline_ms, .. } => deadline_ms <= clocks.now_ms,
        Call::Answered { .. } => false,
    }
}

/// The candidate that fits best: the one whose call lies nearest to the echo's time, then the one
/// whose wording is the same rather than merely possible, then the older one.
fn closest<'a>(
    echo: &Echo,
    candidates: &'a [Candidate],
    clocks: Clocks,
    eligible: impl Fn(&Candidate, Clocks) -> bool,
) -> Option<&'a Candidate> {
    candidates
        .iter()
        .filter(|candidate| eligible(candidate, clocks))
        .filter(|candidate| same_media(echo, candidate) && candidate.said.could_echo_as(&echo.said))
        .filter_map(|candidate| {
            let distance = distance_ms(echo, candidate.window, clocks)?;
            let wording = u8::from(candidate.said != echo.said);
            Some((
                (distance, wording, candidate.window.started_ms, candidate.send_id),
                candidate,
            ))
        })
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, candidate)| candidate)
}

fn same_media(echo: &Echo, candidate: &Candidate) -> bool {
    match (&echo.media, &candidate.media) {
        (Some(echoed), Some(sent)) => echoed == sent,
        _ => true,
    }
}

/// Whether the echo's time fits a call.
pub fn is_within(echo: &Echo, window: CallWindow, clocks: Clocks) -> bool {
    distance_ms(echo, window, clocks).is_some()
}

/// How far the echo's time lies outside the call, in milliseconds; none if too far.
fn distance_ms(echo: &Echo, window: CallWindow, clocks: Clocks) -> Option<i64> {
    let Some(said_at) = &echo.said_at_ms else {
        return was_called_before(echo, window);
    };
    if window.skew_ms.is_none() && clocks.skew_ms.is_none() {
        // Instagram has never told its clock, so its timestamps cannot be compared with ours.
        return was_called_before(echo, window);
    }
    // Instagram's clock may have been moved since the call; either reading of it may be the true one.
    [window.skew_ms, clocks.skew_ms]
        .into_iter()
        .flatten()
        .filter_map(|skew| {
            let started = window.started_ms.saturating_add(skew);
            let ended = window.ended_ms.max(window.started_ms).saturating_add(skew);
            let before = started.saturating_sub(*said_at.end()).max(0);
            let after = said_at.start().saturating_sub(ended).max(0);
            let distance = before.max(after);
            (distance <= ECHO_TOLERANCE_MS).then_some(distance)
        })
        .min()
}

/// All that can be said of an echo whose time cannot be compared: it was said before it came in.
/// Taking it for ours may leave a message of the owner unanswered, and listed; taking it for hers could
/// answer ourselves.
fn was_called_before(echo: &Echo, window: CallWindow) -> Option<i64> {
    let earliest_ms = window.started_ms.saturating_sub(ECHO_TOLERANCE_MS);
    (echo.received_world_ms >= earliest_ms).then_some(ECHO_TOLERANCE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_000_000;
    const END: i64 = 1_000_200;

    fn text(words: &str) -> Said {
        Said::Text(words.to_owned())
    }

    fn echo(said: Said, at_ms: i64) -> Echo {
        Echo {
            said,
            said_at_ms: Some(at_ms..=at_ms),
            received_at_ms: START + 1_000,
            received_world_ms: START + 1_000,
            media: None,
        }
    }

    fn send(send_id: i64, said: Said, call: Call) -> Candidate {
        let window = CallWindow {
            started_ms: START,
            ended_ms: END,
            skew_ms: Some(0),
        };
        Candidate {
            send_id,
            said,
            media: None,
            window,
            call,
        }
    }

    fn clocks(now_ms: i64) -> Clocks {
        Clocks { now_ms, skew_ms: None }
    }

    fn verdict(echo: &Echo, sends: &[Candidate], mids: EchoMids) -> Verdict {
        recognise(echo, None, sends, mids, clocks(START + 2_000))
    }

    #[test]
    fn a_known_mid_is_ours_whatever_else_is_going_on() {
        let running = Call::Running {
            started_at_ms: START,
            deadline_ms: START + 10_000,
        };
        let sends = [send(1, text("hi"), running)];
        let echo = echo(text("something else"), 0);
        for mids in [EchoMids::Unknown, EchoMids::Same, EchoMids::Different] {
            assert_eq!(
                recognise(&echo, Some(7), &sends, mids, clocks(START)),
                Verdict::Ours { send_id: 7 }
            );
        }
    }

    #[test]
    fn an_echo_waits_while_a_call_to_its_thread_runs_whatever_it_says() {
        let running = Call::Running {
            started_at_ms: START,
            deadline_ms: START + 10_000,
        };
        let sends = [send(1, text("hi"), running)];
        for said in [text("hi"), text("other"), Said::Nothing] {
            assert_eq!(
                verdict(&echo(said, START), &sends, EchoMids::Same),
                Verdict::Hold {
                    until_ms: START + 10_000
                }
            );
        }
    }

    #[test]
    fn a_call_that_began_after_the_echo_came_in_holds_nothing() {
        let running = Call::Running {
            started_at_ms: START + 1_001,
            deadline_ms: START + 11_001,
        };
        let sends = [send(1, text("hi"), running)];
        assert_eq!(
            verdict(&echo(text("hi"), START), &sends, EchoMids::Same),
            Verdict::Typed
        );
    }

    #[test]
    fn a_call_past_its_lease_is_in_doubt() {
        let overdue = Call::Running {
            started_at_ms: START,
            deadline_ms: START + 2_000,
        };
        let sends = [send(1, text("hi"), overdue)];
        assert_eq!(
            verdict(&echo(text("hi"), START), &sends, EchoMids::Same),
            Verdict::Settles { send_id: 1 }
        );
        assert_eq!(
            verdict(&echo(text("ho"), START), &sends, EchoMids::Same),
            Verdict::Typed
        );
    }

    #[test]
    fn the_window_of_a_call_in_doubt_reaches_five_seconds_to_both_sides() {
        let sends = [send(1, text("hi"), Call::InDoubt)];
        let table = [
            (START - 5_001, false),
            (START - 5_000, true),
            (START, true),
            (END + 5_000, true),
            (END + 5_001, false),
        ];
        for (at_ms, settles) in table {
            let expected = if settles {
                Verdict::Settles { send_id: 1 }
            } else {
                Verdict::Typed
            };
            assert_eq!(
                verdict(&echo(text("hi"), at_ms), &sends, EchoMids::Same),
                expected,
                "{at_ms}"
            );
        }
    }

    #[test]
    fn the_window_moves_with_the_skew_of_instagrams_clock() {
        let hour = 3_600_000;
        let mut in_doubt = send(1, text("hi"), Call::InDoubt);
        in_doubt.window.skew_ms = None;
        let by_their_clock = echo(text("hi"), START + hour);
        let by_our_clock = echo(text("hi"), START);
        let with = |echo: &Echo, candidate: &Candidate, now: Option<i64>| {
            let clocks = Clocks {
                now_ms: START + 2_000,
                skew_ms: now,
            };
            recognise(echo, None, std::slice::from_ref(candidate), EchoMids::Same, clocks)
        };
        // Before Instagram has told its clock, timestamps prove nothing.
        assert_eq!(with(&by_their_clock, &in_doubt, None), Verdict::Settles { send_id: 1 });
        assert_eq!(
            with(&by_their_clock, &in_doubt, Some(hour)),
            Verdict::Settles { send_id: 1 }
        );
        assert_eq!(with(&by_our_clock, &in_doubt, Some(hour)), Verdict::Typed);
        in_doubt.window.skew_ms = Some(hour);
        assert_eq!(with(&by_their_clock, &in_doubt, None), Verdict::Settles { send_id: 1 });
        // Their clock was moved between the call and now: either reading is accepted.
        assert_eq!(
            with(&by_their_clock, &in_doubt, Some(0)),
            Verdict::Settles { send_id: 1 }
        );
        assert_eq!(with(&by_our_clock, &in_doubt, Some(0)), Verdict::Settles { send_id: 1 });
    }

    #[test]
    fn an_echo_without_a_time_settles_only_what_was_called_before_it_came_in() {
        let sends = [send(1, text("hi"), Call::InDoubt)];
        let mut untimed = echo(text("hi"), 0);
        untimed.said_at_ms = None;
        assert_eq!(
            verdict(&untimed, &sends, EchoMids::Same),
            Verdict::Settles { send_id: 1 }
        );
        untimed.received_world_ms = START - ECHO_TOLERANCE_MS - 1;
        assert_eq!(verdict(&untimed, &sends, EchoMids::Same), Verdict::Typed);
    }

    #[test]
    fn a_time_in_whole_seconds_leaves_the_second_open() {
        let sends = [send(1, text("hi"), Call::InDoubt)];
        let mut coarse = echo(text("hi"), 0);
        coarse.said_at_ms = Some(START - 5_999..=START - 5_000);
        assert_eq!(
            verdict(&coarse, &sends, EchoMids::Same),
            Verdict::Settles { send_id: 1 }
        );
        coarse.said_at_ms = Some(START - 6_001..=START - 5_002);
        assert_eq!(verdict(&coarse, &sends, EchoMids::Same), Verdict::Typed);
    }

    #[test]
    fn kinds_match_as_the_design_says() {
        let template = |text: Option<&str>| Said::Template {
            text: text.map(str::to_owned),
        };
        let attachment = |kind: &str| Said::Attachment { kind: kind.to_owned() };
        let table = [
            (text("hi"), text("hi"), true),
            (text(" hi "), text("hi"), true),
            (text("hi"), text("Hi"), false),
            (text("hi"), template(None), false),
            (text("hi"), Said::Nothing, false),
            (template(Some("hi")), template(None), true),
            (template(Some("hi")), template(Some("other")), true),
            (template(Some("hi")), Said::Nothing, true),
            (template(Some("hi")), text("hi"), true),
            (template(Some("hi")), text("other"), false),
            (template(None), text("hi"), false),
            (template(None), attachment("image"), false),
            (attachment("image"), attachment("image"), true),
            (attachment("image"), attachment("video"), false),
            (attachment("image"), text("hi"), false),
        ];
        for (sent, seen, expected) in table {
            assert_eq!(sent.could_echo_as(&seen), expected, "{sent:?} echoed as {seen:?}");
        }
    }

    #[test]
    fn of_several_in_doubt_the_nearest_call_then_the_older_one_is_settled() {
        let mut first = send(1, text("hi"), Call::InDoubt);
        let mut second = send(2, text("hi"), Call::InDoubt);
        second.window = CallWindow {
            started_ms: START + 8_000,
            ended_ms: START + 8_100,
            skew_ms: Some(0),
        };
        let both = [first.clone(), second.clone()];
        let settled = |at_ms, sends: &[Candidate]| verdict(&echo(text("hi"), at_ms), sends, EchoMids::Same);
        assert_eq!(settled(START + 100, &both), Verdict::Settles { send_id: 1 });
        assert_eq!(settled(START + 8_050, &both), Verdict::Settles { send_id: 2 });
        assert_eq!(settled(START + 4_000, &both), Verdict::Settles { send_id: 1 });
        first.window = second.window;
        assert_eq!(
            settled(START + 8_050, &[second, first]),
            Verdict::Settles { send_id: 1 }
        );
    }

    #[test]
    fn the_same_wording_goes_before_a_template_that_might_show_it() {
        let template = send(
            1,
            Said::Template {
                text: Some("hi".to_owned()),
            },
            Call::InDoubt,
        );
        let plain = send(2, text("hi"), Call::InDoubt);
        assert_eq!(
            verdict(&echo(text("hi"), START), &[template, plain], EchoMids::Same),
            Verdict::Settles { send_id: 2 }
        );
    }

    #[test]
    fn a_reply_is_matched_within_its_media_where_both_tell_it() {
        let mut reply = send(1, text("hi"), Call::InDoubt);
        reply.media = Some("m1".to_owned());
        let mut comment = echo(text("hi"), START);
        let table = [(Some("m1"), true), (Some("m2"), false), (None, true)];
        for (media, settles) in table {
            comment.media = media.map(str::to_owned);
            let expected = if settles {
                Verdict::Settles { send_id: 1 }
            } else {
                Verdict::Typed
            };
            assert_eq!(
                verdict(&comment, std::slice::from_ref(&reply), EchoMids::Same),
                expected
            );
        }
        reply.call = Call::Running {
            started_at_ms: START,
            deadline_ms: START + 10_000,
        };
        comment.media = Some("m2".to_owned());
        assert_eq!(verdict(&comment, &[reply], EchoMids::Same), Verdict::Typed);
    }

    #[test]
    fn words_equal_to_an_answered_send_are_hers_once_echoes_are_known_to_keep_their_mid() {
        let answered = Call::Answered {
            ended_at_ms: START + 200,
            own_echo_waits: false,
            sends_have_no_echo: false,
        };
        let sends = [send(1, text("hi"), answered)];
        let same_words = echo(text("hi"), START);
        assert_eq!(verdict(&same_words, &sends, EchoMids::Same), Verdict::Typed);
        assert_eq!(
            verdict(&same_words, &sends, EchoMids::Different),
            Verdict::OursByContent { send_id: 1 }
        );
        assert_eq!(
            verdict(&echo(text("ho"), START), &sends, EchoMids::Different),
            Verdict::Typed
        );
    }

    #[test]
    fn while_it_is_unknown_whether_echoes_keep_their_mid_equal_words_wait_for_the_true_echo() {
        let call = |own_echo_waits| Call::Answered {
            ended_at_ms: START + 200,
            own_echo_waits,
            sends_have_no_echo: false,
        };
        let echo = echo(text("hi"), START);
        let ask = |own_echo_waits, now_ms| {
            let sends = [send(1, text("hi"), call(own_echo_waits))];
            recognise(&echo, None, &sends, EchoMids::Unknown, clocks(now_ms))
        };
        assert_eq!(ask(true, START + 300), Verdict::Typed);
        assert_eq!(ask(false, START + 300), Verdict::Hold { until_ms: START + 550 });
        assert_eq!(
            ask(false, START + 10_100),
            Verdict::Hold {
                until_ms: START + 10_200
            }
        );
        assert_eq!(ask(false, START + 10_200), Verdict::OursByContent { send_id: 1 });
    }

    #[test]
    fn where_sends_have_no_echo_equal_words_are_hers() {
        let call = Call::Answered {
            ended_at_ms: START + 200,
            own_echo_waits: false,
            sends_have_no_echo: true,
        };
        let sends = [send(1, text("hi"), call)];
        assert_eq!(
            verdict(&echo(text("hi"), START), &sends, EchoMids::Unknown),
            Verdict::Typed
        );
    }

    #[test]
    fn with_nothing_sent_everything_is_hers() {
        for mids in [EchoMids::Unknown, EchoMids::Same, EchoMids::Different] {
            assert_eq!(verdict(&echo(text("hi"), START), &[], mids), Verdict::Typed);
        }
    }
}
