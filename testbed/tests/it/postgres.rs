//! PostgreSQL as a child.

use std::process::Command;

use testbed::postgres::{Cluster, find};

use crate::is_alive;

#[test]
fn a_cluster_makes_databases_and_ends_with_its_handle() {
    let binaries = match find() {
        Ok(binaries) => binaries,
        Err(error) if std::env::var_os("CI").is_none() => {
            println!("SKIPPED: {error}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let cluster = Cluster::start().unwrap();
    let (first, second) = (
        cluster.create_database().unwrap(),
        cluster.create_database().unwrap(),
    );
    assert_ne!(first, second);
    for url in [first, second] {
        let output = Command::new(binaries.join("psql"))
            .args([&url, "-Atc", "select 6 * 7"])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "42\n", "{output:?}");
    }
    let pid = cluster.pid();
    drop(cluster);
    assert!(!is_alive(pid));
}
