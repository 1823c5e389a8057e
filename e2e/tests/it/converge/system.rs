//! A small system with a little of everything: configuration, what runs for ever and what ends, and an image that is built.

use std::path::PathBuf;
use std::process::Command;

use e2e::{Bed, eventually};
use serde_json::{Value, json};

const BUSYBOX: &str = "docker.io/library/busybox:1.36.1";
/// The image's repository.
const IMAGE: &str = "converge-site";

/// One of several such systems on a bed, in a namespace of its own: nothing of it is there before its first deployment.
pub(super) struct System<'a> {
    bed: &'a Bed,
    name: String,
    folder: PathBuf,
}

impl<'a> System<'a> {
    pub(super) fn write(bed: &'a Bed, number: usize) -> Self {
        let name = format!("round-{number}");
        let write = |file: &str, value: Value| bed.write(&format!("{name}/{file}"), &value.to_string());
        let needs =
            |needs: &[&str], folder: &str| json!({"manifests": folder, "namespace": name, "needs": needs});
        let mut site = needs(&["base", "store"], "site");
        site["image"] = json!({"name": IMAGE, "build": "dockerfile", "context": "image"});
        let document = json!({
            "name": name,
            "cluster": {"name": bed.cluster(), "registry": {"port": bed.registry_port()}, "install": []},
            "components": {
                "ground": {"manifests": "ground"},
                "base": needs(&["ground"], "base"),
                "store": needs(&["ground"], "store"),
                "seed": needs(&["store"], "seed"),
                "site": site,
            },
        });
        let file = write("ratectl.yaml", document);
        write("ground/ground.yaml", list(ground(&name)));
        write(
            "base/base.yaml",
            list([deployment("base", BUSYBOX, 1), service("base")]),
        );
        write("store/store.yaml", list([store(), service("store")]));
        write("seed/seed.yaml", seed());
        write(
            "site/site.yaml",
            list([deployment("site", IMAGE, 2), service("site")]),
        );
        // Another image each time.
        bed.write(&format!("{name}/image/page"), &name);
        bed.write(
            &format!("{name}/image/Dockerfile"),
            &format!("FROM {BUSYBOX}\nCOPY page /page\n"),
        );
        let folder = file.parent().expect("it is in a folder").to_owned();
        Self { bed, name, folder }
    }

    /// The command that deploys all of it.
    pub(super) fn deploy(&self) -> Command {
        let mut command = self.bed.ratectl_command(&["deploy"]);
        command.current_dir(&self.folder);
        command
    }

    /// What is there of it, by kind and name; without what `ratectl` notes, which may tell of a try more.
    pub(super) fn objects(&self) -> Vec<String> {
        let kinds = "deployments,statefulsets,jobs,services,configmaps,secrets,serviceaccounts";
        let listed = self
            .bed
            .kubectl(&["get", kinds, "--namespace", &self.name, "-o", "name"]);
        let names = listed.succeeded().stdout;
        let ours = names.lines().filter(|name| !name.contains("/ratectl-"));
        ours.map(str::to_owned).collect()
    }

    /// Whether a request was about it.
    pub(super) fn is_named_in(&self, uri: &str) -> bool {
        let mut parts = uri.split(['/', '?']);
        parts.any(|part| part == self.name)
    }

    /// Its pods run, and none more than there should be.
    #[track_caller]
    pub(super) fn is_as_deployed(&self) {
        let listing = ["get", "pods", "--namespace", &self.name, "-o", "json"];
        eventually("four pods that run and one that is done", || {
            let pods = self.bed.kubectl(&listing).succeeded().json();
            let phases = pods["items"]
                .as_array()?
                .iter()
                .map(|pod| pod["status"]["phase"].as_str());
            let mut phases: Vec<_> = phases.map(Option::unwrap_or_default).collect();
            phases.sort_unstable();
            (phases == ["Running", "Running", "Running", "Running", "Succeeded"]).then_some(())
        });
    }
}

/// Takes the images away that the engine has built.
pub(super) fn remove_images(bed: &Bed) {
    let reference = format!("reference=localhost:{}/{IMAGE}", bed.registry_port());
    let listed = bed
        .docker(&["image", "ls", "--quiet", "--filter", &reference])
        .succeeded();
    let ids: Vec<&str> = listed.stdout.lines().collect();
    if !ids.is_empty() {
        bed.docker(&[&["image", "rm", "--force"], ids.as_slice()].concat())
            .succeeded();
    }
}

fn list(items: impl Into<Vec<Value>>) -> Value {
    json!({"apiVersion": "v1", "kind": "List", "items": items.into()})
}

fn ground(name: &str) -> [Value; 3] {
    let meta = |own: &str| json!({"name": own, "namespace": name});
    [
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("settings"), "data": {"word": name}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": meta("key"), "stringData": {"key": name}}),
    ]
}

fn template(name: &str, image: &str, script: &str) -> Value {
    let from = json!([{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": "key"}}]);
    json!({
        "metadata": {"labels": {"app": name}},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "containers": [{"name": "app", "image": image, "command": ["sh", "-c", script], "envFrom": from}],
        },
    })
}

fn deployment(name: &str, image: &str, replicas: u8) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": template(name, image, "exec sleep 3600"),
        },
    })
}

fn store() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "store"},
        "spec": {
            "serviceName": "store",
            "selector": {"matchLabels": {"app": "store"}},
            "template": template("store", BUSYBOX, "exec sleep 3600"),
        },
    })
}

fn seed() -> Value {
    let mut pod = template("seed", BUSYBOX, "true");
    pod["spec"]["restartPolicy"] = json!("Never");
    json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "seed"}, "spec": {"template": pod}})
}

fn service(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80}]},
    })
}
