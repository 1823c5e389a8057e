//! This repository's system, from its sources to pods that answer.

mod pages;
mod system;

use std::collections::{BTreeMap, BTreeSet};

use e2e::{Bed, eventually};
use rustix::process::Signal;
use serde_json::{Value, json};

use system::{COMPONENTS, Sources, ask, ratectl};

/// All kinds that the system's manifests are of. Autoscalers are not among them: they write down what they see.
const KINDS: &str = "namespaces,configmaps,secrets,services,serviceaccounts,statefulsets,deployments,poddisruptionbudgets,\
    networkpolicies,roles,rolebindings,clusterroles,clusterrolebindings,customresourcedefinitions";
const OF_THE_GATEWAY: &str = "gatewayclasses,gateways,httproutes";

/// What carries the project's label, each with its version.
fn versions(bed: &Bed, kinds: &str) -> BTreeMap<String, String> {
    let columns = "custom-columns=KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name,\
        COMPONENT:.metadata.labels.ratectl\\.dev/component,VERSION:.metadata.resourceVersion";
    let of_ours = [
        "-A",
        "-l",
        "ratectl.dev/project=rating",
        "--no-headers",
        "-o",
        columns,
    ];
    let run = bed.kubectl(&[&["get", kinds], &of_ours[..]].concat()).succeeded();
    let lines = run.stdout.lines().filter_map(|line| {
        let (object, version) = line.trim().rsplit_once(' ')?;
        let object: Vec<&str> = object.split_whitespace().collect();
        Some((object.join(" "), version.to_owned()))
    });
    lines.collect()
}

fn all_versions(bed: &Bed) -> BTreeMap<String, String> {
    versions(bed, &format!("{KINDS},{OF_THE_GATEWAY}"))
}

/// The components in which something was written.
fn changed(report: &Value) -> Vec<String> {
    let parts = report["components"].as_array().expect("it names components");
    let written = parts.iter().filter(|part| {
        let changes = part["changes"].as_array();
        let objects = changes.is_some_and(|changes| changes.iter().any(|it| it["verdict"] != "unchanged"));
        let image = part["image"]["outcome"] == "built";
        let streams = part["streams"].as_array();
        let streams = streams.is_some_and(|streams| streams.iter().any(|it| it["verdict"] != "same"));
        objects || image || streams
    });
    let names = written.filter_map(|part| part["component"].as_str());
    names.map(str::to_owned).collect()
}

/// The web UI behind the gateway; a rating through that, proxy, queue and service, and the same one out of PostgreSQL's own mouth.
fn answers(bed: &Bed) {
    let mut forward = bed.spawn(&["-o", "json", "port-forward", "gateway", ":8080"]);
    forward.said("\"type\":\"forward\"");
    let line: Value = serde_json::from_str(forward.stdout().trim()).expect("the line is JSON");
    let address = line["local"]
        .as_str()
        .expect("it says where it listens")
        .to_owned();

    let ada = json!({"name": "Ada", "email": "ada@example.org"});
    let user = ask(&address, "POST", "/api/users", &ada, 201);
    let shop = json!({"name": "Print shop", "description": "Posters by Friday"});
    let service = ask(&address, "POST", "/api/services", &shop, 201);
    let rating = json!({"userId": user["id"], "serviceId": service["id"], "score": 4});
    let posted = ask(&address, "POST", "/api/ratings", &rating, 201);
    let id = posted["id"].as_str().expect("it has an id").to_owned();
    let got = ask(&address, "GET", &format!("/api/ratings/{id}"), &Value::Null, 200);
    assert_eq!(got, posted);
    ask(&address, "GET", "/api/nothing", &Value::Null, 404);

    pages::are_served(&address);

    let query = format!("select score from ratings where id::text = '{id}'");
    let exec =
        "-n rating exec database-0 -- env PGPASSWORD=development psql -h 127.0.0.1 -U rating -d rating -Atc";
    let exec: Vec<&str> = exec.split(' ').chain([query.as_str()]).collect();
    let row = bed.kubectl(&exec).succeeded();
    assert_eq!(row.stdout, "4\n");

    forward.signal(Signal::INT);
    let ended = bed.record(forward.end(std::time::Duration::from_mins(1)));
    assert_eq!(ended.code, 0, "{ended}");
}

