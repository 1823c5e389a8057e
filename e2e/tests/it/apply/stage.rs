//! One component of one project in a namespace of its own, on the cluster that the tests share.

use std::collections::BTreeMap;
use std::time::Duration;

use e2e::{Bed, Shared};
use kube::config::{KubeConfigOptions, Kubeconfig};
use platform::apply::{Applied, Applier, Difference, Error, Options, Removal, Removed, RolledBack, Verdict};
use platform::event;
use platform::kubernetes::Cluster;
use platform::manifest::{self, Object};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

const COMPONENT: &str = "web";

pub(super) struct Stage {
    pub(super) bed: Shared,
    /// The project's name too.
    pub(super) namespace: String,
    runtime: Runtime,
    cluster: Cluster,
}

impl Stage {
    pub(super) fn new(test: &str) -> Self {
        let bed = Bed::shared(test);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime starts");
        let context = format!("k3d-{}", bed.cluster());
        let options = KubeConfigOptions {
            context: Some(context.clone()),
            ..KubeConfigOptions::default()
        };
        let kubeconfig = Kubeconfig::read_from(bed.kubeconfig()).expect("ratectl wrote a kubeconfig");
        let cluster = runtime.block_on(async {
            let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await;
            let client = kube::Client::try_from(config.expect("the context is there"));
            Cluster::over(client.expect("the entry can be used"), context)
        });
        Self {
            bed,
            namespace: test.to_owned(),
            runtime,
            cluster,
        }
    }

    pub(super) fn options(&self) -> Options {
        Options::new(&self.namespace)
    }

    /// The inventory's name.
    pub(super) fn inventory(&self) -> String {
        format!("ratectl-{}-{COMPONENT}", self.namespace)
    }

    #[track_caller]
    pub(super) fn apply(&self, objects: Vec<Value>) -> Applied {
        self.apply_with(self.options(), objects)
            .expect("the cluster does what it is asked")
    }

    #[expect(clippy::result_large_err, reason = "handed on once a test")]
    pub(super) fn apply_with(&self, options: Options, objects: Vec<Value>) -> Result<Applied, Error> {
        let applier = Applier::new(&self.cluster, options);
        let (events, _reader) = event::channel();
        let cancel = CancellationToken::new();
        let objects = self.labelled(objects);
        self.runtime
            .block_on(applier.apply(COMPONENT, &self.namespace, objects, &events, &cancel))
    }

    /// Begins an apply and lets go of it, in the middle of whatever it does, as kill -9 would.
    pub(super) fn killed_after(&self, objects: Vec<Value>, moment: Duration) {
        let applier = Applier::new(&self.cluster, self.options());
        let objects = self.labelled(objects);
        let namespace = self.namespace.clone();
        let run = self.runtime.spawn(async move {
            let (events, _reader) = event::channel();
            let cancel = CancellationToken::new();
            applier
                .apply(COMPONENT, &namespace, objects, &events, &cancel)
                .await
        });
        self.runtime.block_on(async {
            tokio::time::sleep(moment).await;
            run.abort();
            // Its end, or that it was aborted; either is fine.
            drop(run.await);
        });
    }

    pub(super) fn differences(&self, objects: Vec<Value>) -> Vec<Difference> {
        let applier = Applier::new(&self.cluster, self.options());
        let cancel = CancellationToken::new();
        let objects = self.labelled(objects);
        let work = applier.differences(COMPONENT, &self.namespace, objects, &cancel);
        self.runtime
            .block_on(work)
            .expect("the cluster does what it is asked")
    }

    pub(super) fn settle(&self, applied: &Applied) {
        let fresh = Applier::new(&self.cluster, self.options());
        let work = fresh.settle(COMPONENT, &self.namespace, applied);
        self.runtime
            .block_on(work)
            .expect("the cluster does what it is asked");
    }

    #[track_caller]
    pub(super) fn prune(&self, removal: Removal) -> Removed {
        let applier = Applier::new(&self.cluster, self.options());
        let (events, _reader) = event::channel();
        let cancel = CancellationToken::new();
        let work = applier.prune(COMPONENT, &self.namespace, removal, &events, &cancel);
        self.runtime
            .block_on(work)
            .expect("the cluster does what it is asked")
    }

