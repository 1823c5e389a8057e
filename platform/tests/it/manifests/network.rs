//! Who may talk to whom: the network policies, weighed as Kubernetes defines them.

use std::collections::{BTreeMap, BTreeSet};

use platform::manifest::Object;
use serde_json::{Value, json};

use super::{combinations, rendered};

/// Somebody who opens or takes a connection.
struct End {
    name: String,
    /// None of what is not a pod of this cluster.
    namespace: Option<String>,
    labels: Value,
    ports: BTreeSet<u64>,
    /// Whether a component runs it.
    ours: bool,
}

impl End {
    fn other(name: &str, namespace: Option<&str>, labels: Value, ports: &[u64]) -> Self {
        Self {
            name: name.to_owned(),
            namespace: namespace.map(str::to_owned),
            labels,
            ports: ports.iter().copied().collect(),
            ours: false,
        }
    }

    /// The pods of a workload.
    fn of(workload: &Object) -> Option<Self> {
        let template = &workload.value()["spec"]["template"];
        let containers = template["spec"]["containers"].as_array()?;
        let ports = containers
            .iter()
            .flat_map(|container| container["ports"].as_array().into_iter().flatten())
            .map(|port| port["containerPort"].as_u64().unwrap());
        Some(Self {
            name: workload.name().to_owned(),
            namespace: workload.namespace().map(str::to_owned),
            labels: template["metadata"]["labels"].clone(),
            ports: ports.collect(),
            ours: true,
        })
    }
}

/// Everybody with these overlays: our pods, and others that there are in a cluster.
fn ends(objects: &[Object], overlays: &str) -> Vec<End> {
    let mut ends = vec![
        End::other("dns", Some("kube-system"), json!({"k8s-app": "kube-dns"}), &[53]),
        End::other("monitoring", Some("monitoring"), json!({}), &[9090]),
        End::other("keda", Some("keda"), json!({}), &[8080]),
        End::other("stranger", Some("default"), json!({}), &[80, 443, 5432, 8080]),
        // The internet, the API server, a database outside.
        End::other("beyond", None, json!({}), &[53, 80, 443, 5432, 6443, 8080]),
    ];
    if overlays.contains("kgateway") {
        // The chart and its controller make these.
        for (name, ports) in [("kgateway", &[9977][..]), ("http", &[8080])] {
            let mut end = End::other(name, Some("gateway"), json!({}), ports);
            end.ours = true;
            ends.push(end);
        }
    }
    ends.extend(objects.iter().filter_map(End::of));
    ends
}

fn selects(selector: &Value, labels: &Value) -> bool {
    let wanted = selector["matchLabels"].as_object().into_iter().flatten();
    let expressions = selector["matchExpressions"].as_array().into_iter().flatten();
    wanted.into_iter().all(|(key, value)| labels[key] == *value)
        && expressions.into_iter().all(|expression| {
            assert_eq!(expression["operator"], "In", "{expression}");
            let value = &labels[expression["key"].as_str().unwrap()];
            expression["values"].as_array().unwrap().contains(value)
        })
}

/// Whether a rule's `from` or `to` means the other end; `namespace` is the policy's.
fn means(peers: &Value, other: &End, namespace: &str) -> bool {
    let Some(peers) = peers.as_array() else {
        return true;
    };
    peers.iter().any(|peer| {
        assert!(peer["ipBlock"].is_null(), "{peer}");
        let Some(of) = other.namespace.as_deref() else {
            return false;
        };
        let names = json!({"kubernetes.io/metadata.name": of});
        let in_namespace = match &peer["namespaceSelector"] {
            Value::Null => of == namespace,
            selector => selects(selector, &names),
        };
        in_namespace && selects(&peer["podSelector"], &other.labels)
    })
}

/// Whether the policies let one end do its part of a connection; `direction` is `Ingress` or `Egress`.
fn lets(policies: &[&Object], end: &End, direction: &str, other: &End, port: u64) -> bool {
    let concerned = |policy: &&&Object| {
        let types = policy.value()["spec"]["policyTypes"].as_array().unwrap();
        policy.namespace() == end.namespace.as_deref()
            && types.contains(&direction.into())
            && selects(&policy.value()["spec"]["podSelector"], &end.labels)
    };
    let concerned: Vec<&&Object> = policies.iter().filter(concerned).collect();
    let (rules, peers) = match direction {
        "Ingress" => ("ingress", "from"),
        _ => ("egress", "to"),
    };
    concerned.is_empty()
        || concerned.iter().any(|policy| {
            let rules = policy.value()["spec"][rules].as_array().into_iter().flatten();
            rules.into_iter().any(|rule| {
                let ports = rule["ports"].as_array();
                ports.is_none_or(|ports| ports.iter().any(|one| one["port"] == port))
                    && means(&rule[peers], other, policy.namespace().unwrap())
            })
        })
}

