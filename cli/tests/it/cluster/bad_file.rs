//! Files that cannot be used.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use super::table::{Case, SOCKET, answers};
use super::{scripted, somebody};
use crate::environment::Environment;

fn project(text: &'static str) -> impl Fn(&Environment, &mut std::process::Command) + Sync {
    move |environment, _| environment.write("ratectl.yaml", text)
}

fn k3d(text: &'static str) -> impl Fn(&Environment, &mut std::process::Command) + Sync {
    move |environment, _| environment.write("k3d.yaml", text)
}

#[test]
fn project_files() {
    insta::assert_snapshot!(answers(&[
        Case::new("a misspelt key", &["create-cluster"]).with(project("name: x\ncluster:\n  agent: 1\n")),
        Case::new("a word for a number", &["create-cluster"])
            .with(project("name: x\ncluster:\n  agents: two\n")),
        Case::new("a list for a mapping", &["create-cluster"]).with(project("name: x\ncluster: [1]\n")),
        Case::new("an even number of servers", &["create-cluster"])
            .with(project("name: x\ncluster:\n  servers: 4\n")),
        Case::new("a port mapping that is none", &["create-cluster"])
            .with(project("name: x\ncluster:\n  ports: ['8080']\n")),
        Case::new("a mirror of a registry that is not to be", &["create-cluster"]).with(project(
            "name: x\ncluster:\n  registry: false\n  mirrors:\n    quay.io: registry\n"
        )),
        Case::new("a name that cannot be one", &["stop-cluster"])
            .with(project("name: x\ncluster:\n  name: A B\n")),
        Case::new("not YAML", &["create-cluster"]).with(project("name: [\n")),
        Case::new(
            "a file that is not there",
            &["create-cluster", "--project", "other.yaml"]
        ),
        Case::new("a folder", &["create-cluster", "--project", "."]),
    ]));
}

#[test]
fn files_of_k3d() {
    let args = ["create-cluster", "--config", "k3d.yaml"];
    insta::assert_snapshot!(answers(&[
        Case::new("not there", &args),
        Case::new("a misspelt key", &args).with(k3d("apiVersion: k3d.io/v1alpha5\nkind: Simple\nagent: 1\n")),
        Case::new("another version", &args).with(k3d("apiVersion: k3d.io/v9\nkind: Simple\n")),
        Case::new("another kind", &args).with(k3d("apiVersion: v1\nkind: Pod\n")),
        Case::new("a node filter that is none", &args).with(k3d(
            "apiVersion: k3d.io/v1alpha5\nkind: Simple\nports:\n  - port: 8080:80\n    nodeFilters: [everything]\n"
        )),
        Case::new("empty", &args).with(k3d("")),
    ]));
}

#[test]
fn kubeconfigs() {
    let engine = scripted::empty();
    let host = engine.address();
    let args = [
        "-q",
        "delete-cluster",
        "demo",
        "--docker-host",
        &host,
        "--kubeconfig",
        "config",
    ];
    insta::with_settings!({filters => vec![(SOCKET, "[SOCKET]")]}, {
        insta::assert_snapshot!(answers(&[
            Case::new("not YAML", &args).with(|environment, _| environment.write("config", "clusters: [")),
            Case::new("a folder", &args)
                .with(|environment, _| fs::create_dir(environment.project().join("config")).unwrap()),
            Case::new("something else", &args).with(|environment, _| environment.write("config", "[1, 2]\n")),
        ]));
    });
}

#[test]
fn files_that_are_not_for_us() {
    if let Some(reason) = somebody::else_cannot_run() {
        eprintln!("skipped: {reason}");
        return;
    }
    let unreadable = |environment: &Environment, command: &mut std::process::Command| {
        environment.write("ratectl.yaml", "name: x\n");
        fs::set_permissions(
            environment.project().join("ratectl.yaml"),
            Permissions::from_mode(0o000),
        )
        .unwrap();
        somebody::becomes(environment, command);
    };
    insta::assert_snapshot!(answers(&[
        Case::new("unreadable", &["create-cluster"]).with(unreadable)
    ]));
}
