//! A routes file inside a Kubernetes `ConfigMap`: one file then serves a cluster, `ratectl dev` and people alike.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

/// The key that holds the routes; the only one of the object may have any name.
const KEY: &str = "routes.yaml";

#[derive(Deserialize)]
struct Manifest {
    kind: String,
    #[serde(default)]
    data: BTreeMap<String, Spanned<String>>,
}

/// The routes of a `ConfigMap`, every character where it stands in the manifest so that complaints name the right place;
/// any other text as it is.
pub(super) fn routes(yaml: &str) -> Cow<'_, str> {
    let Ok(Manifest { kind, mut data }) = serde_saphyr::from_str::<Manifest>(yaml) else {
        return Cow::Borrowed(yaml);
    };
    if kind != "ConfigMap" {
        return Cow::Borrowed(yaml);
    }
    let only = if data.len() == 1 { data.pop_first() } else { None };
    match only.map(|(_, text)| text).or_else(|| data.remove(KEY)) {
        Some(text) => Cow::Owned(in_place(yaml, &text).unwrap_or(text.value)),
        None => Cow::Borrowed(yaml),
    }
}

/// The lines of a block as they stand in the file, after as many empty lines as there are lines before it. `None` if the text is written
/// in another way.
fn in_place(yaml: &str, text: &Spanned<String>) -> Option<String> {
    let first = text.value.lines().next()?;
    let from = usize::try_from(text.referenced.line()).ok()?.checked_sub(1)?;
    let mut lines = yaml.lines().enumerate().skip(from);
    let (begin, line) = lines.find(|(_, line)| line.trim_start() == first.trim_start())?;
    let indent = line.len().checked_sub(first.len())?;
    let count = text.value.lines().count();
    let block: Vec<&str> = yaml.lines().skip(begin).take(count).collect();
    let unindented = block.iter().map(|line| line.get(indent..).unwrap_or_default());
    unindented
        .eq(text.value.lines())
        .then(|| "\n".repeat(begin) + &block.join("\n") + "\n")
}
