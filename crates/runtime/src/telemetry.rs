//! Logging set-up, called once by the binary. Logs go to standard error; standard output belongs to the commands.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line, for machines.
    Json,
}

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not of the form `level` or `target=level,…`.
    #[error("the log filter {filter:?} cannot be understood")]
    Filter {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        #[source]
        source: ParseError,
    },
    /// Something already logs in this process.
    #[error("logging was already set up in this process")]
    AlreadySet(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Starts logging to standard error. `filter` is a level (`info`) or a list (`info,selfsame_gateway=debug`); `colour` is the caller's choice.
pub fn init(format: LogFormat, filter: &str, colour: bool) -> Result<(), TelemetryError> {
    let env_filter = EnvFilter::try_new(filter).map_err(|source| TelemetryError::Filter {
        filter: filter.to_owned(),
        source,
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(env_filter)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.with_ansi(colour).with_target(true).compact().try_init(),
        LogFormat::Json => builder.with_ansi(false).json().flatten_event(true).try_init(),
    }
    .map_err(TelemetryError::AlreadySet)
}
