//! Bundles: everything that a deployment needs from elsewhere, carried to a place that has nothing.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use e2e::{Bed, visitor};
use serde_json::json;

use crate::cluster::http;

/// The registry that manifests name; nothing on this machine has this name.
const HOST: &str = "images.example";
const DOWNLOADED: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-elsewhere}\ndata: {a: '1'}\n";
/// SHA-256 of [`DOWNLOADED`].
const SUM: &str = "df4cfb8b6c5ac62ebeab73dd5a909d3351b554e44fb63fdb69b2ff36268b97b5";

/// A server that gives the same to everybody, as long as this process lives.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let url = format!("http://{}/a.yaml", listener.local_addr().expect("it listens"));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // Whoever asks less than this asks for nothing.
            let mut room = [0; 4096];
            let _asked = stream.read(&mut room);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                DOWNLOADED.len()
            );
            let _sent = stream.write_all((head + DOWNLOADED).as_bytes());
        }
    });
    url
}

/// A cluster whose images of [`HOST`] are in its own registry, and a component that needs one of them and a file.
fn system(bed: &Bed) {
    let document = json!({
        "name": "carried",
        "cluster": {
            "name": bed.cluster(),
            "registry": {"port": bed.registry_port()},
            "mirrors": {HOST: "registry"},
        },
        "components": {"web": {
            "manifests": "manifests/web",
            "namespace": "default",
            "downloads": [{"url": server(), "sha256": SUM}],
        }},
    });
    bed.write("ratectl.yaml", &document.to_string());
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{containers: [{{name: web, image: '{HOST}/visitor:1'}}]}}\n"
    );
    bed.write("manifests/web/pod.yaml", &pod);
    bed.ratectl(&["create-cluster"]).succeeded();
    visitor::push(bed.registry_port());
}

fn digest(bed: &Bed) -> Option<String> {
    let accept = "Accept: application/vnd.docker.distribution.manifest.v2+json\r\n";
    let found = http(bed.registry_port(), "HEAD", "/v2/visitor/manifests/1", accept);
    found.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let is_digest = name.eq_ignore_ascii_case("docker-content-digest");
        is_digest.then(|| value.trim().to_owned())
    })
}

/// Makes the cluster and its registry anew, without anything in them, and forgets what was downloaded.
fn wipe(bed: &Bed) {
    bed.ratectl(&["delete-cluster", "--all"]).succeeded();
    bed.ratectl(&["create-cluster"]).succeeded();
    let cache = bed.home().with_file_name("cache/ratectl/downloads");
    std::fs::remove_dir_all(cache).expect("something was downloaded");
}

#[test]
fn a_bundle_brings_back_what_a_deployment_needs() {
    let bed = Bed::new("bundle");
    system(&bed);
    let before = digest(&bed);
    assert!(before.is_some());
    bed.ratectl(&["bundle", "create", "one.tar", "web"]).succeeded();
    wipe(&bed);
    assert_eq!(digest(&bed), None);
    // Nothing is here now, and nobody may be asked.
    bed.ratectl(&["bundle", "create", "none.tar", "--offline"])
        .ended_with(4);

    let loaded = bed
        .ratectl(&["bundle", "load", "one.tar", "-o", "json"])
        .succeeded()
        .json();
    assert_eq!(loaded["images"][0]["outcome"], "pushed");
    assert_eq!(digest(&bed), before);
    let again = bed
        .ratectl(&["bundle", "load", "one.tar", "-o", "json"])
        .succeeded()
        .json();
    assert_eq!(again["images"][0]["outcome"], "unchanged");
    // From what was loaded the same bundle can be made, byte by byte.
    bed.ratectl(&["bundle", "create", "two.tar", "--offline"])
        .succeeded();
    let read = |name: &str| std::fs::read(bed.project().join(name)).expect("the bundle is there");
    assert!(
        read("one.tar") == read("two.tar"),
        "two bundles of one system differ"
    );
}
