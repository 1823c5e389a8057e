//! What is wrong with this machine, its engine and its cluster, and what repairs it.
//!
//! A check is one file: `examine` gathers facts, `judge` turns them into findings without looking at anything else. All
//! checks run side by side; what several of them need is asked once (`scene`).

mod api_version;
mod cgroups;
mod clock;
mod cluster;
mod disk;
mod engine;
mod engine_proxy;
mod finding;
mod image;
mod inotify;
mod kernel_modules;
mod kmsg;
mod kubeconfig;
mod machine;
mod memory;
mod names;
mod node_dns;
mod open_files;
mod pod_dns;
mod ports;
mod privileged;
mod proxy;
mod quantity;
mod registry;
mod registry_hosting;
mod restarts;
mod rootless;
mod scene;
mod version;

use std::future::ready;
use std::pin::Pin;
use std::time::Duration;

use futures_util::future::join_all;

use crate::cluster::Spec;
use crate::kubeconfig::Location;
pub use finding::{Finding, Verdict};
use scene::Scene;

/// After this a check is given up; all of them run side by side, so it bounds the whole as well.
const LIMIT: Duration = Duration::from_millis(2800);

/// What is to be looked at.
#[derive(Clone, Debug)]
pub struct Question {
    /// The version of the program that asks.
    pub version: String,
    /// `--docker-host`.
    pub docker_host: Option<String>,
    /// Where the kubeconfig is.
    pub kubeconfig: Location,
    /// The cluster as it should be.
    pub spec: Spec,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examination {
    /// In a fixed order, from the engine to the cluster.
    pub findings: Vec<Finding>,
    /// Whether an engine answered.
    pub engine_answers: bool,
}

type Check<'a> = (&'static str, Pin<Box<dyn Future<Output = Vec<Finding>> + 'a>>);

/// Looks at everything, in about as long as the slowest check takes and never much more than 3 s.
pub async fn examine(question: &Question) -> Examination {
    let scene = Scene::new(question);
    let findings = join_all(checks(&scene).into_iter().map(limited)).await.concat();
    Examination {
        findings,
        engine_answers: scene.engine_answered(),
    }
}

/// In the order in which they are shown.
fn checks<'a>(scene: &'a Scene<'_>) -> Vec<Check<'a>> {
    vec![
        (version::CHECK, Box::pin(ready(version::examine(scene)))),
        (engine::CHECK, Box::pin(engine::examine(scene))),
        (api_version::CHECK, Box::pin(api_version::examine(scene))),
        (rootless::CHECK, Box::pin(rootless::examine(scene))),
        (privileged::CHECK, Box::pin(privileged::examine(scene))),
        (cgroups::CHECK, Box::pin(cgroups::examine(scene))),
        (kmsg::CHECK, Box::pin(kmsg::examine(scene))),
        (kernel_modules::CHECK, Box::pin(kernel_modules::examine(scene))),
        (inotify::CHECK, Box::pin(inotify::examine(scene))),
        (open_files::CHECK, Box::pin(open_files::examine(scene))),
        (disk::CHECK, Box::pin(disk::examine(scene))),
        (memory::CHECK, Box::pin(memory::examine(scene))),
        (clock::CHECK, Box::pin(clock::examine(scene))),
        (proxy::CHECK, Box::pin(ready(proxy::examine(scene)))),
        (engine_proxy::CHECK, Box::pin(engine_proxy::examine(scene))),
        (image::CHECK, Box::pin(image::examine(scene))),
        (ports::CHECK, Box::pin(ports::examine(scene))),
        (kubeconfig::CHECK, Box::pin(kubeconfig::examine(scene))),
        (cluster::CHECK, Box::pin(cluster::examine(scene))),
        (restarts::CHECK, Box::pin(restarts::examine(scene))),
        (registry::CHECK, Box::pin(registry::examine(scene))),
        (
            registry_hosting::CHECK,
            Box::pin(registry_hosting::examine(scene)),
        ),
        (node_dns::CHECK, Box::pin(node_dns::examine(scene))),
        (pod_dns::CHECK, Box::pin(pod_dns::examine(scene))),
    ]
}

async fn limited((check, examine): Check<'_>) -> Vec<Finding> {
    tokio::time::timeout(LIMIT, examine).await.unwrap_or_else(|_| {
        let seconds = LIMIT.as_secs_f32();
        let fix = "try again; if it stays so, look at the load of the engine's machine";
        vec![Finding::warning(
            check,
            format!("no answer within {seconds} s"),
            fix,
        )]
    })
}

/// Runs what may block, such as a look at a file system that hangs, beside everything else.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}
