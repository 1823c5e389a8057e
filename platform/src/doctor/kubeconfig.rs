//! The kubeconfig: whether its files can be read, by whom, who holds their locks, and what leads nowhere.

use std::time::Duration;

use super::scene::Scene;
use super::{Finding, blocking, quantity};
use crate::cluster;
use crate::kubeconfig::{Contents, Holder, Surveyed};

pub(super) const CHECK: &str = "kubeconfig";

/// kubectl holds a lock for milliseconds.
const STALE: Duration = Duration::from_mins(1);
/// What the names of clusters' contexts begin with.
const PREFIX: &str = "k3d-";

struct Facts {
    files: Vec<Surveyed>,
    /// The contexts of the engine's clusters, each with whether it runs; `None` when the engine does not tell.
    clusters: Option<Vec<(String, bool)>>,
    /// The context of the cluster that was asked about.
    context: String,
}

pub(super) async fn examine(scene: &Scene<'_>) -> Vec<Finding> {
    let location = scene.question.kubeconfig.clone();
    let (files, clusters) = tokio::join!(blocking(move || location.survey()), clusters(scene));
    judge(&Facts {
        files: files.unwrap_or_default(),
        clusters,
        context: scene.question.spec.name.context(),
    })
}

async fn clusters(scene: &Scene<'_>) -> Option<Vec<(String, bool)>> {
    let clusters = cluster::list(&scene.engine().await.ok()?.engine).await.ok()?;
    let runs = |of: &cluster::Summary| of.servers > 0 && of.servers_running == of.servers;
    Some(
        clusters
            .iter()
            .map(|of| (format!("{PREFIX}{}", of.name), runs(of)))
            .collect(),
    )
}

fn judge(facts: &Facts) -> Vec<Finding> {
    let mut findings: Vec<Finding> = facts.files.iter().flat_map(file).collect();
    let readable: Vec<&Contents> = facts
        .files
        .iter()
        .filter_map(|file| file.contents.as_ref().ok()?.as_ref())
        .collect();
    let contexts: Vec<&str> = readable
        .iter()
        .flat_map(|file| &file.contexts)
        .map(|context| context.name.as_str())
        .collect();
    let current = readable.iter().find_map(|file| file.current_context.as_deref());
    findings.extend(dangling(&contexts, current));
    if let Some(clusters) = &facts.clusters {
        findings.extend(left_over(&contexts, clusters));
        findings.extend(missing(&contexts, clusters, &facts.context));
    }
    if findings.is_empty() {
        vec![well(facts, contexts.len(), current)]
    } else {
        findings
    }
}

/// What is wrong with one file by itself.
fn file(file: &Surveyed) -> Vec<Finding> {
    let path = file.path.display();
    let mut findings = Vec::new();
    if let Err(error) = &file.contents {
        let source = std::error::Error::source(error).map(|source| format!(": {source}"));
        let fix = format!("repair {path}, or name another file with --kubeconfig or KUBECONFIG");
        findings.push(Finding::error(
            CHECK,
            format!("{error}{}", source.unwrap_or_default()),
            fix,
        ));
    }
    if let Some(mode) = file.mode.filter(|mode| mode & 0o077 != 0) {
        findings.push(Finding::warning(
            CHECK,
            format!("{path} has mode {mode:03o}: others may read the keys in it"),
            format!("`chmod 600 {path}`"),
        ));
    }
    if let Some((lock, Holder::Other { age: Some(age) })) = &file.lock
        && *age > STALE
    {
        findings.push(Finding::warning(
            CHECK,
            format!(
                "{path} is locked by another program for {}: it has died, most likely",
                quantity::span(*age)
            ),
            format!("`rm {}` if no kubectl, helm or k3d runs", lock.display()),
        ));
    }
    findings
}

fn dangling(contexts: &[&str], current: Option<&str>) -> Option<Finding> {
    let current = current.filter(|current| !contexts.contains(current))?;
    let fix =
        "`kubectl config unset current-context`, or `kubectl config use-context NAME` with one that is there";
    Some(Finding::warning(
        CHECK,
        format!("the current context {current} is not there"),
        fix,
    ))
}

fn left_over(contexts: &[&str], clusters: &[(String, bool)]) -> Vec<Finding> {
    let gone = |context: &&&str| {
        context.starts_with(PREFIX) && !clusters.iter().any(|(cluster, _)| cluster == **context)
    };
    let finding = |context: &&str| {
        Finding::warning(
            CHECK,
            format!("the context {context} leads to a cluster that this engine does not have"),
            format!(
                "`kubectl config delete-context {context} && kubectl config delete-cluster {context} && kubectl config \
                 delete-user admin@{context}`, unless it is on another engine"
            ),
        )
    };
    contexts.iter().filter(gone).map(finding).collect()
}

fn missing(contexts: &[&str], clusters: &[(String, bool)], context: &str) -> Option<Finding> {
    let runs = clusters.iter().any(|(cluster, runs)| *runs && cluster == context);
    let name = context.strip_prefix(PREFIX).unwrap_or(context);
    (runs && !contexts.contains(&context)).then(|| {
        Finding::warning(
            CHECK,
            format!("cluster {name} runs and has no context here"),
            format!("`ratectl start-cluster {name}` puts {context} into the kubeconfig"),
        )
    })
}

