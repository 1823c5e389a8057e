//! What a container has written.

use std::time::Duration;

use bollard::query_parameters::LogsOptionsBuilder;
use futures_util::StreamExt as _;

use super::lines::LastLines;
use super::{Engine, Error};

/// How long reading may take; what came until then counts.
const LIMIT: Duration = Duration::from_secs(10);

/// The last lines a container has written to either output, without anything a terminal would act on.
///
/// # Errors
/// When there is no such container, or its logs cannot be read.
pub async fn tail(engine: &Engine, container: &str, lines: usize) -> Result<Vec<String>, Error> {
    let options = LogsOptionsBuilder::new()
        .stdout(true)
        .stderr(true)
        .tail(&lines.to_string())
        .build();
    let mut last = LastLines::new(lines);
    let mut pieces = engine.api().logs(container, Some(options));
    let read = async {
        while let Some(piece) = pieces.next().await {
            last.take(
                &piece.map_err(|error| Error::of(format!("read the log of container {container}"), error))?,
            );
        }
        Ok(())
    };
    match tokio::time::timeout(LIMIT, read).await {
        Ok(Err(error)) => Err(error),
        Ok(Ok(())) | Err(_) => Ok(last.into_lines()),
    }
}