    #[track_caller]
    pub(super) fn undeploy(&self, removal: Removal) -> Removed {
        let applier = Applier::new(&self.cluster, self.options());
        let (events, _reader) = event::channel();
        let cancel = CancellationToken::new();
        let work = applier.undeploy(COMPONENT, &self.namespace, removal, &events, &cancel);
        self.runtime
            .block_on(work)
            .expect("the cluster does what it is asked")
    }

    #[track_caller]
    pub(super) fn rollback(&self, to: Option<u64>) -> RolledBack {
        let applier = Applier::new(&self.cluster, self.options());
        let (events, _reader) = event::channel();
        let cancel = CancellationToken::new();
        let work = applier.rollback(COMPONENT, &self.namespace, to, &events, &cancel);
        self.runtime
            .block_on(work)
            .expect("the cluster does what it is asked")
    }

    /// An object of the namespace.
    #[track_caller]
    pub(super) fn get(&self, kind: &str, name: &str) -> Value {
        let arguments = ["-n", &self.namespace, "get", kind, name, "-o", "json"];
        self.bed.kubectl(&arguments).succeeded().json()
    }

    /// Kind, name and version of everything that carries the project's label, each a line.
    pub(super) fn versions(&self) -> Vec<String> {
        // Controllers write into a Deployment's status; who has written what else, and when, is told by its managers.
        let written = ".metadata.managedFields[?(@.manager=='ratectl')].time";
        let columns = "custom-columns=KIND:.kind,NAME:.metadata.name,VERSION:.metadata.resourceVersion";
        let of_deployments = format!(
            "custom-columns=KIND:.kind,NAME:.metadata.name,GENERATION:.metadata.generation,WRITTEN:{written}"
        );
        let mut lines = self.labels(columns);
        lines.retain(|line| !line.starts_with("Deployment"));
        lines.extend(
            self.labels(&of_deployments)
                .into_iter()
                .filter(|line| line.starts_with("Deployment")),
        );
        lines
    }

    /// What carries the project's label and no inventory names, each a line.
    pub(super) fn not_in_the_inventory(&self) -> Vec<String> {
        let inventory = self.get("configmap", &self.inventory())["data"]["inventory"].to_string();
        let mut lines = self.labels("custom-columns=NAME:.metadata.name");
        lines.retain(|name| *name != self.inventory() && !inventory.contains(&format!("\\\"{name}\\\"")));
        lines
    }

    fn labels(&self, output: &str) -> Vec<String> {
        let kinds = "configmaps,secrets,services,deployments,jobs,roles,persistentvolumeclaims,customresourcedefinitions";
        let selector = format!("ratectl.dev/project={}", self.namespace);
        let arguments = [
            "-n",
            &self.namespace,
            "get",
            kinds,
            "-l",
            &selector,
            "-o",
            output,
            "--no-headers",
        ];
        let run = self.bed.kubectl(&arguments).succeeded();
        run.stdout.lines().map(|line| line.trim().to_owned()).collect()
    }

    fn labelled(&self, objects: Vec<Value>) -> Vec<Object> {
        let objects = objects
            .into_iter()
            .map(|value| Object::new(value).expect("an object"));
        let mut objects: Vec<Object> = objects.collect();
        manifest::labelled(&mut objects, &self.namespace, COMPONENT);
        objects
    }
}

/// Whether nothing of the project is left.
pub(super) fn labels_gone(stage: &Stage) -> bool {
    stage.versions().is_empty()
}

/// How many objects have come to each verdict.
pub(super) fn verdicts(applied: &Applied) -> Vec<(Verdict, usize)> {
    let mut counts: BTreeMap<String, (Verdict, usize)> = BTreeMap::new();
    for change in &applied.changes {
        let key = format!("{:?}", change.verdict);
        counts.entry(key).or_insert((change.verdict, 0)).1 += 1;
    }
    counts.into_values().collect()
}

pub(super) fn config_map(name: &str, value: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": value}})
}

/// A Deployment without pods; `app` is in its selector.
pub(super) fn deployment(name: &str, app: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"app": app}},
            "template": {
                "metadata": {"labels": {"app": app}},
                "spec": {"containers": [{"name": "a", "image": "rancher/mirrored-pause:3.6"}]},
            },
        },
    })
}

pub(super) fn job(name: &str, script: &str) -> Value {
    json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{
            "name": "a", "image": "rancher/mirrored-library-busybox:1.36.1", "command": ["sh", "-c", script],
        }]}}},
    })
}
