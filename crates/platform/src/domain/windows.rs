//! Who may be written to, and when (contract: send-api §5.6).

/// The ordinary window after the person's last message or tap.
pub const WINDOW_MS: i64 = 24 * 60 * 60 * 1000;
/// The window of a human agent.
pub const HUMAN_AGENT_WINDOW_MS: i64 = 7 * WINDOW_MS;

/// Where a thread stands for sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// The person wrote within 24 hours, or the thread is the self thread.
    Open,
    /// 24 hours to 7 days: a human agent only.
    HumanAgentOnly,
    /// The person wrote too long ago, or never.
    Closed,
}

/// The window of a thread, from the instant at which the person last wrote or tapped. Its last millisecond is still open.
pub const fn window(person_wrote_at_ms: Option<i64>, now_ms: i64) -> Window {
    match person_wrote_at_ms {
        None => Window::Closed,
        Some(at_ms) => {
            let age_ms = now_ms.saturating_sub(at_ms);
            if age_ms <= WINDOW_MS {
                Window::Open
            } else if age_ms <= HUMAN_AGENT_WINDOW_MS {
                Window::HumanAgentOnly
            } else {
                Window::Closed
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_open_for_24_hours_then_for_human_agents_up_to_7_days() {
        let cases = [
            (None, Window::Closed),
            (Some(0), Window::Open),
            (Some(WINDOW_MS), Window::Open),
            (Some(WINDOW_MS + 1), Window::HumanAgentOnly),
            (Some(HUMAN_AGENT_WINDOW_MS), Window::HumanAgentOnly),
            (Some(HUMAN_AGENT_WINDOW_MS + 1), Window::Closed),
        ];
        let now_ms = 1_800_000_000_000;
        for (age_ms, expected) in cases {
            assert_eq!(window(age_ms.map(|age| now_ms - age), now_ms), expected, "{age_ms:?}");
        }
    }

    #[test]
    fn a_gesture_from_the_future_keeps_the_window_open() {
        assert_eq!(window(Some(10), 5), Window::Open);
    }
}
