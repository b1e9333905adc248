//! Where a running house is looked for.

use std::path::PathBuf;

use anyhow::Context as _;
use selfsame_workbench::connection::{HouseClient, Location};

use super::ConfigurationFile;
use crate::arguments::CommonArgs;

/// The data folder: given, or the user's.
pub(crate) fn data_folder(common: &CommonArgs, file: &ConfigurationFile) -> anyhow::Result<PathBuf> {
    if let Some(data) = common.data.clone().or_else(|| file.data.clone()) {
        return Ok(data);
    }
    let folders =
        directories::ProjectDirs::from("", "", "selfsame").context("this user has no home folder; give --data DIR")?;
    Ok(folders.data_dir().to_owned())
}

/// A client for the running house.
pub(crate) fn house_client(common: &CommonArgs, file: &ConfigurationFile) -> anyhow::Result<HouseClient> {
    // A user without a home folder can still name the address.
    let data = data_folder(common, file).ok();
    let location = Location::find(
        common.url.clone().or_else(|| file.url.clone()),
        common.gateway_url.clone().or_else(|| file.gateway_url.clone()),
        data.as_deref(),
        common.admin_token.clone().or_else(|| file.admin_token.clone()),
    );
    HouseClient::new(location).context("no HTTP client can be built on this machine")
}
