//! Repositories: pinned, fetched once, and never asked for passwords.

use std::path::Path;
use std::process::Command;

use platform::image::git::{self, Checkout};
use platform::image::{Error, dockerfile};
use platform::project::image::GitBuild;
use test_case::test_case;

use super::{Stand, told, write};

/// Runs git, as somebody whose own settings do not matter.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let ran = Command::new("git")
        .args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(["-c", "commit.gpgSign=false", "-c", "tag.gpgSign=false"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&ran.stderr)
    );
    String::from_utf8(ran.stdout).unwrap().trim().to_owned()
}

/// A repository beside the project with one commit.
fn repository(stand: &Stand) -> std::path::PathBuf {
    let folder = stand.folder.path().join("repository");
    write(&folder, "Dockerfile", "FROM scratch\n");
    write(&folder, "app/Dockerfile", "FROM scratch\nCOPY . /\n");
    write(&folder, "app/run.sh", "one");
    git(&folder, &["init", "--quiet"]);
    commit(&folder);
    folder
}

fn commit(folder: &Path) -> String {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "--quiet", "-m", "a"]);
    git(folder, &["rev-parse", "HEAD"])
}

fn build(url: &str) -> GitBuild {
    GitBuild {
        url: url.to_owned(),
        reference: None,
        folder: None,
        dockerfile: None,
        target: None,
        args: [].into(),
        platform: None,
    }
}

async fn checkout(stand: &Stand, build: &GitBuild) -> Result<Checkout, Error> {
    git::checkout(&stand.setup, "app", build).await
}

fn url(folder: &Path) -> String {
    format!("file://{}", folder.display())
}

#[tokio::test]
async fn a_branch_is_pinned_to_its_commit_and_its_files_are_there() {
    let stand = Stand::new().await;
    let repository = repository(&stand);
    let id = git(&repository, &["rev-parse", "HEAD"]);
    let wanted = GitBuild {
        reference: Some("main".to_owned()),
        folder: Some("app".to_owned()),
        ..build(&url(&repository))
    };
    let first = checkout(&stand, &wanted).await.unwrap();
    assert_eq!(first.origin.revision.as_deref(), Some(id.as_str()));
    assert_eq!(first.origin.source, Some(url(&repository)));
    assert_eq!(first.build.dockerfile, first.build.context.join("Dockerfile"));
    let read = |checkout: &Checkout| std::fs::read_to_string(checkout.build.context.join("run.sh")).unwrap();
    assert_eq!(read(&first), "one");

    write(&repository, "app/run.sh", "two");
    let later = commit(&repository);
    let second = checkout(&stand, &wanted).await.unwrap();
    assert_eq!(second.origin.revision, Some(later));
    assert_eq!((read(&second).as_str(), read(&first).as_str()), ("two", "one"));
}

#[test_case("v1"; "an annotated tag")]
#[test_case("refs/tags/light"; "a whole name")]
#[test_case("HEAD~"; "the commit itself")]
#[tokio::test]
async fn a_reference_of_any_kind_leads_to_its_commit(reference: &str) {
    let stand = Stand::new().await;
    let repository = repository(&stand);
    let id = git(&repository, &["rev-parse", "HEAD"]);
    git(&repository, &["tag", "-a", "-m", "x", "v1"]);
    git(&repository, &["tag", "light"]);
    write(&repository, "other", "");
    commit(&repository);
    let reference = if reference == "HEAD~" {
        id.as_str()
    } else {
        reference
    };
    let wanted = GitBuild {
        reference: Some(reference.to_owned()),
        ..build(&url(&repository))
    };
    let found = checkout(&stand, &wanted).await.unwrap();
    assert_eq!(found.origin.revision, Some(id));
    assert!(!found.build.context.join("other").exists());
}

#[tokio::test]
async fn a_whole_commit_that_is_here_needs_no_repository() {
    let stand = Stand::new().await;
    let repository = repository(&stand);
    let wanted = GitBuild {
        reference: Some(git(&repository, &["rev-parse", "HEAD"])),
        ..build(&url(&repository))
    };
    let first = checkout(&stand, &wanted).await.unwrap();
    std::fs::remove_dir_all(&repository).unwrap();
    assert_eq!(checkout(&stand, &wanted).await.unwrap(), first);
}

#[tokio::test]
async fn a_path_beside_the_project_is_a_url_too() {
    let stand = Stand::new().await;
    repository(&stand);
    assert!(checkout(&stand, &build("../repository")).await.is_ok());
}

