//! Bundles that are not as they were made.

use std::io::Write as _;
use std::path::Path;

use serde_json::json;
use test_case::test_case;

use super::*;

/// The entries of a bundle of two files, to be changed and written anew.
async fn entries(bench: &Bench) -> Vec<(String, Vec<u8>)> {
    bench.create("b.tar", &bench.contents(&[])).await.unwrap();
    let bytes = std::fs::read(bench.path("b.tar")).unwrap();
    let mut archive = tar::Archive::new(bytes.as_slice());
    let read = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.unwrap();
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
        (name, content)
    };
    archive.entries().unwrap().map(read).collect()
}

fn write(path: &Path, entries: &[(String, Vec<u8>)]) {
    let mut archive = archive::Writer::create(path).unwrap();
    for (name, content) in entries {
        archive.entry(name, content).unwrap();
    }
    archive.finish().unwrap();
}

/// Changes the table of contents, and its checksum with it.
fn with_index(entries: &mut [(String, Vec<u8>)], change: impl FnOnce(&mut serde_json::Value)) {
    let mut index = serde_json::from_slice(&entries[0].1).unwrap();
    change(&mut index);
    entries[0].1 = serde_json::to_vec(&index).unwrap();
    entries[1].1 = sum(&entries[0].1).into_bytes();
}

/// How somebody changes a bundle.
type Change = fn(&mut Vec<(String, Vec<u8>)>);

#[test_case(|entries| entries[4].1[0] = b'x' => "b.tar is damaged: blobs/sha256/A has the SHA-256 X"; "a file that has changed")]
#[test_case(|entries| drop(entries.remove(5)) => "b.tar is damaged: B is missing"; "a file that is missing")]
#[test_case(
    |entries| entries.push((index::place(&sum(b"more")), b"more".to_vec()))
    => "b.tar is damaged: M is not in its table of contents"; "a file too many"
)]
#[test_case(
    |entries| entries.push(("etc/passwd".to_owned(), b"more".to_vec()))
    => "b.tar is damaged: etc/passwd has the SHA-256 M"; "a file of another name"
)]
#[test_case(|entries| entries.push(entries[4].clone()) => "b.tar is damaged: blobs/sha256/A has the SHA-256 A"; "a file twice")]
#[test_case(|entries| entries[0].1.push(b' ') => "b.tar is damaged: bundle.json does not have the SHA-256 that lies beside it"; "a table of contents that has changed")]
#[test_case(|entries| drop(entries.remove(1)) => "b.tar is damaged: bundle.json does not have the SHA-256 that lies beside it"; "a table of contents without checksum")]
#[test_case(|entries| drop(entries.remove(0)) => "b.tar is no bundle: it does not begin with bundle.json"; "no table of contents")]
#[test_case(Vec::clear => "b.tar is no bundle: there is no bundle.json in it"; "an empty archive")]
#[test_case(|entries| entries[0].1 = b"{".to_vec() => "b.tar is no bundle: its bundle.json cannot be read: EOF while parsing an object at line 1 column 1"; "a table of contents that cannot be read")]
#[test_case(|entries| with_index(entries, |index| index["format"] = json!(2)) => "b.tar has format 2, and this ratectl knows 1"; "a later format")]
#[test_case(|entries| with_index(entries, |index| index["format"] = json!("x")) => "b.tar is no bundle: its bundle.json names no format"; "no format")]
#[test_case(
    |entries| with_index(entries, |index| index["files"][&sum(b"a: 1\n")] = json!(6))
    => "b.tar is damaged: A has 5 bytes instead of 6"; "another size"
)]
#[test_case(
    |entries| with_index(entries, |index| index["images"] = json!([{
        "name": "a", "repository": "a", "tag": "1", "digest": "sha256:00", "mediaType": "x", "size": 1,
    }]))
    => "b.tar is damaged: 00 is not in its table of contents"; "an image that is not there"
)]
#[tokio::test]
async fn a_bundle_that_is_not_as_it_was_made_is_refused_before_anything_is_done(change: Change) -> String {
    let bench = Bench::new().await;
    let mut entries = entries(&bench).await;
    entries[4..].sort_by_key(|(name, _)| name != &index::place(&sum(b"a: 1\n")));
    change(&mut entries);
    write(&bench.path("b.tar"), &entries);
    let refusal = bench.refusal("b.tar").await;
    assert!(!bench.cache().folder.exists());
    let mut shown = refusal;
    for (content, name) in [
        (&b"a: 1\n"[..], "A"),
        (b"x: 1\n", "X"),
        (b"b: 2\n", "B"),
        (b"more", "M"),
    ] {
        shown = shown.replace(&sum(content), name);
    }
    shown
}

#[tokio::test]
async fn a_file_that_is_no_archive_is_refused() {
    let bench = Bench::new().await;
    for (name, content) in [
        ("text", b"hello".to_vec()),
        ("nothing", Vec::new()),
        ("zeros", vec![0; 4096]),
    ] {
        std::fs::write(bench.path(name), content).unwrap();
        assert!(bench.refusal(name).await.contains("no bundle"), "{name}");
    }
    assert_eq!(bench.refusal("missing").await, "cannot read missing");
}

#[tokio::test]
async fn a_bundle_that_was_cut_off_is_refused() {
    let bench = Bench::new().await;
    for name in ["b.tar", "b.tgz"] {
        bench.create(name, &bench.contents(&[])).await.unwrap();
        let whole = std::fs::read(bench.path(name)).unwrap();
        for share in 1..8 {
            let cut = whole.len() * share / 8;
            let mut file = std::fs::File::create(bench.path(name)).unwrap();
            file.write_all(&whole[..cut]).unwrap();
            let loaded = bench.load(name, &bench.registry).await;
            // The zeros at the end of a tar archive say nothing.
            let harmless = name == "b.tar" && whole[cut..].iter().all(|byte| *byte == 0);
            assert!(
                loaded.is_err() || harmless,
                "{name} cut at {cut} of {}",
                whole.len()
            );
        }
    }
}
