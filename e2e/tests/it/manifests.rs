//! This repository's manifests, judged by an API server: every object of every combination of overlays.

use std::collections::BTreeSet;
use std::path::Path;

use e2e::{Bed, eventually, go_module};
use platform::download::Cache;
use platform::manifest::{self, Object};
use platform::project::Project;
use serde_json::json;

use crate::cluster::create;

/// The overlays of a profile; each also with both classes of gateways.
const OVERLAYS: [&[&str]; 5] = [&[], &["ha"], &["prod"], &["ha", "keda"], &["prod", "keda"]];
pub(crate) const GATEWAY_API: &str = "sigs.k8s.io/gateway-api@v1.5.1";
const KEDA: &str = "github.com/kedacore/keda/v2@v2.21.0";
/// Their definitions are in no package registry: without their own address they are not judged.
const OF_NACK: &str = "jetstream.nats.io";

fn whole_project() -> Project {
    Project::load(&e2e::repository().join("ratectl.yaml")).expect("the project file is right")
}

/// The project without charts, and without downloads that cannot be had here.
async fn project(cache: &Cache) -> Project {
    let mut project = whole_project();
    for deployment in project
        .components
        .iter_mut()
        .filter_map(|it| it.deployment.as_mut())
    {
        deployment.charts.clear();
        let mut had = Vec::new();
        for download in deployment.downloads.drain(..) {
            if cache.get(&download.url, &download.sha256).await.is_ok() {
                had.push(download);
            }
        }
        deployment.downloads = had;
    }
    project
}

/// Puts the files of a folder where downloads are kept, under the checksums that the project has for files of these names.
pub(crate) fn keep(folder: &Path, cache: &Cache, project: &Project) -> usize {
    std::fs::create_dir_all(&cache.folder).expect("the home takes folders");
    let deployments = project.components.iter().filter_map(|it| it.deployment.as_ref());
    let mut kept = 0;
    for download in deployments.flat_map(|deployment| &deployment.downloads) {
        let name = download.url.rsplit('/').next().unwrap_or_default();
        if folder.join(name).is_file() {
            std::fs::copy(folder.join(name), cache.place(&download.sha256)).expect("the folder takes files");
            kept += 1;
        }
    }
    kept
}

/// Every object that some combination of overlays makes, each once.
async fn objects(project: &Project, cache: &Cache) -> Vec<Object> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for deployment in project.components.iter().filter_map(|it| it.deployment.as_ref()) {
        for (overlays, class) in OVERLAYS.iter().flat_map(|it| [(it, "traefik"), (it, "kgateway")]) {
            let overlays: Vec<String> = overlays.iter().chain([&class]).map(|&it| it.to_owned()).collect();
            let objects = manifest::load(deployment, &overlays, cache).await;
            let objects = objects.expect("the manifests are right");
            all.extend(
                objects
                    .into_iter()
                    .filter(|object| seen.insert(object.value().to_string())),
            );
        }
    }
    all
}

fn write<'a>(bed: &Bed, name: &str, objects: impl Iterator<Item = &'a Object>) -> String {
    let items: Vec<_> = objects.map(Object::value).collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    bed.write(name, &list.to_string()).display().to_string()
}

#[test]
fn an_api_server_takes_every_object_of_every_overlay() {
    let bed = Bed::new("manifests");
    create(&bed);
    let cache = Cache {
        folder: bed.home().join("downloads"),
        offline: false,
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let whole = whole_project();
    let standard = go_module(GATEWAY_API).join("config/crd/standard");
    assert_eq!(keep(&standard, &cache, &whole), 7);
    let project = runtime.block_on(project(&cache));
    let objects = runtime.block_on(objects(&project, &cache));

    let is_definition = |object: &&Object| object.kind() == "CustomResourceDefinition";
    let definitions = write(&bed, "definitions.json", objects.iter().filter(is_definition));
    let keda = go_module(KEDA).join("config/crd/bases/keda.sh_scaledobjects.yaml");
    let namespaces = objects.iter().filter(|object| object.kind() == "Namespace");
    let namespaces = write(&bed, "namespaces.json", namespaces);
    for file in [&definitions, &keda.display().to_string(), &namespaces] {
        bed.kubectl(&["apply", "--server-side", "--force-conflicts", "-f", file])
            .succeeded();
    }
    bed.kubectl(&[
        "wait",
        "crd",
        "--all",
        "--for=condition=Established",
        "--timeout=60s",
    ])
    .succeeded();

    let has_nack = objects
        .iter()
        .any(|object| is_definition(&object) && object.name().ends_with(OF_NACK));
    if !has_nack {
        println!("skipped: objects of {OF_NACK}, whose definitions cannot be had here");
    }
    let judged: Vec<&Object> = objects
        .iter()
        .filter(|object| !is_definition(object) && (has_nack || object.group() != OF_NACK))
        .collect();
    assert!(judged.len() > 60, "{}", judged.len());
    let file = write(&bed, "objects.json", judged.iter().copied());
    let flags = [
        "--server-side",
        "--dry-run=server",
        "--validate=strict",
        "--force-conflicts",
    ];
    let arguments = [&["apply"], &flags[..], &["-f", &file]].concat();
    // A definition is served a moment after it is established.
    let run = eventually("every definition is served", || {
        let run = bed.kubectl(&arguments);
        (!run.stderr.contains("no matches for kind")).then_some(run)
    });
    let run = run.succeeded();
    assert!(!run.stderr.contains("PodSecurity"), "{run}");
}
