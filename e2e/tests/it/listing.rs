//! What the engine has of a test: its own listing, in the fields that nothing changes by itself.

use std::collections::BTreeMap;

use e2e::Bed;
use serde_json::{Value, json};

/// Kind and name of an object, and what it is.
pub(crate) type Listing = BTreeMap<String, Value>;

/// Everything whose name contains `part`, and the anonymous volumes of such containers.
#[track_caller]
pub(crate) fn of(bed: &Bed, part: &str) -> Listing {
    let mut listing = Listing::new();
    for (kind, all, name) in [
        ("container", &["--all"][..], "{{.Names}}"),
        ("network", &[][..], "{{.Name}}"),
        ("volume", &[][..], "{{.Name}}"),
    ] {
        let args = [&[kind, "ls", "--format", name], all].concat();
        let names = bed.docker(&args).succeeded().stdout;
        for name in names.lines().filter(|name| name.contains(part)) {
            // What goes away between the two questions is not there.
            let found = bed.docker(&[kind, "inspect", name]);
            if found.code == 0 {
                let found = found.json()[0].clone();
                volumes(bed, &found, &mut listing);
                listing.insert(format!("{kind} {name}"), lasting(kind, &found));
            }
        }
    }
    listing
}

/// The listing's names alone.
pub(crate) fn names(listing: &Listing) -> Vec<&str> {
    listing.keys().map(String::as_str).collect()
}

/// What the engine still has of a former listing.
#[track_caller]
pub(crate) fn left_of(bed: &Bed, former: &Listing) -> Vec<String> {
    let there = |key: &&String| {
        let (kind, name) = key.split_once(' ').expect("kind and name");
        bed.docker(&[kind, "inspect", name]).code == 0
    };
    former.keys().filter(there).cloned().collect()
}

/// A container's volumes: the anonymous ones are nobody's by name.
fn volumes(bed: &Bed, container: &Value, listing: &mut Listing) {
    let mounts = container["Mounts"].as_array().cloned().unwrap_or_default();
    for name in mounts.iter().filter_map(|mount| mount["Name"].as_str()) {
        let found = bed.docker(&["volume", "inspect", name]);
        if found.code == 0 {
            listing.insert(format!("volume {name}"), lasting("volume", &found.json()[0]));
        }
    }
}

fn lasting(kind: &str, found: &Value) -> Value {
    match kind {
        "container" => json!({
            "id": found["Id"],
            "status": found["State"]["Status"],
            "started": found["State"]["StartedAt"],
            "labels": found["Config"]["Labels"],
            "networks": found["NetworkSettings"]["Networks"],
        }),
        "network" => json!({"id": found["Id"], "labels": found["Labels"], "options": found["Options"]}),
        // `CreatedAt` is the folder's time, which moves with its files.
        _ => json!({"at": found["Mountpoint"], "labels": found["Labels"]}),
    }
}
