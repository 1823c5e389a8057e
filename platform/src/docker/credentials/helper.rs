//! Credential helpers: programs `docker-credential-<name>` that are asked for one registry at a time.

use std::ffi::OsStr;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde::Deserialize;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::{Credentials, Error};
use crate::docker::error::one_line;

/// How long a helper may take: it can ask a person to unlock something.
const LIMIT: Duration = Duration::from_mins(1);
/// What every helper says, with exit status 1, when it has nothing.
const NOTHING: &str = "credentials not found in native keychain";
/// The user name that says that the secret is a token.
const TOKEN: &str = "<token>";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

/// Asks the helper for `key`; `None` if it has nothing.
pub(super) async fn get(name: &str, key: &str, path: Option<&OsStr>) -> Result<Option<Credentials>, Error> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || !name.chars().all(allowed) {
        let name = crate::plain_line::plain_line(name);
        return Err(Error::HelperName { name });
    }
    let program = format!("docker-credential-{name}");
    let failed = |reason: &str| Error::HelperFailed {
        program: program.clone(),
        registry: key.to_owned(),
        reason: reason.to_owned(),
    };
    let output = match tokio::time::timeout(LIMIT, run(&program, key, path)).await {
        Ok(Ok(output)) => output,
        Ok(Err(source)) => {
            return Err(Error::HelperRun {
                program,
                registry: key.to_owned(),
                source,
            });
        }
        Err(_) => return Err(failed("it did not end within 60 s")),
    };
    if !output.status.success() {
        let said = [&output.stdout, &output.stderr].map(|text| one_line(&String::from_utf8_lossy(text)));
        return match said.iter().find(|text| !text.is_empty()) {
            Some(text) if text.to_lowercase().contains(NOTHING) => Ok(None),
            Some(text) => Err(failed(text)),
            None => Err(failed(&output.status.to_string())),
        };
    }
    // The answer holds a secret: nothing of it goes into a message.
    let answer: Answer =
        serde_json::from_slice(&output.stdout).map_err(|_| failed("its answer is not what a helper says"))?;
    Ok(match answer {
        Answer { secret, .. } if secret.is_empty() => None,
        Answer { username, secret } if username == TOKEN => Some(Credentials::IdentityToken(secret)),
        Answer { username, secret } => Some(Credentials::Password {
            username,
            password: secret,
        }),
    })
}

async fn run(program: &str, key: &str, path: Option<&OsStr>) -> std::io::Result<Output> {
    let mut command = Command::new(program);
    if let Some(path) = path {
        command.env("PATH", path);
    }
    let mut child = command
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A helper that does not read its question says so by its exit status.
        drop(stdin.write_all(key.as_bytes()).await);
    }
    child.wait_with_output().await
}
