//! Images put together by hand.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value;
use tar::Archive;

use super::*;

/// A program and a page in a folder, as parts.
fn parts(folder: &Path) -> Parts {
    let program = folder.join("built/app");
    fs::create_dir_all(folder.join("built")).unwrap();
    fs::write(&program, b"\x7fELF").unwrap();
    let dist = folder.join("dist");
    fs::create_dir_all(dist.join("assets")).unwrap();
    fs::write(dist.join("index.html"), "<p>").unwrap();
    fs::write(dist.join("assets/run.sh"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(dist.join("assets/run.sh"), fs::Permissions::from_mode(0o700)).unwrap();
    drop(fs::remove_file(dist.join("start")));
    symlink("index.html", dist.join("start")).unwrap();
    Parts {
        program,
        name: "app".to_owned(),
        command: vec!["--port".to_owned(), "80".to_owned()],
        files: vec![(dist, "/public".to_owned())],
        architecture: "x86_64",
        labels: vec![("dev.ratectl.hash".to_owned(), "0f".to_owned())],
        packed: false,
    }
}

/// What an archive holds: path to mode, owner, time, kind and length.
fn listing(layer: &[u8]) -> BTreeMap<String, String> {
    let mut archive = Archive::new(layer);
    let entries = archive.entries().unwrap().map(|entry| {
        let entry = entry.unwrap();
        let header = entry.header();
        let path = entry.path().unwrap().display().to_string();
        let link = entry
            .link_name()
            .unwrap()
            .map_or_else(String::new, |link| format!(" -> {}", link.display()));
        let (mode, uid, mtime) = (
            header.mode().unwrap(),
            header.uid().unwrap(),
            header.mtime().unwrap(),
        );
        (
            path,
            format!("{mode:o} {uid} {mtime} {:?}{link}", header.entry_type()),
        )
    });
    entries.collect()
}

#[test]
fn an_image_holds_a_program_its_files_and_what_every_program_needs() {
    let folder = tempfile::tempdir().unwrap();
    let image = assemble(&parts(folder.path())).unwrap();
    let [base, files, program, _config] = image.blobs.as_slice() else {
        panic!("{} blobs", image.blobs.len());
    };
    let listings = [base, files, program].map(|layer| listing(&layer.content));
    insta::assert_debug_snapshot!(listings);
}

#[test]
fn the_configuration_says_who_runs_what_how() {
    let folder = tempfile::tempdir().unwrap();
    let image = assemble(&parts(folder.path())).unwrap();
    let mut config: Value = serde_json::from_slice(&image.blobs.last().unwrap().content).unwrap();
    let diff_ids = config["rootfs"]["diff_ids"].take();
    let layers: Vec<&str> = image.blobs[..3].iter().map(|blob| blob.digest.as_str()).collect();
    assert_eq!(diff_ids, serde_json::json!(layers));
    insta::assert_snapshot!(serde_json::to_string_pretty(&config).unwrap());
}

#[test]
fn equal_parts_give_equal_bytes_whenever_their_files_were_written() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = assemble(&parts(one.path())).unwrap();
    let second = assemble(&parts(other.path())).unwrap();
    assert_eq!(first.manifest, second.manifest);
    assert_eq!(first.blobs, second.blobs);
}

#[test]
fn a_packed_layer_is_the_same_archive() {
    let folder = tempfile::tempdir().unwrap();
    let plain = parts(folder.path());
    let packed = Parts {
        packed: true,
        ..plain.clone()
    };
    let (plain, packed) = (assemble(&plain).unwrap(), assemble(&packed).unwrap());
    // The configuration names archives, not what they are packed in.
    assert_eq!(plain.blobs.last(), packed.blobs.last());
    for (plain, packed) in plain.blobs.iter().zip(&packed.blobs).take(3) {
        let mut unpacked = Vec::new();
        GzDecoder::new(packed.content.as_ref())
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, plain.content);
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut parts = parts(folder.path());
    parts.files.push((folder.path().join("nothing"), "/x".to_owned()));
    let error = assemble(&parts).unwrap_err();
    assert_eq!(error.path, folder.path().join("nothing"));
}
