//! Credentials, as `docker login` leaves them behind.

use std::fs;

use tempfile::TempDir;
use test_case::test_case;

use super::*;
use crate::nats_server::fake;

/// Settings, and helpers beside them: `docker-credential-<name>` with this shell script.
fn settings(config: &str, helpers: &[(&str, &str)]) -> (TempDir, Environment) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.json"), config).unwrap();
    for (name, script) in helpers {
        fake::program(folder.path(), &format!("docker-credential-{name}"), script);
    }
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let environment = Environment {
        docker_config: Some(folder.path().to_owned()),
        path: Some(path.into()),
        ..Environment::default()
    };
    (folder, environment)
}

fn password(username: &str, password: &str) -> Credentials {
    Credentials::Password {
        username: username.to_owned(),
        password: password.to_owned(),
    }
}

async fn found(config: &str, helpers: &[(&str, &str)], registry: &str) -> Option<Credentials> {
    let (_folder, environment) = settings(config, helpers);
    find(registry, &environment).await.unwrap()
}

async fn refused(config: &str, helpers: &[(&str, &str)]) -> String {
    let (_folder, environment) = settings(config, helpers);
    let error = find("ghcr.io", &environment).await.unwrap_err();
    match std::error::Error::source(&error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

// `me:secret` and `me:a:b` in base64.
#[test_case(r#"{"auths": {"ghcr.io": {"auth": "bWU6c2VjcmV0"}}}"#, "ghcr.io" => Some(password("me", "secret")); "by host")]
#[test_case(r#"{"auths": {"localhost:5000": {"auth": "bWU6YTpi"}}}"#, "localhost:5000" => Some(password("me", "a:b")); "a colon in the password")]
#[test_case(r#"{"auths": {"https://index.docker.io/v1/": {"auth": "bWU6c2VjcmV0"}}}"#, "docker.io" => Some(password("me", "secret")); "the Hub has a key of its own")]
#[test_case(r#"{"auths": {"https://ghcr.io/v2/": {"auth": "bWU6c2VjcmV0"}}}"#, "ghcr.io" => Some(password("me", "secret")); "a URL for the host")]
#[test_case(r#"{"auths": {"ghcr.io": {"username": "me", "password": "secret"}}}"#, "ghcr.io" => Some(password("me", "secret")); "in the clear, as others write it")]
#[test_case(r#"{"auths": {"a.io": {"identitytoken": "t", "auth": "bWU6"}}}"#, "a.io" => Some(Credentials::IdentityToken("t".to_owned())); "an identity token")]
#[test_case(r#"{"auths": {"a.io": {"registrytoken": "t"}}}"#, "a.io" => Some(Credentials::RegistryToken("t".to_owned())); "a registry token")]
#[test_case(r#"{"auths": {"ghcr.io": {}}}"#, "ghcr.io" => None; "an empty entry")]
#[test_case(r#"{"auths": {"ghcr.io": {"auth": "bWU6c2VjcmV0"}}}"#, "ghcr.io.evil.example" => None; "a host that begins alike")]
#[test_case(r#"{"auths": {"ghcr.io": {"auth": "bWU6c2VjcmV0"}}}"#, "ghcr.io:444" => None; "another port")]
#[test_case(r#"{"auths": null, "credHelpers": null}"#, "ghcr.io" => None; "nulls")]
#[test_case("{}", "docker.io" => None; "nothing")]
#[tokio::test]
async fn in_the_file(config: &str, registry: &str) -> Option<Credentials> {
    found(config, &[], registry).await
}

const ECHO: &str =
    r#"key=$(cat); [ "$1" = get ] && printf '{"ServerURL":"%s","Username":"%s","Secret":"s"}' "$key" "$key""#;

#[tokio::test]
async fn a_store_is_asked_for_every_registry_under_its_key() {
    let config = r#"{"credsStore": "echo", "auths": {"ghcr.io": {}}}"#;
    let helpers = [("echo", ECHO)];
    assert_eq!(
        found(config, &helpers, "ghcr.io").await,
        Some(password("ghcr.io", "s"))
    );
    assert_eq!(
        found(config, &helpers, "docker.io").await,
        Some(password("https://index.docker.io/v1/", "s"))
    );
}

#[tokio::test]
async fn a_helper_for_one_registry_goes_before_the_store() {
    let config = r#"{"credsStore": "store", "credHelpers": {"ghcr.io": "own"}}"#;
    let own = r#"echo '{"Username": "<token>", "Secret": "t"}'"#;
    let helpers = [("own", own), ("store", "echo no >&2; exit 1")];
    assert_eq!(
        found(config, &helpers, "ghcr.io").await,
        Some(Credentials::IdentityToken("t".to_owned()))
    );
}

#[tokio::test]
async fn a_helper_that_has_nothing_is_no_error() {
    let nothing = "echo 'credentials not found in native keychain'; exit 1";
    assert_eq!(
        found(r#"{"credsStore": "a"}"#, &[("a", nothing)], "ghcr.io").await,
        None
    );
    let empty = r#"echo '{"Username": "", "Secret": ""}'"#;
    assert_eq!(
        found(r#"{"credsStore": "a"}"#, &[("a", empty)], "ghcr.io").await,
        None
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_helper_is_said_without_its_secret() {
    let config = r#"{"credsStore": "a"}"#;
    assert_eq!(
        refused(config, &[]).await,
        "cannot run docker-credential-a, which keeps the credentials for ghcr.io: No such file or directory (os error 2)"
    );
    assert_eq!(
        refused(
            config,
            &[("a", "echo 'keychain is \u{1b}[31mlocked' >&2; exit 1")]
        )
        .await,
        "docker-credential-a gave no credentials for ghcr.io: keychain is locked"
    );
    assert_eq!(
        refused(config, &[("a", "exit 3")]).await,
        "docker-credential-a gave no credentials for ghcr.io: exit status: 3"
    );
    assert_eq!(
        refused(config, &[("a", "echo secret")]).await,
        "docker-credential-a gave no credentials for ghcr.io: its answer is not what a helper says"
    );
}

#[tokio::test]
async fn a_helper_cannot_be_a_path() {
    assert_eq!(
        refused(r#"{"credsStore": "../../tmp/x"}"#, &[]).await,
        "Docker's settings name the credential helper '../../tmp/x', which is no name of a program"
    );
}

#[test_case("###"; "no base64")]
#[test_case("bWU="; "no colon")]
#[test_case("//79"; "no text")]
#[tokio::test]
async fn an_entry_that_is_none_is_an_error(auth: &str) {
    let config = format!(r#"{{"auths": {{"ghcr.io": {{"auth": "{auth}"}}}}}}"#);
    assert_eq!(
        refused(&config, &[]).await,
        "the credentials for ghcr.io in Docker's settings are wrong; `docker login ghcr.io` writes them anew"
    );
}

#[test]
fn secrets_are_not_shown() {
    let credentials = password("me", "secret");
    assert!(!format!("{credentials:?}").contains("secret"));
}
