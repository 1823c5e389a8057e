//! Half-made and broken clusters: the next create makes them right. Clusters that differ are told, not touched.

use std::fs;
use std::net::TcpListener;

use e2e::{Bed, Run};
use test_case::test_case;

use crate::cluster::{self, create, create_with, inspect, state, verb};
use crate::listing;

/// Breaks a whole cluster, which is put right after each.
type Breakage = (&'static str, fn(&Bed));

const BREAKAGES: [Breakage; 12] = [
    ("the registry is stopped", |bed| {
        docker(bed, &["stop", "--time=1", &cluster::registry(bed)]);
    }),
    ("the registry is removed", |bed| {
        docker(bed, &["rm", "-f", &cluster::registry(bed)]);
    }),
    ("the registry is off the network", |bed| {
        docker(
            bed,
            &[
                "network",
                "disconnect",
                &cluster::network(bed),
                &cluster::registry(bed),
            ],
        );
    }),
    ("the registry is paused", |bed| {
        docker(bed, &["pause", &cluster::registry(bed)]);
    }),
    ("the server is killed", |bed| {
        docker(bed, &["kill", &bed.server(0)]);
    }),
    ("the server is removed", |bed| {
        docker(bed, &["rm", "-fv", &bed.server(0)]);
    }),
    ("the server is only created", only_created),
    ("the image volume is removed", |bed| {
        docker(bed, &["rm", "-fv", &bed.server(0)]);
        docker(bed, &["volume", "rm", &format!("k3d-{}-images", bed.cluster())]);
    }),
    ("the network is removed", |bed| {
        for container in [bed.server(0), cluster::registry(bed)] {
            docker(
                bed,
                &["network", "disconnect", "-f", &cluster::network(bed), &container],
            );
        }
        docker(bed, &["network", "rm", &cluster::network(bed)]);
    }),
    ("the kubeconfig entry is removed", |bed| {
        let delete = ["config", "delete-context", &cluster::network(bed)];
        bed.run(bed.command("kubectl", &delete)).succeeded();
    }),
    ("the kubeconfig is removed", |bed| {
        fs::remove_file(bed.kubeconfig()).expect("it is there");
    }),
    ("the ConfigMap of the registry is removed", |bed| {
        let delete = [
            "delete",
            "configmap",
            "local-registry-hosting",
            "-n",
            "kube-public",
        ];
        bed.kubectl(&delete).succeeded();
    }),
];

#[track_caller]
fn docker(bed: &Bed, args: &[&str]) {
    bed.docker(args).succeeded();
}

/// As a create that was killed between two calls leaves it: labels and all, but never started.
fn only_created(bed: &Bed) {
    let found = inspect(bed, "container", &bed.server(0));
    docker(bed, &["rm", "-fv", &bed.server(0)]);
    let labels = found["Config"]["Labels"].as_object().expect("a table").clone();
    let labels: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("--label={name}={}", value.as_str().unwrap_or_default()))
        .collect();
    let (name, network) = (
        format!("--name={}", bed.server(0)),
        format!("--network={}", cluster::network(bed)),
    );
    let image = found["Config"]["Image"].as_str().expect("a name").to_owned();
    let mut args = vec!["create", &name, &network];
    args.extend(labels.iter().map(String::as_str));
    args.push(&image);
    docker(bed, &args);
}

#[test]
fn whatever_is_missing_is_put_right_by_the_next_create() {
    let bed = Bed::new("half-made");
    create(&bed);
    let whole = listing::of(&bed, bed.cluster());
    let named = |listing: &listing::Listing| -> Vec<String> {
        let names = listing::names(listing).into_iter();
        names
            .filter(|name| name.contains(bed.cluster()))
            .map(str::to_owned)
            .collect()
    };
    for (what, breakage) in BREAKAGES {
        breakage(&bed);
        let run = create_with(&bed, &["-o", "json"]);
        assert_eq!(run.code, 0, "{what}\n{run}");
        // The ConfigMap is looked at only when something else is wrong as well: "nothing to do" asks little.
        if !what.contains("ConfigMap") {
            assert_ne!(run.json()["outcome"], "unchanged", "{what}\n{run}");
        }
        cluster::is_usable(&bed);
        assert_eq!(
            named(&listing::of(&bed, bed.cluster())),
            named(&whole),
            "{what}\n{run}"
        );
    }
    let made = listing::of(&bed, bed.cluster());
    verb(&bed, "delete-cluster", &["--all"]);
    assert_eq!(listing::left_of(&bed, &made), [""; 0]);
}