/// Deploys everything and tells what was changed and how long it took.
#[expect(clippy::print_stdout, reason = "it tells a figure")]
#[track_caller]
fn deploy(bed: &Bed) -> Vec<String> {
    let run = ratectl(bed, &["-o", "json", "deploy", "all"]).succeeded();
    let report = run.json();
    let urls = report["urls"].as_array().expect("it names addresses");
    let urls: Vec<&Value> = urls.iter().map(|at| &at["url"]).collect();
    assert_eq!(
        urls,
        ["http://localhost:8080/ui", "http://localhost:8080/api"],
        "{report}"
    );
    let changed = changed(&report);
    println!("deploy: {:.2} s, changed {changed:?}", run.took.as_secs_f64());
    changed
}

/// Nobody writes anything when there is nothing to do, and everybody says so.
fn is_left_alone(bed: &Bed) -> BTreeMap<String, String> {
    let before = all_versions(bed);
    assert!(before.len() > 35, "{before:?}");
    assert_eq!(deploy(bed), [""; 0]);
    let diff = ratectl(bed, &["diff"]).succeeded();
    assert_eq!(diff.stdout, "Nothing would change.\n");
    let dry = ratectl(bed, &["deploy", "--dry-run"]).succeeded();
    assert!(dry.stdout.contains("Nothing would change"), "{dry}");
    assert_eq!(all_versions(bed), before);
    before
}

/// A value of a `ConfigMap` touches the component that has it, and no other.
fn a_value_changes(bed: &Bed, before: &BTreeMap<String, String>) {
    let routes = bed.project().join("manifests/proxy/routes.yaml");
    let text = std::fs::read_to_string(routes).expect("the copy has it");
    assert!(text.contains("timeout: 5s"));
    bed.write(
        "manifests/proxy/routes.yaml",
        &text.replace("timeout: 5s", "timeout: 4s"),
    );
    let diff = ratectl(bed, &["diff"]).ended_with(1);
    assert!(
        diff.stdout
            .contains("ConfigMap rating/proxy-routes: would be changed"),
        "{diff}"
    );
    let shown = |sign: char| {
        let lines = diff
            .stdout
            .lines()
            .filter(|line| line.starts_with(sign) && line.contains("timeout: "));
        lines.count()
    };
    assert_eq!((shown('-'), shown('+')), (1, 1), "{diff}");
    ratectl(bed, &["deploy", "--dry-run"]).succeeded();
    assert_eq!(&all_versions(bed), before);

    assert_eq!(deploy(bed), ["proxy"]);
    let after = all_versions(bed);
    let touched: Vec<&String> = after
        .keys()
        .filter(|&object| before.get(object) != after.get(object))
        .collect();
    assert!(
        touched
            .iter()
            .any(|object| object.starts_with("ConfigMap rating proxy-routes")),
        "{touched:?}"
    );
    assert!(
        touched.iter().all(|object| object.ends_with(" proxy")),
        "{touched:?}"
    );
}

/// The pods in the system's own namespaces, each with its component, when none is on its way out.
fn pods(bed: &Bed) -> BTreeMap<String, String> {
    let columns = "custom-columns=UID:.metadata.uid,COMPONENT:.metadata.labels.app\\.kubernetes\\.io/name,\
        GOING:.metadata.deletionTimestamp";
    eventually("no pod is being ended", || {
        let mut pods = BTreeMap::new();
        for namespace in ["messaging", "gateway", "rating"] {
            let listed = bed.kubectl(&["-n", namespace, "get", "pods", "--no-headers", "-o", columns]);
            for line in listed.succeeded().stdout.lines() {
                let columns: Vec<&str> = line.split_whitespace().collect();
                let [uid, component, "<none>"] = columns[..] else {
                    return None;
                };
                pods.insert(uid.to_owned(), component.to_owned());
            }
        }
        Some(pods)
    })
}