#[tokio::test]
async fn several_at_once_share_one_copy() {
    let stand = Stand::new().await;
    let repository = repository(&stand);
    let wanted = build(&url(&repository));
    let all = (0..4).map(|_| checkout(&stand, &wanted));
    let found = futures_util::future::try_join_all(all).await.unwrap();
    assert!(found.iter().all(|checkout| *checkout == found[0]));
    let copies = stand.setup.state_dir.join("images/git");
    assert_eq!(std::fs::read_dir(copies).unwrap().count(), 1);
}

#[tokio::test]
async fn commit_and_repository_are_parts_of_the_hash() {
    let stand = Stand::new().await;
    let repository = repository(&stand);
    let found = checkout(&stand, &build(&url(&repository))).await.unwrap();
    let hash = dockerfile::hash(&stand.setup, "app", &found.build, &found.origin)
        .await
        .unwrap();
    assert_eq!(hash.parts.get("commit"), found.origin.revision.as_ref());
    git(&repository, &["commit", "--quiet", "--allow-empty", "-m", "b"]);
    let found = checkout(&stand, &build(&url(&repository))).await.unwrap();
    let later = dockerfile::hash(&stand.setup, "app", &found.build, &found.origin)
        .await
        .unwrap();
    assert_eq!(later.why(Some(&hash)), "commit changed");
}

#[test_case("main", "app/../../x" => "it is no path inside the repository"; "a folder above")]
#[test_case("main", "/etc" => "it is no path inside the repository"; "a folder elsewhere")]
#[test_case("main", "out" => "a link leads out of the repository"; "a link out of it")]
#[test_case("main", "none" => "No such file or directory (os error 2)"; "a folder that is not there")]
#[test_case("none", "app" => "no branch or tag has this name"; "a branch that is not there")]
#[test_case("1234567", "app" => "no branch or tag has this name; a commit is written with all its digits"; "a short commit")]
#[test_case("--upload-pack=touch x", "app" => "it is no name of a branch, a tag or a commit"; "an option for a reference")]
#[tokio::test]
async fn what_cannot_be_found_is_told(reference: &str, folder: &str) -> String {
    let stand = Stand::new().await;
    let repository = repository(&stand);
    std::os::unix::fs::symlink("/etc", repository.join("out")).unwrap();
    commit(&repository);
    let wanted = GitBuild {
        reference: Some(reference.to_owned()),
        folder: Some(folder.to_owned()),
        ..build(&url(&repository))
    };
    match checkout(&stand, &wanted).await.unwrap_err() {
        Error::Git { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_commit_that_is_not_there_is_told() {
    let stand = Stand::new().await;
    let repository = repository(&stand);
    let wanted = GitBuild {
        reference: Some("0".repeat(40)),
        ..build(&url(&repository))
    };
    let error = checkout(&stand, &wanted).await.unwrap_err();
    let text = told(&error);
    assert!(
        text.starts_with(&format!("git cannot fetch {} in file://", "0".repeat(40))),
        "{text}"
    );
}

#[tokio::test]
async fn no_repository_is_told_without_its_password() {
    let stand = Stand::new().await;
    // Nobody listens on a port of whoever just stopped listening.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let wanted = build(&format!("http://me:secret@127.0.0.1:{port}/a.git"));
    let text = told(&checkout(&stand, &wanted).await.unwrap_err());
    assert!(
        text.starts_with(&format!(
            "git cannot find HEAD in http://127.0.0.1:{port}/a.git: "
        )),
        "{text}"
    );
    assert!(!text.contains("secret"), "{text}");
}

#[tokio::test]
async fn hooks_and_programs_of_a_repository_do_not_run() {
    let stand = Stand::new().await;
    let repository = repository(&stand);
    write(&repository, ".gitattributes", "run.sh filter=evil\n");
    write(
        &repository,
        ".gitmodules",
        "[submodule \"x\"]\n\tpath = x\n\turl = ../x\n\tupdate = !touch pwned\n",
    );
    commit(&repository);
    let found = checkout(&stand, &build(&url(&repository))).await.unwrap();
    assert!(found.build.context.join(".gitmodules").is_file());
    assert!(!found.build.context.join("x").exists());
}

#[tokio::test]
async fn cancelled_is_cancelled() {
    let stand = Stand::new().await;
    let repository = repository(&stand);
    stand.setup.cancel.cancel();
    let error = checkout(&stand, &build(&url(&repository))).await.unwrap_err();
    assert!(matches!(error, Error::Cancelled { .. }), "{error:?}");
}
