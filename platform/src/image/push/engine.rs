//! From an engine to a registry.

use std::collections::BTreeMap;
use std::time::Duration;

use bollard::auth::DockerCredentials;
use bollard::models::PushImageInfo;
use bollard::query_parameters::PushImageOptionsBuilder;
use futures_util::StreamExt as _;

use crate::docker::credentials;
use crate::docker::endpoint::Environment;
use crate::docker::{self, Engine};
use crate::image::Error;
use crate::plain_line::plain_line;

/// How long an engine may say nothing: it prepares large layers without a word.
const SILENCE: Duration = Duration::from_mins(5);

/// Has the engine push `name:tag`. `on_progress` is told bytes done and in all, as far as they are known. The digest comes back if
/// the engine tells it.
///
/// # Errors
/// When the engine or the registry refuses.
pub(crate) async fn push(
    engine: &Engine,
    (name, tag): (&str, &str),
    registry: &str,
    environment: &Environment,
    on_progress: impl Fn(u64, u64),
) -> Result<Option<String>, Error> {
    let reference = format!("{name}:{tag}");
    let credentials = credentials::find(registry, environment).await?;
    let options = PushImageOptionsBuilder::new().tag(tag).build();
    let api = engine.api().clone().with_timeout(SILENCE);
    let credentials = credentials.map(DockerCredentials::from);
    let mut lines = api.push_image(name, Some(options), credentials);
    let mut layers = Layers::default();
    let mut digest = None;
    let refused = |reason: &str| Error::Push {
        reference: reference.clone(),
        reason: plain_line(reason.trim()),
    };
    loop {
        let line = match tokio::time::timeout(SILENCE, lines.next()).await {
            Err(_) => {
                let (operation, limit) = (format!("push {reference}"), SILENCE);
                return Err(Error::TimedOut { operation, limit });
            }
            Ok(None) => return Ok(digest),
            Ok(Some(Err(bollard::errors::Error::DockerStreamError { error }))) => {
                return Err(refused(&error));
            }
            Ok(Some(Err(error))) => return Err(docker::Error::of(format!("push {reference}"), error).into()),
            Ok(Some(Ok(line))) => line,
        };
        if let Some(reason) = line
            .error_detail
            .as_ref()
            .and_then(|detail| detail.message.as_deref())
        {
            return Err(refused(reason));
        }
        digest = told_digest(&line).or(digest);
        if let Some((done, total)) = layers.take(&line) {
            on_progress(done, total);
        }
    }
}

/// `TAG: digest: sha256:… size: N` is an engine's last word.
fn told_digest(line: &PushImageInfo) -> Option<String> {
    let words = line.status.as_deref()?.split_once("digest: ")?.1;
    let digest = words.split_whitespace().next()?;
    digest.starts_with("sha256:").then(|| digest.to_owned())
}

/// Bytes of the layers that were spoken of. The client does not hand down which layer a line is about, so its size stands for it.
#[derive(Debug, Default)]
struct Layers(BTreeMap<u64, u64>);

impl Layers {
    fn take(&mut self, line: &PushImageInfo) -> Option<(u64, u64)> {
        let detail = line
            .progress_detail
            .as_ref()
            .filter(|_| line.status.as_deref() == Some("Pushing"))?;
        let bytes = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
        let total = bytes(detail.total).filter(|total| *total > 0)?;
        // An engine counts an archive's padding too, and so past the total.
        let current = bytes(detail.current).unwrap_or_default().min(total);
        let before = self.sum();
        let done = self.0.entry(total).or_default();
        *done = current.max(*done);
        let after = self.sum();
        (after != before).then_some(after)
    }

    fn sum(&self) -> (u64, u64) {
        (self.0.values().sum(), self.0.keys().sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(status: &str, detail: Option<(i64, i64)>) -> PushImageInfo {
        let detail = detail.map(|(current, total)| serde_json::json!({"current": current, "total": total}));
        let json = serde_json::json!({"status": status, "progressDetail": detail});
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn bytes_are_summed_over_layers_and_never_pass_the_total() {
        let mut layers = Layers::default();
        let lines = [
            line("The push refers to repository [localhost:5000/a]", None),
            line("Preparing", None),
            line("Layer already exists", None),
            line("Pushing", Some((10, 100))),
            line("Pushing", Some((60, 50))),
            line("Pushing", Some((5, 100))),
            line("Pushing", Some((1, -1))),
            line("Pushing", Some((104, 100))),
            line("Pushed", None),
        ];
        let told: Vec<_> = lines.iter().filter_map(|line| layers.take(line)).collect();
        assert_eq!(told, [(10, 100), (60, 150), (150, 150)]);
    }

    #[test]
    fn the_last_word_has_the_digest() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let last = line(&format!("latest: digest: {digest} size: 528"), None);
        assert_eq!(told_digest(&last), Some(digest));
        assert_eq!(told_digest(&line("latest: digest: none", None)), None);
    }
}
