//! What the exit code says.

use std::fmt;
use std::process::ExitCode;

use selfsame_workbench::connection::CallError;
use selfsame_workbench::environment::EnvironmentError;
use selfsame_workbench::gestures::GestureError;
use selfsame_workbench::house::StartError;
use selfsame_workbench::world::UnknownAccount;

use crate::configuration::ConfigurationError;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what it was asked.
    Success,
    /// Something failed that is nobody's wish: a full disk, a broken connection.
    Failure,
    /// The command line or the configuration cannot be meant.
    Usage,
    /// No house answers.
    Unreachable,
    /// The house answered that it will not, and said why.
    Refused,
    /// Nothing came in time.
    TimedOut,
    /// The data folder or the port belongs to another process.
    InUse,
}

/// A command that did its work and has something else than success to say; its message is printed already.
#[derive(Debug)]
pub(crate) struct Ended(pub Exit);

impl fmt::Display for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ended with code {}", self.0.code())
    }
}

impl std::error::Error for Ended {}

impl Exit {
    /// Every code with its meaning, for the manual.
    pub(crate) const ALL: [(Self, &'static str); 7] = [
        (Self::Success, "done"),
        (Self::Failure, "failed"),
        (Self::Usage, "the command line or the configuration cannot be meant"),
        (Self::Unreachable, "no house answers"),
        (Self::Refused, "refused, with the reason"),
        (Self::TimedOut, "nothing came in time"),
        (Self::InUse, "the data folder or the port belongs to another process"),
    ];

    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::Refused => 4,
            Self::TimedOut => 5,
            Self::InUse => 6,
        }
    }

    /// The word for it in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Success => "done",
            Self::Failure => "failed",
            Self::Usage => "usage",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
            Self::InUse => "in_use",
        }
    }

    /// The code of a command that failed with `error`.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        for cause in error.chain() {
            if let Some(Ended(exit)) = cause.downcast_ref() {
                return *exit;
            }
            if let Some(call) = cause.downcast_ref::<CallError>() {
                return Self::of_call(call);
            }
            if let Some(GestureError::Call(call)) = cause.downcast_ref::<GestureError>() {
                return Self::of_call(call);
            }
            if cause.is::<GestureError>() || cause.is::<UnknownAccount>() {
                return Self::Refused;
            }
            if cause.is::<ConfigurationError>() || cause.is::<EnvironmentError>() {
                return Self::Usage;
            }
            if let Some(start) = cause.downcast_ref::<StartError>() {
                return if start.is_in_use() { Self::InUse } else { Self::Failure };
            }
        }
        Self::Failure
    }

    fn of_call(error: &CallError) -> Self {
        match error {
            CallError::Unreachable { .. } => Self::Unreachable,
            CallError::Refused(_) => Self::Refused,
            CallError::Broken { .. } | CallError::Unreadable { .. } => Self::Failure,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
