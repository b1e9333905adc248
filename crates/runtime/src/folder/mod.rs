//! The data folder: one process at a time, a file that says where that process listens, files nobody else may read.

mod data_folder;
mod ephemeral;
mod private_file;
mod run_info;

pub use data_folder::{DataFolder, FolderError};
pub use private_file::replace_file;
pub use run_info::RunInfo;

/// The file whose lock means "a process lives here". Its content is never read.
const LOCK_FILE: &str = "lock";
