//! What `create-cluster` makes carries every label, file, log line and kubeconfig place by which k3d knows a cluster.

use e2e::Bed;
use serde_json::{Value, json};

use crate::cluster::{self, inspect};

/// Of the labels, which is a value of this cluster's own.
fn text(labels: &Value, label: &str) -> String {
    labels[label].as_str().unwrap_or_default().to_owned()
}

#[track_caller]
fn assert_labels(found: &Value, wanted: &Value) {
    let missing: Vec<String> = wanted
        .as_object()
        .expect("a table")
        .iter()
        .filter(|(label, value)| found[label.as_str()] != **value)
        .map(|(label, value)| format!("{label} is {}, wanted {value}", found[label.as_str()]))
        .collect();
    assert!(missing.is_empty(), "{}\nin {found:#}", missing.join("\n"));
}

#[test]
fn a_server_carries_every_label_of_k3d() {
    let bed = Bed::shared("interface-server-labels");
    let (name, network) = (bed.cluster(), cluster::network(&bed));
    let server = inspect(&bed, "container", &bed.server(0));
    let labels = &server["Config"]["Labels"];
    let found = inspect(&bed, "network", &network);
    assert_labels(
        labels,
        &json!({
            "app": "k3d",
            "k3d.cluster": name,
            "k3d.cluster.imageVolume": format!("k3d-{name}-images"),
            "k3d.cluster.network": network,
            "k3d.cluster.network.external": "false",
            "k3d.cluster.network.id": found["Id"],
            "k3d.cluster.network.iprange": found["IPAM"]["Config"][0]["Subnet"],
            "k3d.cluster.url": format!("https://k3d-{name}-server-0:6443"),
            "k3d.role": "server",
            "k3d.server.api.host": "127.0.0.1",
            "k3d.server.api.hostIP": "127.0.0.1",
            "k3d.server.api.port": server["NetworkSettings"]["Ports"]["6443/tcp"][0]["HostPort"],
            "k3d.server.loadbalancer": "",
        }),
    );
    assert!(text(labels, "k3d.version").starts_with("v5."), "{labels:#}");
    let token = text(labels, "k3d.cluster.token");
    assert!(token.len() >= 20, "{labels:#}");
    let environment = server["Config"]["Env"].as_array().expect("a list").clone();
    assert!(environment.contains(&json!(format!("K3S_TOKEN={token}"))));
    assert!(environment.contains(&json!("K3S_KUBECONFIG_OUTPUT=/output/kubeconfig.yaml")));
}

#[test]
fn a_registry_carries_every_label_of_k3d_and_keeps_to_the_loopback_address() {
    let bed = Bed::shared("interface-registry-labels");
    let port = bed.registry_port().to_string();
    let registry = inspect(&bed, "container", &cluster::registry(&bed));
    assert_labels(
        &registry["Config"]["Labels"],
        &json!({
            "app": "k3d",
            "k3d.cluster": bed.cluster(),
            "k3d.role": "registry",
            "k3d.registry.host": "127.0.0.1",
            "k3d.registry.hostIP": "127.0.0.1",
            "k3s.registry.port.external": port,
            "k3s.registry.port.internal": "5000",
        }),
    );
    let ports = &registry["NetworkSettings"]["Ports"];
    assert_eq!(
        ports["5000/tcp"],
        json!([{"HostIp": "127.0.0.1", "HostPort": port}])
    );
    assert_eq!(ports.as_object().map(serde_json::Map::len), Some(1), "{ports}");
    let networks = &registry["NetworkSettings"]["Networks"];
    let own = &networks[cluster::network(&bed)];
    let aliases = own["Aliases"]
        .as_array()
        .expect("it is on the cluster's network")
        .clone();
    assert!(aliases.contains(&json!(cluster::registry(&bed))), "{networks:#}");
    let mounts = registry["Mounts"].as_array().expect("a list").clone();
    let data = mounts
        .iter()
        .find(|mount| mount["Destination"] == "/var/lib/registry");
    assert_eq!(
        data.expect("a volume for its data")["Name"],
        cluster::registry(&bed)
    );
}

#[test]
fn network_and_volumes_carry_the_labels_by_which_k3d_removes_them() {
    let bed = Bed::shared("interface-object-labels");
    let network = inspect(&bed, "network", &cluster::network(&bed));
    assert_eq!(network["Driver"], "bridge");
    assert_labels(&network["Labels"], &json!({"app": "k3d"}));
    assert_labels(
        &network["Options"],
        &json!({"com.docker.network.bridge.enable_ip_masquerade": "true"}),
    );
    let images = inspect(&bed, "volume", &format!("k3d-{}-images", bed.cluster()));
    assert_labels(
        &images["Labels"],
        &json!({"app": "k3d", "k3d.cluster": bed.cluster()}),
    );
}

