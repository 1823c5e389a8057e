//! How a cluster is: its containers, nodes, registry, profile, components and addresses.
//!
//! Every source is asked side by side and has a limit of its own; what cannot be told is [`Known::Unknown`], with the reason, and
//! keeps nothing else from being told.

mod autoscaler;
mod components;
pub(crate) mod condition;
pub(crate) mod connection;
mod containers;
mod deployed;
mod health;
mod profile;
mod registry;
mod urls;

use std::time::Duration;

use serde::Serialize;

use crate::cluster::{self, Found, Maker, Name};
use crate::docker::{self, Engine};
use crate::kubeconfig::Location;
use crate::kubernetes::NodeSummary;
use crate::streams::Difference;
pub use autoscaler::{Autoscaler, Metric};
pub use components::Component;
pub use condition::Condition;
use condition::Shape;
pub use containers::Node;
pub use deployed::Deployed;
pub use profile::Profile;
pub use registry::Registry;
pub use urls::{Target, Url};

/// How long the API server may take for one question.
const KUBERNETES_LIMIT: Duration = Duration::from_secs(2);

/// What is to be looked at.
#[derive(Clone, Debug)]
pub struct Question {
    /// The cluster.
    pub name: Name,
    /// Where its context should be.
    pub kubeconfig: Location,
    /// The name of the project, if there is one.
    pub project: Option<String>,
    /// Its components that a deployment of everything brings.
    pub components: Vec<String>,
}

/// How a cluster is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The cluster's name.
    pub name: Name,
    /// Whether nothing is wrong.
    pub healthy: bool,
    /// What is wrong, one sentence each.
    pub problems: Vec<String>,
    /// What to do about it: one sentence.
    pub next: Option<String>,
    /// What condition its containers are in.
    pub condition: Condition,
    /// Who made it; `None` when it is absent.
    pub made_by: Option<Maker>,
    /// Since when it runs, or is stopped, in RFC 3339.
    pub since: Option<String>,
    /// Its nodes, servers first.
    pub nodes: Vec<Node>,
    /// Its registries.
    pub registries: Vec<Registry>,
    /// How `kubectl` reaches it.
    pub profile: Known<Profile>,
    /// What runs in it.
    pub components: Known<Vec<Component>>,
    /// What of the project was deployed to it, by component.
    pub deployed: Vec<Deployed>,
    /// The components of the project that were never deployed to it, or were removed.
    pub undeployed: Vec<String>,
    /// What scales workloads.
    pub autoscalers: Vec<Autoscaler>,
    /// The streams and consumers of the project, compared with their definitions; `None` where its NATS server is not deployed.
    pub streams: Option<Known<Vec<Difference>>>,
    /// Its addresses on this machine.
    pub urls: Vec<Url>,
}

/// Something, or why it is not known. As JSON: the value, or `{"unknown":"<why>"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Known<T> {
    /// It is known.
    Known(T),
    /// It is not.
    Unknown {
        /// Why not, in a few words.
        unknown: String,
    },
}

impl<T> Known<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Known::Known(value) => Some(value),
            Known::Unknown { .. } => None,
        }
    }
}

impl<T> From<Result<T, String>> for Known<T> {
    fn from(result: Result<T, String>) -> Self {
        match result {
            Ok(value) => Known::Known(value),
            Err(unknown) => Known::Unknown { unknown },
        }
    }
}

/// Looks at a cluster.
///
/// # Errors
/// When the engine does not list its containers.
pub async fn look(engine: &Engine, question: &Question) -> Result<Status, docker::Error> {
    let found = cluster::find(engine, &question.name).await?;
    let absent = || Found {
        name: question.name.to_string(),
        ..Found::default()
    };
    let found = found.unwrap_or_else(absent);
    let shape = Shape::of(&found);
    let (inspected, kubernetes, registries, profile, urls) = tokio::join!(
        containers::inspect(engine, &found),
        ask_kubernetes(engine, &found, question),
        registry::look(&found),
        profile::look(question),
        urls::look(&found),
    );
    let Answers {
        nodes,
        components,
        deployed,
        undeployed,
        autoscalers,
    } = kubernetes;
    let since = inspected.since();
    let mut status = Status {
        name: question.name.clone(),
        healthy: true,
        problems: Vec::new(),
        next: None,
        condition: shape.condition(),
        made_by: (!matches!(shape.condition(), Condition::Absent)).then(|| found.made_by()),
        since,
        nodes: containers::nodes(&found, &inspected, nodes),
        registries,
        profile: profile.into(),
        components: components.into(),
        deployed,
        undeployed,
        autoscalers,
        streams: None,
        urls,
    };
    health::judge(&mut status, &shape);
    Ok(status)
}

/// What Kubernetes says.
struct Answers {
    nodes: Result<Vec<NodeSummary>, String>,
    components: Result<Vec<Component>, String>,
    deployed: Vec<Deployed>,
    undeployed: Vec<String>,
    autoscalers: Vec<Autoscaler>,
}

impl Answers {
    fn none(why: String) -> Self {
        Self {
            nodes: Err(why.clone()),
            components: Err(why),
            deployed: Vec::new(),
            undeployed: Vec::new(),
            autoscalers: Vec::new(),
        }
    }
}

async fn ask_kubernetes(engine: &Engine, found: &Found, question: &Question) -> Answers {
    let ask = async {
        let cluster = match connection::connect(engine, found).await {
            Ok(cluster) => cluster,
            Err(why) => return Answers::none(why),
        };
        let inventories = async {
            match &question.project {
                Some(project) => deployed::inventories(&cluster, project).await,
                None => Ok(Vec::new()),
            }
        };
        let (nodes, workloads, inventories, autoscalers) = tokio::join!(
            cluster.nodes(),
            cluster.workloads(true),
            inventories,
            autoscaler::list(&cluster)
        );
        let why = |error| crate::causes::chain(&error);
        // Whoever may not read those learns the rest all the same.
        let undeployed = inventories.as_deref().map_or_else(
            |_unknown| Vec::new(),
            |inventories| deployed::missing(&question.components, inventories),
        );
        let inventories = inventories.unwrap_or_default();
        let of_all = workloads.as_deref().unwrap_or_default();
        Answers {
            nodes: nodes.map_err(why),
            deployed: deployed::of(&inventories, of_all),
            undeployed,
            autoscalers: autoscalers.unwrap_or_default(),
            components: workloads
                .map(|workloads| components::of(workloads, question.project.as_deref(), &inventories))
                .map_err(why),
        }
    };
    let late = || {
        format!(
            "the API server does not answer within {} s",
            KUBERNETES_LIMIT.as_secs()
        )
    };
    let answer = tokio::time::timeout(KUBERNETES_LIMIT, ask).await;
    answer.unwrap_or_else(|_| Answers::none(late()))
}
