//! Steps in words.

use std::time::Duration;

use platform::event::{Outcome, Step, StepKind};

use super::steps::{Doing, Ending};
use crate::ui::{amount, plain_line};

/// What a step has come to: `network k3d-demo created`, `node k3d-demo-server-0 is ready`.
pub(super) fn ended(step: &Step, ending: &Ending) -> String {
    let name = plain_line(&step.to_string());
    match ending {
        Ending::Done(outcome) => done(step, &name, *outcome),
        Ending::Failed(reason) => {
            let reason = plain_line(reason);
            // Some reasons are whole sentences, which begin with the step themselves.
            if reason.starts_with(&name) {
                reason
            } else {
                format!("{name} failed: {reason}")
            }
        }
        Ending::Cancelled => format!("{name} given up"),
    }
}

fn done(step: &Step, name: &str, outcome: Outcome) -> String {
    let subject = plain_line(&step.subject);
    match (step.kind, outcome) {
        (StepKind::NodeReady, Outcome::Verified) => format!("node {subject} is ready"),
        (StepKind::Api | StepKind::RegistryFromHost | StepKind::RegistryFromNode, Outcome::Verified) => {
            match step.kind {
                StepKind::RegistryFromHost => format!("registry at {subject} answers this machine"),
                StepKind::RegistryFromNode => format!("registry at {subject} answers inside the node"),
                _ => format!("{name} answers"),
            }
        }
        (StepKind::Dns, Outcome::Verified) => format!("{name} serves"),
        (StepKind::ServiceAccount | StepKind::Image, Outcome::Verified)
        | (StepKind::Image, Outcome::Unchanged) => format!("{name} is there"),
        (StepKind::Kubeconfig, Outcome::Repaired) => format!("{name} updated"),
        (StepKind::Kubeconfig, Outcome::Removed) => format!("{name} cleared of its entries"),
        (StepKind::Lock, Outcome::Removed) => format!("{name} let go"),
        (StepKind::Lock, _) => format!("{name} taken"),
        (StepKind::Build, Outcome::Built) => format!("image of {subject} built"),
        (StepKind::Build, Outcome::Unchanged) => format!("image of {subject} is as it was"),
        (StepKind::Push, Outcome::Pushed) => format!("image of {subject} pushed"),
        (StepKind::Apply, Outcome::Configured) => format!("{name} applied"),
        (StepKind::Rollout, Outcome::Verified) => format!("{subject} runs as it should"),
        (StepKind::Remove, Outcome::Removed) => format!("{subject} removed"),
        (_, outcome) => format!("{name} {}", word(outcome)),
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Created => "created",
        Outcome::Started => "started",
        Outcome::Stopped => "stopped",
        Outcome::Removed => "removed",
        Outcome::Repaired => "repaired",
        Outcome::Configured => "configured",
        Outcome::Built => "built",
        Outcome::Pushed => "pushed",
        Outcome::Restarted => "restarted",
        Outcome::Pulled => "pulled",
        Outcome::Verified => "verified",
        Outcome::Unchanged => "unchanged",
    }
}

/// What a step is about, and what it is doing: `node k3d-demo-server-0 ready: the network plugin is not ready`.
pub(super) fn doing(step: &Step, doing: &Doing) -> String {
    of(&plain_line(&step.to_string()), doing)
}

/// As [`doing`], for where there is little room: what there is one of needs no name.
pub(super) fn doing_in_short(step: &Step, doing: &Doing) -> String {
    match step.kind {
        StepKind::Api => of("Kubernetes API", doing),
        StepKind::NodeReady => of(&format!("node {}", plain_line(&step.subject)), doing),
        StepKind::Dns => of("cluster DNS", doing),
        StepKind::ServiceAccount => of("ServiceAccount", doing),
        StepKind::RegistryHosting => of("ConfigMap", doing),
        StepKind::RegistryFromNode => of("registry inside the node", doing),
        StepKind::Kubeconfig => of("kubeconfig", doing),
        _ => self::doing(step, doing),
    }
}

fn of(name: &str, doing: &Doing) -> String {
    match doing {
        Doing::Working => name.to_owned(),
        Doing::Waiting(reason) => format!("{name}: {}", plain_line(reason)),
        Doing::Moving { done, total: None } => format!("{name}: {}", amount::bytes(*done)),
        Doing::Moving {
            done,
            total: Some(total),
        } => format!("{name}: {} of {}", amount::bytes(*done), amount::bytes(*total)),
    }
}

/// Seconds with one decimal, minutes from the second one on: `0.4 s`, `95.0 s`, `2m05s`.
pub(super) fn time(span: Duration) -> String {
    let seconds = span.as_secs();
    if seconds >= 120 {
        return format!("{}m{:02}s", seconds / 60, seconds % 60);
    }
    let tenths = (span.as_millis() + 50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(StepKind::Network, Outcome::Created => "network x created"; "what was made")]
    #[test_case(StepKind::NodeReady, Outcome::Verified => "node x is ready"; "a node that is ready")]
    #[test_case(StepKind::Api, Outcome::Verified => "Kubernetes API at x answers"; "an api that answers")]
    #[test_case(StepKind::Dns, Outcome::Verified => "cluster DNS x serves"; "a name server that serves")]
    #[test_case(StepKind::RegistryFromNode, Outcome::Verified => "registry at x answers inside the node"; "a registry asked from inside")]
    #[test_case(StepKind::Image, Outcome::Unchanged => "image x is there"; "an image that was there")]
    #[test_case(StepKind::Image, Outcome::Pulled => "image x pulled"; "an image that was not")]
    fn outcome(kind: StepKind, outcome: Outcome) -> String {
        ended(&Step::new(kind, "x"), &Ending::Done(outcome))
    }

    #[test]
    fn what_an_engine_says_cannot_move_the_cursor() {
        let step = Step::new(StepKind::Node, "a\u{1b}[2J");
        let failed = Ending::Failed("no\u{1b}]0;title\u{7}\rroom".to_owned());
        assert_eq!(ended(&step, &failed), "node a failed: no\\u{d}room");
    }

    #[test_case(Duration::from_millis(449) => "0.4 s"; "less than half")]
    #[test_case(Duration::from_millis(11_998) => "12.0 s"; "almost the next")]
    #[test_case(Duration::from_secs(119) => "119.0 s"; "not quite two minutes")]
    #[test_case(Duration::from_secs(125) => "2m05s"; "minutes")]
    fn span(span: Duration) -> String {
        time(span)
    }
}
