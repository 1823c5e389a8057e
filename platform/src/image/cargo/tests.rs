//! What rebuilds what, on a small workspace.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use test_case::test_case;

use super::*;
use crate::project::image::{Files, Making};

/// A workspace of two programs and a library that both use, without anything from elsewhere.
const FILES: [(&str, &str); 15] = [
    (
        "Cargo.toml",
        "[workspace]\nresolver = '3'\nmembers = ['app', 'other', 'wire']\n[workspace.package]\nversion = '0.1.0'\nedition = '2024'\n\
         [workspace.dependencies]\nwire = { path = 'wire' }\n[profile.quick]\ninherits = 'release'\n[profile.dev]\ndebug = 1\n",
    ),
    ("Cargo.lock", LOCK),
    (".gitignore", "target\n*.log\n"),
    ("README.md", "words"),
    ("routes.yaml", "routes: []"),
    (
        "wire/Cargo.toml",
        "[package]\nname = 'wire'\nversion.workspace = true\nedition.workspace = true\n",
    ),
    ("wire/src/lib.rs", "pub fn wire() {}"),
    (
        "app/Cargo.toml",
        "[package]\nname = 'app'\nversion.workspace = true\nedition.workspace = true\n[dependencies]\nwire.workspace = true\n[features]\nextra = []\n",
    ),
    (
        "app/src/main.rs",
        "const R: &str = include_str!(\"../../routes.yaml\"); fn main() { wire::wire() }",
    ),
    ("app/migrations/1.sql", "select 1"),
    ("app/tests/it.rs", "#[test] fn it() {}"),
    ("app/README.md", "words"),
    ("app/debug.log", "noise"),
    (
        "other/Cargo.toml",
        "[package]\nname = 'other'\nversion.workspace = true\nedition.workspace = true\n[dependencies]\nwire.workspace = true\n",
    ),
    ("other/src/main.rs", "fn main() { wire::wire() }"),
];

const LOCK: &str = "version = 4\n[[package]]\nname = 'app'\nversion = '0.1.0'\ndependencies = ['wire']\n\
    [[package]]\nname = 'other'\nversion = '0.1.0'\ndependencies = ['wire']\n[[package]]\nname = 'wire'\nversion = '0.1.0'\n";

fn workspace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in FILES {
        write(folder.path(), path, text);
    }
    folder
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn program(folder: &Path, name: &str) -> CargoBuild {
    CargoBuild {
        folder: folder.to_owned(),
        package: name.to_owned(),
        binary: name.to_owned(),
        version: None,
        profile: None,
        features: Vec::new(),
        default_features: true,
        files: Vec::new(),
        command: Vec::new(),
    }
}

async fn hash_of(folder: &Path, name: &str) -> Hash {
    hash(name, &program(folder, name), "quick").await.unwrap()
}

/// Whether programs `app` and `other` are made again after that file has got this text.
#[test_case("app/src/main.rs", "fn main() {}" => (true, false); "a source of one")]
#[test_case("app/src/new.rs", "" => (true, false); "a new source of one")]
#[test_case("app/build.rs", "fn main() {}" => (true, false); "a new build script")]
#[test_case("app/migrations/1.sql", "select 2" => (true, false); "a file beside the sources")]
#[test_case("wire/src/lib.rs", "pub fn wire() { }" => (true, true); "a source of the library")]
#[test_case("routes.yaml", "routes: [a]" => (true, false); "a file elsewhere that a source includes")]
#[test_case("rust-toolchain.toml", "[toolchain]\nprofile = 'minimal'" => (true, true); "the toolchain file")]
#[test_case(".cargo/config.toml", "[build]\nrustflags = ['-g']" => (true, true); "settings of Cargo")]
#[test_case("app/tests/it.rs", "" => (false, false); "a test")]
#[test_case("app/README.md", "" => (false, false); "words in a package")]
#[test_case("README.md", "" => (false, false); "words of the workspace")]
#[test_case("app/debug.log", "more noise" => (false, false); "what git ignores")]
#[test_case("target/debug/x", "built" => (false, false); "what is built")]
#[tokio::test]
async fn a_change_makes_again_what_it_is_in(path: &str, text: &str) -> (bool, bool) {
    let folder = workspace();
    changed_by(folder.path(), |folder| write(folder, path, text)).await
}

/// The same for a text in `Cargo.toml` of the workspace or of `app`.
#[test_case("Cargo.toml", "[profile.quick]", "[profile.quick]\nlto = false" => (true, true); "the profile")]
#[test_case("Cargo.toml", "[profile.dev]", "[profile.release]\nstrip = true\n[profile.dev]" => (true, true); "what the profile inherits from")]
#[test_case("Cargo.toml", "debug = 1", "debug = 2" => (false, false); "another profile")]
#[test_case("Cargo.toml", "[workspace]", "# words\n[workspace]" => (false, false); "a comment")]
#[test_case("Cargo.toml", "edition = '2024'", "edition = '2021'" => (true, true); "what packages inherit")]
#[test_case("app/Cargo.toml", "extra = []", "extra = []\nmore = []" => (true, false); "the features of one")]
#[test_case("app/Cargo.toml", "[features]", "[dev-dependencies]\nother = { path = '../other' }\n[features]" => (false, false); "what only tests need")]
#[tokio::test]
async fn a_change_of_settings_counts_where_it_matters(path: &str, from: &str, to: &str) -> (bool, bool) {
    let folder = workspace();
    let change = |folder: &Path| {
        let text = fs::read_to_string(folder.join(path)).unwrap();
        assert!(text.contains(from), "{text}");
        write(folder, path, &text.replace(from, to));
    };
    changed_by(folder.path(), change).await
}

