//! Commands that show more, ready to be pasted.

use super::finding::{Log, Look};
use crate::kubernetes::text;

/// The `kubectl` command for a look at something in a cluster's namespace; `None` for what is not namespaced.
pub(super) fn command(context: &str, namespace: Option<&str>, look: &Look, log: Option<&Log>) -> String {
    let mut words = vec!["kubectl".to_owned(), "--context".to_owned(), quoted(context)];
    let of_nodes = matches!(look, Look::Describe { kind, .. } if kind == "node");
    if let Some(namespace) = namespace.filter(|_| !of_nodes) {
        words.extend(["--namespace".to_owned(), quoted(namespace)]);
    }
    match (look, log) {
        (Look::Logs, Some(log)) => {
            words.extend([
                "logs".to_owned(),
                quoted(&log.pod),
                "--container".to_owned(),
                quoted(&log.container),
            ]);
            words.extend(log.previous.then(|| "--previous".to_owned()));
        }
        (Look::Describe { kind, name }, _) => {
            words.extend(["describe".to_owned(), quoted(kind), quoted(name)]);
        }
        (Look::DeletePod(name), _) => {
            words.extend(["delete".to_owned(), "pod".to_owned(), quoted(name)]);
        }
        (Look::Get(kind), _) => words.extend(["get".to_owned(), (*kind).to_owned()]),
        (Look::Logs, None) => words.extend(["get".to_owned(), "events".to_owned()]),
    }
    words.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let word = text::line(word);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("k3d-dev" => "k3d-dev"; "a plain word")]
    #[test_case("my cluster" => "'my cluster'"; "a space")]
    #[test_case("it's" => "'it'\\''s'"; "a quote")]
    #[test_case("a;rm\n-rf" => "'a;rm -rf'"; "what a shell would take for more")]
    #[test_case("" => "''"; "nothing")]
    fn a_word(word: &str) -> String {
        quoted(word)
    }

    #[test]
    fn the_log_of_the_run_before_is_asked_for_by_pod_and_container() {
        let log = Log {
            pod: "a-1".to_owned(),
            container: "app".to_owned(),
            previous: true,
        };
        let expected = "kubectl --context k3d-dev --namespace rating logs a-1 --container app --previous";
        assert_eq!(
            command("k3d-dev", Some("rating"), &Look::Logs, Some(&log)),
            expected
        );
    }

    #[test]
    fn a_node_is_in_no_namespace() {
        let look = Look::Describe {
            kind: "node".to_owned(),
            name: "n".to_owned(),
        };
        assert_eq!(
            command("c", Some("rating"), &look, None),
            "kubectl --context c describe node n"
        );
    }
}
