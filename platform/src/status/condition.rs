//! What condition a cluster is in, told from its containers alone.

use std::fmt;

use serde::Serialize;

use crate::cluster::{Found, State};

/// The containers of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Those that are there, by name.
    containers: Vec<(String, State)>,
    /// Those that should be there and are not.
    absent: Vec<String>,
}

/// What condition a cluster is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Everything it consists of runs.
    Running,
    /// Everything is there, and nothing runs.
    Stopped,
    /// Something is missing, was never started, ended by itself, or runs while the rest does not.
    HalfMade,
    /// There is nothing of it.
    Absent,
}

impl Shape {
    /// From the names of what is there and of what should be.
    #[cfg(test)]
    pub(crate) fn new(containers: Vec<(String, State)>, absent: Vec<String>) -> Self {
        Self { containers, absent }
    }

    /// Of a cluster that was looked up. What should be there is known of those that we made.
    pub(crate) fn of(found: &Found) -> Self {
        let containers: Vec<_> = found
            .containers()
            .map(|container| (container.name.clone(), container.state))
            .collect();
        let spec = found.spec();
        let wanted = spec.iter().flat_map(|spec| {
            let nodes = spec.nodes().map(|node| spec.name.node(node));
            let registry = spec.registry.iter().map(|registry| registry.name.clone());
            nodes.chain(registry).collect::<Vec<_>>()
        });
        let absent = wanted
            .filter(|name| !containers.iter().any(|(there, _)| there == name))
            .collect();
        Self { containers, absent }
    }

    /// The condition.
    pub(crate) fn condition(&self) -> Condition {
        let all = |wanted: State| self.containers.iter().all(|(_, state)| *state == wanted);
        if self.containers.is_empty() {
            Condition::Absent
        } else if !self.absent.is_empty() {
            Condition::HalfMade
        } else if all(State::Running) {
            Condition::Running
        } else if all(State::Exited) {
            Condition::Stopped
        } else {
            Condition::HalfMade
        }
    }

    /// What keeps it from running, one phrase each.
    pub(crate) fn missing(&self) -> Vec<String> {
        let absent = self.absent.iter().map(|name| format!("{name} is missing"));
        let idle = self
            .containers
            .iter()
            .filter(|(_, state)| *state != State::Running);
        absent
            .chain(idle.map(|(name, state)| format!("{name} is {}", phrase(*state))))
            .collect()
    }
}

fn phrase(state: State) -> &'static str {
    match state {
        State::Created => "not started yet",
        State::Running => "running",
        State::Paused => "paused",
        State::Restarting => "restarting again and again",
        State::Exited => "stopped",
        State::Dead => "being removed",
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Condition::Running => "running",
            Condition::Stopped => "stopped",
            Condition::HalfMade => "half there",
            Condition::Absent => "absent",
        })
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(&[], &[] => Condition::Absent; "nothing")]
    #[test_case(&[State::Running], &[] => Condition::Running; "all run")]
    #[test_case(&[State::Exited, State::Exited], &[] => Condition::Stopped; "none runs")]
    #[test_case(&[State::Running, State::Exited], &[] => Condition::HalfMade; "some run")]
    #[test_case(&[State::Running], &["registry"] => Condition::HalfMade; "one is missing")]
    #[test_case(&[State::Exited], &["registry"] => Condition::HalfMade; "stopped and one is missing")]
    #[test_case(&[State::Created], &[] => Condition::HalfMade; "never started")]
    #[test_case(&[State::Running, State::Restarting], &[] => Condition::HalfMade; "one ends again and again")]
    fn containers(states: &[State], absent: &[&str]) -> Condition {
        let containers = states.iter().map(|state| (String::new(), *state)).collect();
        Shape::new(containers, absent.iter().map(|name| (*name).to_owned()).collect()).condition()
    }

    #[test]
    fn what_is_missing_is_named() {
        let containers = vec![
            ("server".to_owned(), State::Running),
            ("agent".to_owned(), State::Created),
        ];
        let shape = Shape::new(containers, vec!["registry".to_owned()]);
        assert_eq!(
            shape.missing(),
            ["registry is missing", "agent is not started yet"]
        );
    }
}
