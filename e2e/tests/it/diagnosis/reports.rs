//! What Kubernetes itself reports, as it comes.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use e2e::{Bed, eventually};

/// A line for each event, and one for each change of a Deployment.
const EVENT: &str = r#"go-template={{printf "%s %q\n" .involvedObject.name .message}}"#;
const DEPLOYMENT: &str =
    r#"go-template={{.metadata.name}}{{range .status.conditions}} {{.reason}}{{end}}{{"\n"}}"#;

/// Watches that go on until this is dropped.
pub(super) struct Reports {
    kubectl: Vec<Child>,
    lines: Lines,
}

type Lines = Arc<Mutex<Vec<(Instant, String)>>>;

impl Reports {
    pub(super) fn new(bed: &Bed) -> Self {
        let lines: Lines = Arc::default();
        let watched = [("events", EVENT), ("deployments", DEPLOYMENT)];
        let kubectl = watched.map(|(kind, template)| {
            let before = known(&lines);
            let kubectl = watch(bed, kind, template, &lines);
            // What there is already comes first, so nothing is missed from then on.
            eventually("the first report", || (known(&lines) > before).then_some(()));
            kubectl
        });
        Self {
            kubectl: kubectl.into(),
            lines,
        }
    }

    /// When something whose name is this word, or begins with it and a hyphen, was reported with these words for the n-th time.
    pub(super) fn about(&self, name: &str, words: &str, times: usize) -> Instant {
        let prefix = format!("{name}-");
        let is_about = |line: &str| {
            let subject = line.split(' ').next().unwrap_or_default();
            (subject == name || subject.starts_with(&prefix)) && line.contains(words)
        };
        eventually(&format!("a report about {name}"), || {
            let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            let mut found = lines.iter().filter(|(_, line)| is_about(line));
            found.nth(times - 1).map(|(at, _)| *at)
        })
    }
}

impl Drop for Reports {
    fn drop(&mut self) {
        for kubectl in &mut self.kubectl {
            // Ended already when the cluster has.
            drop(kubectl.kill());
            drop(kubectl.wait());
        }
    }
}

fn known(lines: &Lines) -> usize {
    lines.lock().unwrap_or_else(PoisonError::into_inner).len()
}

fn watch(bed: &Bed, kind: &str, template: &str, lines: &Lines) -> Child {
    let context = format!("--context=k3d-{}", bed.cluster());
    let words = [
        &context,
        "get",
        kind,
        "--all-namespaces",
        "--watch",
        "-o",
        template,
    ];
    let mut command = bed.command("kubectl", &words);
    let mut kubectl = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("kubectl starts");
    let output = BufReader::new(kubectl.stdout.take().expect("its output is read"));
    let lines = Arc::clone(lines);
    drop(thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.push((Instant::now(), line));
        }
    }));
    kubectl
}