fn well(facts: &Facts, contexts: usize, current: Option<&str>) -> Finding {
    let files: Vec<String> = facts
        .files
        .iter()
        .map(|file| file.path.display().to_string())
        .collect();
    let files = files.join(", ");
    if facts.files.iter().all(|file| matches!(file.contents, Ok(None))) {
        return Finding::ok(
            CHECK,
            format!("{files} does not exist yet; a cluster's context will be put there"),
        );
    }
    let current = current.map_or("no context is current".to_owned(), |name| {
        format!("{name} is current")
    });
    let contexts = if contexts == 1 {
        "1 context".to_owned()
    } else {
        format!("{contexts} contexts")
    };
    Finding::ok(CHECK, format!("{files}: {contexts}, {current}"))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use test_case::test_case;

    use super::*;
    use crate::doctor::Verdict;
    use crate::kubeconfig::{Context, Error};

    fn surveyed(contexts: &[&str], current: Option<&str>) -> Surveyed {
        let context = |name: &&str| Context {
            name: (*name).to_owned(),
            server: None,
        };
        Surveyed {
            path: PathBuf::from("/home/me/.kube/config"),
            contents: Ok(Some(Contents {
                contexts: contexts.iter().map(context).collect(),
                current_context: current.map(str::to_owned),
            })),
            mode: Some(0o600),
            lock: None,
        }
    }

    fn judged(file: Surveyed, clusters: Option<&[(&str, bool)]>) -> Vec<(Verdict, String)> {
        let owned = |clusters: &[(&str, bool)]| {
            clusters
                .iter()
                .map(|(name, runs)| ((*name).to_owned(), *runs))
                .collect()
        };
        let facts = Facts {
            files: vec![file],
            clusters: clusters.map(owned),
            context: "k3d-new".to_owned(),
        };
        judge(&facts)
            .into_iter()
            .map(|finding| (finding.verdict, finding.summary))
            .collect()
    }

    #[test]
    fn a_file_that_is_as_it_should_be_is_one_finding() {
        let found = judged(
            surveyed(&["k3d-a", "prod"], Some("prod")),
            Some(&[("k3d-a", true)]),
        );
        let expected = "/home/me/.kube/config: 2 contexts, prod is current".to_owned();
        assert_eq!(found, [(Verdict::Ok, expected)]);
    }

    #[test]
    fn no_file_is_nothing_to_worry_about() {
        let file = Surveyed {
            contents: Ok(None),
            mode: None,
            ..surveyed(&[], None)
        };
        let found = judged(file, Some(&[]));
        assert_eq!(found.len(), 1);
        assert!(
            found[0].0 == Verdict::Ok && found[0].1.contains("does not exist yet"),
            "{found:?}"
        );
    }

    #[test]
    fn a_file_that_is_no_kubeconfig_is_an_error_with_its_place() {
        let contents = Err(Error::Malformed {
            path: PathBuf::from("/c"),
            line: 3,
            column: 7,
            reason: "unexpected end".to_owned(),
        });
        let found = judged(
            Surveyed {
                contents,
                ..surveyed(&[], None)
            },
            None,
        );
        assert_eq!(
            found,
            [(Verdict::Error, "kubeconfig /c:3:7: unexpected end".to_owned())]
        );
    }

    #[test_case(0o600 => 0; "only the owner")]
    #[test_case(0o644 => 1; "everybody")]
    #[test_case(0o640 => 1; "the group")]
    fn who_may_read_the_keys(mode: u32) -> usize {
        let found = judged(
            Surveyed {
                mode: Some(mode),
                ..surveyed(&[], None)
            },
            None,
        );
        found
            .iter()
            .filter(|(verdict, _)| *verdict == Verdict::Warning)
            .count()
    }

    #[test_case(Some(5) => 0; "somebody works")]
    #[test_case(Some(3600) => 1; "somebody has died")]
    #[test_case(None => 0; "a clock that does not know")]
    fn a_lock(age_seconds: Option<u64>) -> usize {
        let age = age_seconds.map(Duration::from_secs);
        let lock = Some((PathBuf::from("/c.lock"), Holder::Other { age }));
        let found = judged(
            Surveyed {
                lock,
                ..surveyed(&[], None)
            },
            None,
        );
        found
            .iter()
            .filter(|(_, summary)| summary.contains("locked by another program for 60 min"))
            .count()
    }

    #[test]
    fn what_leads_nowhere_and_what_is_missing_is_told() {
        let file = surveyed(&["k3d-gone", "k3d-stopped", "prod"], Some("old"));
        let found = judged(
            file,
            Some(&[("k3d-stopped", false), ("k3d-new", true), ("k3d-other", true)]),
        );
        let summaries: Vec<&str> = found.iter().map(|(_, summary)| summary.as_str()).collect();
        let expected = [
            "the current context old is not there",
            "the context k3d-gone leads to a cluster that this engine does not have",
            "cluster new runs and has no context here",
        ];
        assert_eq!(summaries, expected);
    }

    #[test]
    fn without_an_engine_no_context_is_called_left_over() {
        let found = judged(surveyed(&["k3d-a"], None), None);
        assert_eq!(found[0].0, Verdict::Ok);
    }
}