async fn changed_by(folder: &Path, change: impl Fn(&Path)) -> (bool, bool) {
    let (app, other) = (hash_of(folder, "app").await, hash_of(folder, "other").await);
    change(folder);
    let (app_now, other_now) = (hash_of(folder, "app").await, hash_of(folder, "other").await);
    (app != app_now, other != other_now)
}

#[tokio::test]
async fn the_same_workspace_elsewhere_makes_the_same_image() {
    let (one, two) = (workspace(), workspace());
    assert_eq!(hash_of(one.path(), "app").await, hash_of(two.path(), "app").await);
}

#[tokio::test]
async fn what_goes_into_an_image_besides_counts_with_its_modes() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = workspace();
    let page = folder.path().join("dist/index.html");
    write(folder.path(), "dist/index.html", "<p>");
    let mut build = program(folder.path(), "app");
    build.files = vec![Files {
        here: folder.path().join("dist"),
        there: "/public".to_owned(),
        made: None,
    }];
    let mut seen = vec![hash("app", &build, "quick").await.unwrap()];
    fs::set_permissions(&page, fs::Permissions::from_mode(0o755)).unwrap();
    seen.push(hash("app", &build, "quick").await.unwrap());
    fs::write(&page, "<b>").unwrap();
    seen.push(hash("app", &build, "quick").await.unwrap());
    build.command = vec!["--quiet".to_owned()];
    seen.push(hash("app", &build, "quick").await.unwrap());
    let whys: Vec<String> = seen.windows(2).map(|pair| pair[1].why(Some(&pair[0]))).collect();
    let expected = [
        "/public/index.html changed",
        "/public/index.html changed",
        "the command is new",
    ];
    assert_eq!(whys, expected);
}

#[tokio::test]
async fn what_a_command_makes_counts_by_its_sources_and_is_not_made_for_that() {
    let folder = workspace();
    let root = folder.path();
    write(root, "web/src/page.ts", "1");
    write(root, "web/readme", "words");
    let mut build = program(root, "app");
    let made = Making {
        command: vec!["false".to_owned()],
        folder: root.to_owned(),
        sources: vec![root.join("web/src"), root.join("web/lock")],
    };
    build.files = vec![Files {
        here: root.join("web/dist"),
        there: "/public".to_owned(),
        made: Some(made),
    }];
    let error = hash("app", &build, "quick").await.unwrap_err().to_string();
    assert_eq!(error, format!("cannot read {}", root.join("web/lock").display()));
    write(root, "web/lock", "1");
    let mut seen = vec![hash("app", &build, "quick").await.unwrap()];
    for (path, text) in [
        ("web/src/page.ts", "2"),
        ("web/src/new.ts", ""),
        ("web/readme", ""),
        ("web/src/x.log", ""),
    ] {
        write(root, path, text);
        seen.push(hash("app", &build, "quick").await.unwrap());
    }
    if let Some(made) = &mut build.files[0].made {
        made.command.push("--fast".to_owned());
    }
    seen.push(hash("app", &build, "quick").await.unwrap());
    let whys: Vec<String> = seen.windows(2).map(|pair| pair[1].why(Some(&pair[0]))).collect();
    let nothing = "nothing changed since it was built here";
    let expected = [
        "web/src/page.ts changed",
        "web/src/new.ts is new",
        nothing,
        nothing,
        "the command for /public changed",
    ];
    assert_eq!(whys, expected);
}

async fn refused(build: &CargoBuild) -> String {
    let root = build.folder.display().to_string();
    let error = hash("web", build, "quick").await.unwrap_err().to_string();
    error.replace(&root, "ROOT")
}

#[tokio::test]
async fn what_cannot_be_built_is_told_with_what_there_is() {
    let folder = workspace();
    let good = program(folder.path(), "app");
    let mistyped = CargoBuild {
        package: "ap".to_owned(),
        ..good.clone()
    };
    let library = CargoBuild {
        package: "wire".to_owned(),
        ..good.clone()
    };
    let elsewhere = CargoBuild {
        folder: folder.path().join("nowhere"),
        ..good.clone()
    };
    let said = [
        refused(&mistyped).await,
        refused(&library).await,
        refused(&elsewhere).await,
    ];
    fs::remove_file(folder.path().join("Cargo.lock")).unwrap();
    let said = [said.join("\n"), refused(&good).await].join("\n");
    insta::assert_snapshot!(said);
}
