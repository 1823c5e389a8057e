//! Operations as the platform reported them, for the tests of all renderings.

use std::time::Duration;

use platform::event::{Event, Outcome, Step, StepKind, StepState};

/// An event, and when it came.
pub(super) type Recorded = (Duration, Event);

fn at(ms: u64, kind: StepKind, subject: &str, state: StepState) -> Recorded {
    let step = Step::new(kind, subject);
    (Duration::from_millis(ms), Event::Step { step, state })
}

fn running(ms: u64, kind: StepKind, subject: &str) -> Recorded {
    at(ms, kind, subject, StepState::Running { limit_ms: 60_000 })
}

fn waiting(ms: u64, kind: StepKind, subject: &str, reason: &str) -> Recorded {
    let reason = reason.to_owned();
    at(ms, kind, subject, StepState::Waiting { reason })
}

fn moved(ms: u64, kind: StepKind, subject: &str, done_bytes: u64, total_bytes: Option<u64>) -> Recorded {
    let state = StepState::Progress {
        done_bytes,
        total_bytes,
    };
    at(ms, kind, subject, state)
}

fn done(ms: u64, kind: StepKind, subject: &str, outcome: Outcome, after_ms: u64) -> Recorded {
    at(ms, kind, subject, StepState::Done { outcome, after_ms })
}

const NODE: &str = "k3d-demo-server-0";
const IMAGE: &str = "rancher/k3s:v1.34.4-k3s1";
const REGISTRY: &str = "demo-registry";

/// A cluster is made, the node image is pulled, everything goes well.
pub(super) fn creation() -> Vec<Recorded> {
    use StepKind as K;
    const MIB: u64 = 1024 * 1024;
    vec![
        running(2, K::Network, "k3d-demo"),
        running(2, K::Image, IMAGE),
        running(3, K::Volume, "k3d-demo-images"),
        done(20, K::Volume, "k3d-demo-images", Outcome::Created, 17),
        done(180, K::Network, "k3d-demo", Outcome::Created, 178),
        running(181, K::Registry, REGISTRY),
        moved(900, K::Image, IMAGE, 12 * MIB, None),
        done(950, K::Registry, REGISTRY, Outcome::Created, 769),
        moved(2_000, K::Image, IMAGE, 24 * MIB, Some(180 * MIB)),
        moved(7_400, K::Image, IMAGE, 100 * MIB, Some(180 * MIB)),
        done(12_000, K::Image, IMAGE, Outcome::Pulled, 11_998),
        running(12_001, K::Node, NODE),
        done(12_600, K::Node, NODE, Outcome::Created, 599),
        running(12_601, K::Api, "https://127.0.0.1:6550"),
        waiting(12_700, K::Api, "https://127.0.0.1:6550", "connection refused"),
        done(16_100, K::Api, "https://127.0.0.1:6550", Outcome::Verified, 3_499),
        running(16_101, K::NodeReady, NODE),
        running(16_101, K::Dns, "kube-system/coredns"),
        running(16_102, K::RegistryFromHost, "localhost:5000"),
        done(
            16_110,
            K::RegistryFromHost,
            "localhost:5000",
            Outcome::Verified,
            8,
        ),
        waiting(
            16_300,
            K::NodeReady,
            NODE,
            "container runtime network not ready: cni plugin not initialized",
        ),
        waiting(16_300, K::Dns, "kube-system/coredns", "0 of 1 replicas are ready"),
        done(18_000, K::NodeReady, NODE, Outcome::Verified, 1_899),
        done(22_500, K::Dns, "kube-system/coredns", Outcome::Verified, 6_399),
        running(22_501, K::Kubeconfig, "/home/ada/.kube/config"),
        done(
            22_510,
            K::Kubeconfig,
            "/home/ada/.kube/config",
            Outcome::Repaired,
            9,
        ),
    ]
}

/// The node ends during its start; what runs beside it is given up and what was made is removed.
pub(super) fn failure() -> Vec<Recorded> {
    use StepKind as K;
    vec![
        running(1, K::Network, "k3d-demo"),
        done(120, K::Network, "k3d-demo", Outcome::Created, 119),
        running(121, K::Node, NODE),
        running(121, K::Registry, REGISTRY),
        at(
            3_100,
            K::Node,
            NODE,
            StepState::Failed {
                reason: "the container ended with exit code 1: \u{1b}[31mfatal\u{1b}[0m".to_owned(),
                after_ms: 2_979,
            },
        ),
        at(3_101, K::Registry, REGISTRY, StepState::Cancelled),
        running(3_102, K::Network, "k3d-demo"),
        done(3_300, K::Network, "k3d-demo", Outcome::Removed, 198),
    ]
}
