//! What comes of each error: exit code, words, and what to do.

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use platform::{
    cluster::{Difference, Error as ClusterError, Holder, Maker, Name},
    docker,
    event::{Step, StepKind},
};

use super::*;

fn name() -> Name {
    Name::try_from("demo".to_owned()).unwrap()
}

/// What the engine says when something of a container is taken.
fn refused(cause: Cause, message: &str) -> docker::Error {
    docker::Error::Refused {
        operation: "start container demo-registry".to_owned(),
        cause,
        source: Box::new(docker::error::Answer {
            status: Some(500),
            message: message.to_owned(),
        }),
    }
}

fn port_taken() -> docker::Error {
    let cause = Cause::PortTaken {
        ip: None,
        port: Some(5000),
    };
    refused(cause, "port is already allocated")
}

fn name_taken() -> docker::Error {
    let name = Some("k3d-demo-server-0".to_owned());
    refused(Cause::NameTaken { name, by: None }, "the name is already in use")
}

fn step(kind: StepKind, cause: &str, source: Option<cluster::Source>) -> ClusterError {
    ClusterError::Step {
        step: Step::new(kind, "k3d-demo-server-0"),
        cause: cause.to_owned(),
        log: vec!["level=fatal msg=\"no\"".to_owned()],
        source,
    }
}

fn errors() -> Vec<ClusterError> {
    vec![
        ClusterError::Differs {
            name: name(),
            differences: vec![Difference {
                what: "agents".to_owned(),
                is: "0".to_owned(),
                wanted: "2".to_owned(),
            }],
        },
        ClusterError::Foreign {
            name: name(),
            maker: Maker::K3d(Some("v5.9.0".to_owned())),
        },
        ClusterError::Locked {
            name: name(),
            holder: Holder::default(),
        },
        ClusterError::LockFile {
            name: name(),
            path: PathBuf::from("/state"),
            source: io::ErrorKind::PermissionDenied.into(),
        },
        ClusterError::NotFound {
            name: name(),
            others: vec!["one".to_owned(), "two".to_owned()],
        },
        ClusterError::NotFound {
            name: name(),
            others: Vec::new(),
        },
        ClusterError::Incomplete { name: name() },
        ClusterError::Taken {
            name: name(),
            what: "container demo-registry".to_owned(),
            owner: "cluster other".to_owned(),
        },
        ClusterError::NoNetwork {
            name: name(),
            network: "office".to_owned(),
        },
        step(
            StepKind::Registry,
            "port 5000 is taken by container x",
            Some(Box::new(port_taken())),
        ),
        step(
            StepKind::Node,
            "port 5000 is taken by container x",
            Some(Box::new(port_taken())),
        ),
        step(StepKind::Node, "the name is taken", Some(Box::new(name_taken()))),
        step(
            StepKind::Node,
            "its container has ended with exit code 1: no",
            None,
        ),
        ClusterError::Timeout {
            step: Step::new(StepKind::Dns, "coredns"),
            limit: Duration::from_mins(1),
            waiting_for: Some("0 of 1 replicas are ready".to_owned()),
            log: vec!["last words".to_owned()],
        },
        ClusterError::Cancelled,
    ]
}

#[test]
fn every_error_has_its_exit_code_and_says_what_to_do() {
    let mut text = String::new();
    for error in errors() {
        let error = Error::from(error);
        let _ = writeln!(text, "{} {error}", error.exit().code());
        for excerpt in error.excerpts() {
            let _ = writeln!(text, "  {}: {:?}", excerpt.title, excerpt.lines);
        }
        for hint in error.hints() {
            let _ = writeln!(text, "  hint: {hint}");
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn programs_get_the_differences_as_values() {
    let error = Error::from(errors().remove(0)).to_json();
    assert_eq!(
        error["differences"],
        json!([{ "what": "agents", "is": "0", "wanted": "2" }])
    );
}