#[test]
fn a_server_may_and_has_what_a_node_needs() {
    let bed = Bed::shared("interface-server-host");
    let server = inspect(&bed, "container", &bed.server(0));
    let host = &server["HostConfig"];
    let found = json!({
        "privileged": host["Privileged"],
        "init": host["Init"],
        "userns": host["UsernsMode"],
        "tmpfs": host["Tmpfs"],
        "restart": host["RestartPolicy"]["Name"],
        "binds": host["Binds"],
        "hostname": server["Config"]["Hostname"],
        "entrypoint": server["Config"]["Entrypoint"],
        "bound to": server["NetworkSettings"]["Ports"]["6443/tcp"][0]["HostIp"],
    });
    let wanted = json!({
        "privileged": true,
        "init": true,
        "userns": "host",
        "tmpfs": {"/run": "", "/var/run": ""},
        "restart": "unless-stopped",
        "binds": [format!("k3d-{}-images:/k3d/images", bed.cluster())],
        "hostname": bed.server(0),
        "entrypoint": ["/bin/k3d-entrypoint.sh"],
        "bound to": "127.0.0.1",
    });
    assert_eq!(found, wanted);
    let command = server["Config"]["Cmd"].to_string();
    assert!(
        command.starts_with(r#"["server","--tls-san","127.0.0.1""#),
        "{command}"
    );
    let networks = server["NetworkSettings"]["Networks"]
        .as_object()
        .expect("a table")
        .clone();
    assert_eq!(networks.keys().collect::<Vec<_>>(), [&cluster::network(&bed)]);
    let aliases = networks[&cluster::network(&bed)]["Aliases"].to_string();
    assert!(aliases.contains(&format!("\"{}\"", bed.server(0))), "{aliases}");
}

/// What the engine's archive API has at `path`: it works on stopped containers too, and k3d reads the kubeconfig by it.
#[track_caller]
fn file(bed: &Bed, path: &str) -> String {
    let out = bed.project().join("copied");
    let from = format!("{}:{path}", bed.server(0));
    let copied = bed.docker(&["cp", "--follow-link", &from, &out.to_string_lossy()]);
    copied.succeeded();
    std::fs::read_to_string(out).expect("it was copied")
}

#[test]
fn the_files_that_k3d_reads_and_writes_are_where_it_looks_for_them() {
    let bed = Bed::shared("interface-files");
    assert!(file(&bed, "/bin/k3d-entrypoint.sh").starts_with("#!/bin/sh\n"));
    let script = ["exec", &bed.server(0), "test", "-x", "/bin/k3d-entrypoint.sh"];
    bed.docker(&script).succeeded();
    // k3d takes the first cluster, user and context by the name of `default`.
    let kubeconfig = file(&bed, "/output/kubeconfig.yaml");
    for name in ["name: default", "cluster: default", "user: default"] {
        assert!(kubeconfig.contains(name), "{kubeconfig}");
    }
    let coredns = file(&bed, "/var/lib/rancher/k3s/server/manifests/coredns.yaml");
    assert!(coredns.contains("kind: ConfigMap"), "{coredns}");
}

#[test]
fn a_server_says_in_its_log_what_k3d_waits_for() {
    let bed = Bed::shared("interface-log");
    let log = bed.docker(&["logs", &bed.server(0)]).succeeded();
    let log = (log.stdout + &log.stderr).to_lowercase();
    for line in ["k3s is up and running", "cluster dns configmap"] {
        assert!(log.contains(line), "no \"{line}\" in\n{log}");
    }
}

#[test]
fn the_registry_has_one_name_on_this_machine_and_in_the_node() {
    let bed = Bed::shared("interface-registries");
    let mirrors = file(&bed, "/etc/rancher/k3s/registries.yaml");
    let (port, registry) = (bed.registry_port(), cluster::registry(&bed));
    let names = ["localhost", "127.0.0.1", &registry].map(|host| format!("{host}:{port}"));
    for name in names.into_iter().chain([format!("{registry}:5000")]) {
        let entry = format!("\"{name}\":\n    endpoint:\n      - \"http://{registry}:5000\"\n");
        assert!(mirrors.contains(&entry), "no {entry} in\n{mirrors}");
    }
}

#[test]
fn k3ds_filters_find_the_cluster() {
    let bed = Bed::shared("interface-filters");
    let cluster = format!("label=k3d.cluster={}", bed.cluster());
    let list = |role: &str| {
        let role = format!("label=k3d.role={role}");
        let filters = [
            "--filter",
            "label=app=k3d",
            "--filter",
            &cluster,
            "--filter",
            &role,
        ];
        let args = [&["ps", "-a", "--format", "{{.Names}}"][..], &filters].concat();
        bed.docker(&args).succeeded().stdout
    };
    assert_eq!(list("server"), format!("{}\n", bed.server(0)));
    assert_eq!(list("registry"), format!("{}\n", cluster::registry(&bed)));
    assert_eq!(list("agent") + &list("loadbalancer"), "");
}

#[test]
fn the_kubeconfig_has_the_names_of_k3d_and_stays_on_nobodys_context() {
    let bed = Bed::shared("interface-kubeconfig");
    let view = bed.command("kubectl", &["config", "view", "--raw", "-o", "json"]);
    let view = bed.run(view).succeeded().json();
    let context = cluster::network(&bed);
    let user = format!("admin@{context}");
    let server = inspect(&bed, "container", &bed.server(0));
    let port = &server["NetworkSettings"]["Ports"]["6443/tcp"][0]["HostPort"];
    assert_eq!(view["clusters"][0]["name"], *context);
    let url = format!("https://127.0.0.1:{}", port.as_str().unwrap_or_default());
    assert_eq!(view["clusters"][0]["cluster"]["server"], *url);
    assert_eq!(
        view["contexts"][0],
        json!({"name": context, "context": {"cluster": context, "user": user}})
    );
    assert_eq!(view["users"][0]["name"], *user);
    assert_eq!(view["current-context"], "");
    let mode = std::fs::metadata(bed.kubeconfig())
        .expect("the file is there")
        .permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
    bed.kubectl(&["get", "nodes"]).succeeded();
}