/// Every connection that is possible from or to a pod of ours, `from -> to:port`. What all others may, `anyone` may.
fn connections(objects: &[Object], overlays: &str) -> BTreeSet<String> {
    let ends = ends(objects, overlays);
    let policies: Vec<&Object> = objects
        .iter()
        .filter(|object| object.kind() == "NetworkPolicy")
        .collect();
    let mut found = BTreeSet::new();
    for to in &ends {
        for port in &to.ports {
            let may = |from: &&End| {
                lets(&policies, from, "Egress", to, *port) && lets(&policies, to, "Ingress", from, *port)
            };
            let (ours, others): (Vec<&End>, Vec<&End>) = ends.iter().partition(|from| from.ours);
            let open = others.iter().filter(|from| may(from)).count() == others.len();
            let others = if open { Vec::new() } else { others };
            if to.ours && open {
                found.insert(format!("anyone -> {}:{port}", to.name));
            }
            let others = others.into_iter().filter(|_| to.ours);
            for from in ours.into_iter().chain(others).filter(may) {
                found.insert(format!("{} -> {}:{port}", from.name, to.name));
            }
        }
    }
    found
}

/// What the system needs, and not one connection more.
fn needed(overlays: &str) -> BTreeSet<String> {
    let mut needed = vec![
        "http-to-nats-proxy -> nats:4222",
        "monitoring -> http-to-nats-proxy:9090",
        "monitoring -> nats:8222",
        "monitoring -> rating-service:9091",
        "nack -> beyond:443",
        "nack -> beyond:6443",
        // The API server is no pod and cannot be named, so its ports are open whoever has them.
        "nack -> stranger:443",
        "nack -> nats:4222",
        "nats -> nats:6222",
        "rating-service -> nats:4222",
        "keda -> nats:8222",
    ];
    let mut pods = vec!["frontend", "http-to-nats-proxy", "nack", "nats", "rating-service"];
    if overlays.contains("prod") {
        // Where the database is, only its Secret says.
        needed.extend(["rating-service -> beyond:5432", "rating-service -> stranger:5432"]);
    } else {
        needed.push("rating-service -> database:5432");
        pods.push("database");
    }
    let gateways = if overlays.contains("kgateway") {
        needed.push("anyone -> http:8080");
        &["http", "kgateway"][..]
    } else {
        needed.extend(["anyone -> traefik:8080", "monitoring -> traefik:8081"]);
        &["traefik"]
    };
    pods.extend(gateways);
    let mut needed: BTreeSet<String> = needed.into_iter().map(str::to_owned).collect();
    needed.extend(pods.iter().map(|pod| format!("{pod} -> dns:53")));
    for gateway in gateways {
        let served = ["http-to-nats-proxy:8080", "frontend:8080"];
        let api_server = ["beyond:443", "beyond:6443", "stranger:443"];
        // The controller of kgateway and the proxies that it makes talk to each other.
        let each_other: &[&str] = match gateways {
            [_] => &[],
            _ => &["http:8080", "kgateway:9977"],
        };
        let to = served.iter().chain(&api_server).chain(each_other);
        needed.extend(to.map(|to| format!("{gateway} -> {to}")));
    }
    needed
}

#[tokio::test]
async fn every_connection_that_is_needed_is_open_and_no_other() {
    let mut all: BTreeMap<String, Vec<Object>> = BTreeMap::new();
    for component in rendered().await {
        all.entry(component.overlays)
            .or_default()
            .extend(component.objects);
    }
    assert_eq!(all.len(), combinations().count());
    for (overlays, objects) in all {
        let (found, needed) = (connections(&objects, &overlays), needed(&overlays));
        let closed: Vec<&String> = needed.difference(&found).collect();
        let open: Vec<&String> = found.difference(&needed).collect();
        assert!(
            closed.is_empty() && open.is_empty(),
            "[{overlays}] closed: {closed:#?}, open: {open:#?}"
        );
    }
}