/// One line of one program: that is compiled, and its pod alone is another one.
#[expect(clippy::print_stdout, reason = "it tells a figure")]
fn a_line_changes(bed: &Bed, sources: &Sources) {
    let before = pods(bed);
    let main = "fn main() -> ExitCode {\n";
    sources.replace(
        "proxy/src/main.rs",
        main,
        &format!("{main}    eprintln!(\"one line more\");\n"),
    );
    let run = ratectl(bed, &["-o", "json", "deploy"]).succeeded();
    let report = run.json();
    assert_eq!(changed(&report), ["proxy"]);
    let parts = report["components"].as_array().expect("it names components");
    let proxy = parts.iter().find(|part| part["component"] == "proxy");
    let image = &proxy.expect("the proxy is one")["image"];
    println!(
        "one changed line: {:.2} s, of which building {} ms, pushing {} ms",
        run.took.as_secs_f64(),
        image["buildMs"],
        image["pushMs"]
    );
    let after = pods(bed);
    let gone = before.iter().filter(|(uid, _)| !after.contains_key(*uid));
    let gone: BTreeSet<&str> = gone.map(|(_, component)| component.as_str()).collect();
    assert_eq!(gone, BTreeSet::from(["http-to-nats-proxy"]));
    let logs = ratectl(bed, &["logs", "proxy"]).succeeded();
    assert!(logs.stdout.contains("one line more"), "{logs}");
}

/// What `top` sees of it: the queue with its consumer, services, and the pods of every component that has some.
fn is_seen(bed: &Bed) {
    let top = ["-o", "json", "top", "--once", "--profile", "dev"];
    let report = ratectl(bed, &top).succeeded().json();
    let rows = |list: &str| report[list].as_array().cloned().unwrap_or_default();
    let consumers = rows("consumers");
    let is_ours = |row: &&Value| row["stream"] == "REQUESTS" && row["consumer"] == "rating-service";
    assert!(consumers.iter().any(|row| is_ours(&row)), "{report}");
    let (pods, workers) = (rows("pods"), rows("workers"));
    let of = |rows: &[Value], key: &str| -> BTreeSet<String> {
        let texts = rows.iter().filter_map(|row| row[key].as_str());
        texts.map(str::to_owned).collect()
    };
    let components = ["database", "frontend", "gateway", "nats", "proxy", "service"].map(str::to_owned);
    assert_eq!(of(&pods, "component"), BTreeSet::from(components), "{report}");
    let services = ["http-to-nats-proxy", "rating-service"].map(str::to_owned);
    assert_eq!(of(&workers, "service"), BTreeSet::from(services), "{report}");
}

#[test]
fn the_system_answers_from_its_database_and_is_left_alone_until_something_changes() {
    let bed = Bed::new("deploy");
    let sources = Sources::new(&bed);
    system::write(&bed, &sources);
    let created = bed.ratectl(&["-o", "json", "create-cluster"]).succeeded().json();
    // Nobody answers yet.
    assert_eq!(created["installed"]["urls"], json!([]), "{created}");

    let first = deploy(&bed);
    for component in COMPONENTS {
        assert!(
            first.iter().any(|name| name == component),
            "{component} of {first:?}"
        );
    }
    answers(&bed);
    is_seen(&bed);
    let before = is_left_alone(&bed);
    a_value_changes(&bed, &before);
    a_line_changes(&bed, &sources);

    ratectl(&bed, &["undeploy", "all", "--data"]).succeeded();
    assert_eq!(versions(&bed, KINDS), BTreeMap::new());
}