#[test]
fn differences_are_told_and_only_recreate_acts_on_them() {
    let bed = Bed::new("differences");
    create(&bed);
    let before = listing::of(&bed, bed.cluster());
    let port = free_port();
    let mapping = format!("{port}:30080");
    let told = create_with(&bed, &["--port", &mapping]).ended_with(9);
    assert!(
        told.stderr.contains("ports") && told.stderr.contains("--recreate"),
        "{told}"
    );
    assert!(told.stderr.contains(&port.to_string()), "{told}");
    assert_eq!(listing::of(&bed, bed.cluster()), before);

    let recreated = create_with(&bed, &["--port", &mapping, "--recreate", "-o", "json"]).succeeded();
    cluster::is_usable(&bed);
    let server = inspect(&bed, "container", &bed.server(0));
    let published = &server["NetworkSettings"]["Ports"]["30080/tcp"][0];
    assert_eq!(published["HostIp"], "127.0.0.1", "{recreated}");
    assert_eq!(published["HostPort"], port.to_string());
    let same = create_with(&bed, &["--port", &mapping, "-o", "json"]).succeeded();
    assert_eq!(same.json()["outcome"], "unchanged", "{same}");
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

/// Nothing is there that was not before: what a failed create made, it took back.
#[track_caller]
fn nothing_is_left(bed: &Bed, before: &listing::Listing, run: &Run) {
    assert_eq!(&listing::of(bed, bed.cluster()), before, "{run}");
    assert!(!bed.kubeconfig().exists(), "{run}");
}

#[test_case("--registry-port"; "of the registry")]
#[test_case("--api-port"; "of the api server")]
fn a_port_that_a_process_has_is_told_with_its_owner(flag: &str) {
    let bed = Bed::new("port-of-process");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port().to_string();
    let before = listing::of(&bed, bed.cluster());
    let run = bed.ratectl(&["create-cluster", bed.cluster(), flag, &port]);
    assert_ne!(run.code, 0, "{run}");
    let owner = format!("{}", std::process::id());
    assert!(run.stderr.contains(&port) && run.stderr.contains(&owner), "{run}");
    nothing_is_left(&bed, &before, &run);
}

#[test]
fn a_port_that_a_container_has_is_told_with_its_name() {
    let bed = Bed::new("port-of-container");
    let stranger = format!("{}-stranger", bed.cluster());
    let publish = format!("--publish=127.0.0.1:{}:5000", bed.registry_port());
    let label = format!("--label={}", bed.label());
    docker(
        &bed,
        &["run", "-d", &label, &publish, "--name", &stranger, "registry:3"],
    );
    let before = listing::of(&bed, bed.cluster());
    let run = create_with(&bed, &[]);
    assert_ne!(run.code, 0, "{run}");
    assert!(run.stderr.contains(&stranger), "{run}");
    nothing_is_left(&bed, &before, &run);
    assert_eq!(state(&bed, &stranger), "running");
}

#[test]
fn an_image_that_nobody_has_is_told_and_nothing_is_left() {
    let bed = Bed::new("image-missing");
    let image = "localhost:1/nobody/has-this:1";
    let before = listing::of(&bed, bed.cluster());
    let run = create_with(&bed, &["--image", image]);
    assert_ne!(run.code, 0, "{run}");
    assert!(run.stderr.contains(image), "{run}");
    nothing_is_left(&bed, &before, &run);
}

#[test]
fn a_name_that_another_container_has_is_told() {
    let bed = Bed::new("name-taken");
    let label = format!("--label={}", bed.label());
    docker(&bed, &["create", &label, "--name", &bed.server(0), "registry:3"]);
    let before = listing::of(&bed, bed.cluster());
    let run = create_with(&bed, &[]).ended_with(9);
    assert!(run.stderr.contains(&bed.server(0)), "{run}");
    nothing_is_left(&bed, &before, &run);
}
