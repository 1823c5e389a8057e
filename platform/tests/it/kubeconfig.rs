//! The kubeconfig under many hands at once, and under hands that are cut off: real processes, each this test program again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use platform::cluster::Name;
use platform::kubeconfig::{Entry, Location};
use serde_json::Value;

/// Tells the merging process which file, and which number it has.
const FILE: &str = "KUBECONFIG_TEST_FILE";
const NUMBER: &str = "KUBECONFIG_TEST_NUMBER";
const MERGES: u32 = 5;

fn name(text: String) -> Name {
    Name::try_from(text).unwrap()
}

fn entry(name: &Name) -> Entry {
    Entry {
        name: name.context(),
        user: name.user(),
        server: format!("https://{name}"),
        certificate_authority_data: "A".repeat(2000),
        client_certificate_data: "B".repeat(2000),
        client_key_data: "C".repeat(2000),
    }
}

fn location(file: &Path) -> Location {
    // Eight processes, a slow disk and a busy machine.
    Location::find(Some(file)).patient_for(Duration::from_mins(2))
}

fn spawn(helper: &str, file: &Path, number: u32) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([&format!("kubeconfig::{helper}"), "--exact", "--ignored"]);
    command.env(FILE, file).env(NUMBER, number.to_string());
    command
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// What a process is to do; `None` when it is run by hand and not by a test.
fn asked() -> Option<(PathBuf, u32)> {
    let file = std::env::var_os(FILE)?.into();
    Some((file, std::env::var(NUMBER).unwrap().parse().unwrap()))
}

/// A process that does not outlive its test.
struct Victim(Child);

impl Drop for Victim {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn contexts(file: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(file).unwrap();
    let value: Value = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("torn: {error}"));
    let contexts = value["contexts"].as_array().cloned().unwrap_or_default();
    contexts
        .iter()
        .map(|context| context["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
#[ignore = "one of the processes of the test of eight"]
fn merges_five() {
    let Some((file, number)) = asked() else { return };
    for merge in 0..MERGES {
        let name = name(format!("c{number}-{merge}"));
        location(&file).merge(&entry(&name), merge % 2 == 0).unwrap();
    }
    location(&file).remove(&name(format!("c{number}-0"))).unwrap();
}

#[test]
#[ignore = "the process that is killed"]
fn merges_for_long() {
    let Some((file, number)) = asked() else { return };
    for merge in 0..20_000_u32 {
        let name = name(format!("c{number}-{}", merge % 3));
        if merge % 2 == 0 {
            location(&file).merge(&entry(&name), true).unwrap();
        } else {
            location(&file).remove(&name).unwrap();
        }
    }
}

#[test]
fn eight_processes_that_merge_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    location(&file)
        .merge(&entry(&name("before".to_owned())), false)
        .unwrap();
    let children: Vec<Child> = (0..8).map(|number| spawn("merges_five", &file, number)).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let mut expected = BTreeSet::from(["k3d-before".to_owned()]);
    expected.extend((0..8).flat_map(|number| (1..MERGES).map(move |merge| format!("k3d-c{number}-{merge}"))));
    assert_eq!(contexts(&file), expected);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "locks or drafts are left"
    );
}

#[test]
fn a_process_that_is_killed_leaves_a_whole_file_and_nothing_that_stops_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let kept = name("kept".to_owned());
    location(&file).merge(&entry(&kept), false).unwrap();
    for round in 0..20_u32 {
        let mut victim = Victim(spawn("merges_for_long", &file, round));
        while !contexts(&file)
            .iter()
            .any(|context| context.starts_with(&format!("k3d-c{round}-")))
        {
            assert!(victim.0.try_wait().unwrap().is_none(), "it ended by itself");
            std::thread::yield_now();
        }
        // Anywhere in its next merges: the time only chooses where.
        std::thread::sleep(Duration::from_micros(u64::from(round) * 997 % 7000));
        drop(victim);
        assert!(contexts(&file).contains("k3d-kept"));
        for merge in 0..3 {
            location(&file)
                .remove(&name(format!("c{round}-{merge}")))
                .unwrap();
        }
    }
    location(&file)
        .merge(&entry(&name("last".to_owned())), true)
        .unwrap();
    assert_eq!(
        contexts(&file),
        BTreeSet::from(["k3d-kept".to_owned(), "k3d-last".to_owned()])
    );
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "locks or drafts are left"
    );
}
