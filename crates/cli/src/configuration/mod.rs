//! From raw flags to what the libraries take. Precedence: flag, environment, `selfsame.toml`, default.

mod connecting;
mod file;
mod serving;

pub(crate) use connecting::{data_folder, house_client};
pub(crate) use file::{ConfigurationError, ConfigurationFile};
pub(crate) use serving::{gateway_options, platform_options, start_options};
