//! Programs that are run to their end.

use tokio::process::Command;

use crate::error::Error;

/// Runs `words` and gives its standard output; an error if it fails.
pub(crate) async fn run(words: &[&str]) -> Result<String, Error> {
    let [program, args @ ..] = words else {
        return Ok(String::new());
    };
    let mut command = Command::new(program);
    command.args(args).kill_on_drop(true);
    let output = command.output().await;
    let output = output.map_err(|error| Error::Start((*program).to_owned(), error))?;
    if !output.status.success() {
        return Err(Error::ended(words.join(" "), &output));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
