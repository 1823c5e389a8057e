//! How `kubectl` reaches the cluster, from the kubeconfig.

use std::path::PathBuf;

use serde::Serialize;

use super::Question;
use crate::kubeconfig::Surveyed;

/// The cluster's context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Its name.
    pub context: String,
    /// The API server's URL.
    pub server: Option<String>,
    /// The file it is in.
    pub kubeconfig: PathBuf,
    /// Whether `kubectl` uses it by itself.
    pub current: bool,
}

/// Looks for the context.
pub(super) async fn look(question: &Question) -> Result<Profile, String> {
    let (location, context) = (question.kubeconfig.clone(), question.name.context());
    let look = move || profile(&location.survey(), &context);
    tokio::task::spawn_blocking(look)
        .await
        .unwrap_or_else(|error| Err(error.to_string()))
}

fn profile(files: &[Surveyed], context: &str) -> Result<Profile, String> {
    let read = files
        .iter()
        .filter_map(|file| Some((&file.path, file.contents.as_ref().ok()?.as_ref()?)));
    let current = read
        .clone()
        .find_map(|(_, contents)| contents.current_context.as_deref());
    let holder = read.clone().find_map(|(path, contents)| {
        let found = contents.contexts.iter().find(|found| found.name == context)?;
        Some((path, found))
    });
    if let Some((path, found)) = holder {
        return Ok(Profile {
            context: context.to_owned(),
            server: found.server.clone(),
            kubeconfig: path.clone(),
            current: current == Some(context),
        });
    }
    if let Some(error) = files.iter().find_map(|file| file.contents.as_ref().err()) {
        return Err(crate::causes::chain(error));
    }
    let paths: Vec<String> = files.iter().map(|file| file.path.display().to_string()).collect();
    Err(format!("there is no context {context} in {}", paths.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubeconfig::{Contents, Context};

    fn file(path: &str, contexts: &[&str], current: Option<&str>) -> Surveyed {
        let context = |name: &&str| Context {
            name: (*name).to_owned(),
            server: Some(format!("https://{name}")),
        };
        Surveyed {
            path: PathBuf::from(path),
            contents: Ok(Some(Contents {
                contexts: contexts.iter().map(context).collect(),
                current_context: current.map(str::to_owned),
            })),
            mode: None,
            lock: None,
        }
    }

    #[test]
    fn the_context_is_found_in_whichever_file_has_it() {
        let files = [
            file("/a", &["x"], Some("x")),
            file("/b", &["k3d-dev"], Some("k3d-dev")),
        ];
        let profile = profile(&files, "k3d-dev").unwrap();
        assert_eq!(profile.kubeconfig, PathBuf::from("/b"));
        assert_eq!(profile.server.as_deref(), Some("https://k3d-dev"));
        assert!(
            !profile.current,
            "the first file that names a current context wins"
        );
    }

    #[test]
    fn a_context_that_is_nowhere_is_told_with_where_was_looked() {
        let why = profile(&[file("/a", &[], None), file("/b", &[], None)], "k3d-dev").unwrap_err();
        assert_eq!(why, "there is no context k3d-dev in /a, /b");
    }
}
