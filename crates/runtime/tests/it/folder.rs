//! One process per folder, and what it leaves behind.

use std::path::Path;

use selfsame_runtime::folder::{DataFolder, FolderError, RunInfo, replace_file};
use selfsame_runtime::random::Random;

#[test]
fn a_second_start_is_refused_and_told_who_lives_there() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("deep/data");
    let first = DataFolder::open(&path).unwrap();
    let mut run = RunInfo::of_this_process();
    run.platform_url = Some("http://localhost:7353".to_owned());
    run.gateway_url = Some("http://localhost:7354".to_owned());
    first.announce(&run).unwrap();
    let error = DataFolder::open(&path).unwrap_err();
    assert!(matches!(&error, FolderError::InUse { by: Some(by), .. } if *by == run));
    let text = error.to_string();
    for part in [
        std::process::id().to_string().as_str(),
        "http://localhost:7353",
        "http://localhost:7354",
        "--data",
    ] {
        assert!(text.contains(part), "{text}");
    }
    drop(first);
    DataFolder::open(&path).unwrap();
}

#[test]
fn run_json_counts_only_while_somebody_lives_there() {
    let parent = tempfile::tempdir().unwrap();
    let folder = DataFolder::open(parent.path()).unwrap();
    assert_eq!(RunInfo::of_running(parent.path()), Some(RunInfo::of_this_process()));
    let left_over = std::fs::read(folder.file("run.json")).unwrap();
    drop(folder);
    assert_eq!(RunInfo::of_running(parent.path()), None);
    std::fs::write(parent.path().join("run.json"), left_over).unwrap();
    assert_eq!(
        RunInfo::of_running(parent.path()),
        None,
        "a file left by a crash does not count"
    );
    assert_eq!(RunInfo::of_running(&parent.path().join("nowhere")), None);
}

#[test]
fn an_ephemeral_folder_is_removed_and_dead_ones_are_swept() {
    let parent = tempfile::tempdir().unwrap();
    let random = Random::seeded(1);
    let dead = parent.path().join("selfsame-ephemeral-dead");
    std::fs::create_dir(&dead).unwrap();
    std::fs::write(dead.join("lock"), "").unwrap();
    std::fs::write(dead.join("platform.db"), "old").unwrap();
    let foreign = parent.path().join("somebody-elses");
    std::fs::create_dir(&foreign).unwrap();

    let living = DataFolder::ephemeral_below(parent.path(), &random).unwrap();
    assert!(!dead.exists());
    let second = DataFolder::ephemeral_below(parent.path(), &random).unwrap();
    assert!(living.path().exists(), "a living folder is not swept");
    assert!(foreign.exists());

    let paths = [living.path().to_owned(), second.path().to_owned()];
    drop((living, second));
    assert!(paths.iter().all(|path| !path.exists()));
}

#[test]
fn a_private_text_is_made_once() {
    let parent = tempfile::tempdir().unwrap();
    let folder = DataFolder::open(parent.path()).unwrap();
    let first = folder.private_text("admin-token", || "secret".to_owned()).unwrap();
    let second = folder.private_text("admin-token", || unreachable!()).unwrap();
    assert_eq!((first.as_str(), second.as_str()), ("secret", "secret"));
    assert_private(&folder.file("admin-token"));
    assert_private(&folder.file("run.json"));
}

#[test]
fn a_replaced_file_is_private_and_leaves_no_temporary_file() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("clock.json");
    replace_file(&path, b"one").unwrap();
    replace_file(&path, b"two").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"two");
    assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 1);
    assert_private(&path);
    assert!(replace_file(&parent.path().join("nowhere/x"), b"").is_err());
}

#[cfg(unix)]
fn assert_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{}", path.display());
}

#[cfg(not(unix))]
fn assert_private(path: &Path) {
    assert!(path.exists());
}
