use std::fs;

use tempfile::TempDir;
use test_case::test_case;

use super::*;

/// How long a change may take to be seen on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn watch(components: &[(&str, &str)]) -> (TempDir, Watch) {
    let folder = tempfile::tempdir().unwrap();
    let mut roots: BTreeMap<String, BTreeSet<PathBuf>> = BTreeMap::new();
    for (component, path) in components {
        let path = folder.path().join(path);
        fs::create_dir_all(&path).unwrap();
        roots.entry((*component).to_owned()).or_default().insert(path);
    }
    let watch = Watch::over(Roots::from_paths(roots)).unwrap();
    (folder, watch)
}

async fn next(watch: &mut Watch) -> Vec<String> {
    let changed = tokio::time::timeout(PATIENCE, watch.changed()).await.unwrap();
    changed.components.into_iter().collect()
}

#[tokio::test]
async fn a_change_concerns_the_components_that_share_the_folder() {
    let (folder, mut watch) = watch(&[("a", "code"), ("b", "code"), ("b", "b"), ("c", "c")]);
    fs::write(folder.path().join("b/x.yaml"), "1").unwrap();
    assert_eq!(next(&mut watch).await, ["b"]);
    fs::write(folder.path().join("code/main.rs"), "1").unwrap();
    assert_eq!(next(&mut watch).await, ["a", "b"]);
}

#[tokio::test]
async fn what_is_written_again_as_it_was_is_no_change() {
    let (folder, mut watch) = watch(&[("a", "a"), ("b", "b")]);
    let file = folder.path().join("a/x");
    fs::write(&file, "1").unwrap();
    assert_eq!(next(&mut watch).await, ["a"]);
    fs::write(&file, "1").unwrap();
    fs::write(folder.path().join("b/y"), "1").unwrap();
    assert_eq!(next(&mut watch).await, ["b"]);
}

#[tokio::test]
async fn new_folders_are_watched_and_what_builds_write_is_not() {
    let (folder, mut watch) = watch(&[("a", "a"), ("b", "b")]);
    fs::create_dir_all(folder.path().join("a/target/debug")).unwrap();
    fs::write(folder.path().join("a/target/debug/program"), "1").unwrap();
    fs::write(folder.path().join("a/.x.swp"), "1").unwrap();
    fs::create_dir_all(folder.path().join("b/new/er")).unwrap();
    fs::write(folder.path().join("b/new/er/x"), "1").unwrap();
    assert_eq!(next(&mut watch).await, ["b"]);
    fs::write(folder.path().join("b/new/er/x"), "2").unwrap();
    assert_eq!(next(&mut watch).await, ["b"]);
    fs::remove_file(folder.path().join("b/new/er/x")).unwrap();
    assert_eq!(next(&mut watch).await, ["b"]);
}

#[test]
fn without_sources_there_is_nothing_to_watch() {
    let error = Watch::begin(&Project::default(), &[]).unwrap_err();
    assert!(matches!(error, Error::Nothing));
}

#[test_case("src/main.rs" => false; "a source")]
#[test_case(".dockerignore" => false; "what an image is made from")]
#[test_case(".git" => true; "hidden")]
#[test_case("target" => true; "a build's")]
#[test_case("main.rs~" => true; "an editor's")]
fn passing(path: &str) -> bool {
    is_passing(Path::new(path))
}
