//! Files of k3d, right and wrong.

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};
use test_case::test_case;

use super::{K3dFile, expand, filters, read::read};
use crate::cluster::spec::{NodeSelector, Overrides};

const HEAD: &str = "apiVersion: k3d.io/v1alpha5\nkind: Simple\n";

fn file(text: &str) -> Result<K3dFile, String> {
    let variable = |name: &str| match name {
        "HOME" => Some("/home/ada".to_owned()),
        "AGENTS" => Some("2".to_owned()),
        _ => None,
    };
    read(Path::new("/p/k3d.yaml"), text, &variable).map_err(|error| error.to_string())
}

/// The spec of a file that begins with [`HEAD`], as JSON.
fn spec(rest: &str) -> Value {
    let spec = file(&format!("{HEAD}{rest}"))
        .unwrap()
        .draft
        .spec(&Overrides::default());
    serde_json::to_value(spec.unwrap()).unwrap()
}

/// What is wrong with a file that begins with [`HEAD`], without the file's name.
fn complaint(rest: &str) -> String {
    let file = file(&format!("{HEAD}{rest}"));
    let message = file.map(|file| {
        file.draft
            .spec(&Overrides::default())
            .map_err(|error| error.to_string())
    });
    let message = message.and_then(|spec| spec).unwrap_err();
    message
        .strip_prefix("/p/k3d.yaml:")
        .unwrap_or(&message)
        .to_owned()
}

#[test]
fn the_smallest_file_is_a_cluster_without_registry() {
    let spec = spec("");
    assert_eq!(spec["name"], "localdevcluster");
    assert_eq!(spec["registry"], Value::Null);
    let file = file(HEAD).unwrap();
    assert_eq!((file.timeout, file.switch_context), (None, false));
}

#[test]
fn a_whole_file_is_read() {
    let text = "
metadata: {name: shop}
servers: 3
agents: $AGENTS
kubeAPI: {host: shop.example, hostIP: 0.0.0.0, hostPort: '6445'}
image: rancher/k3s:v1.33.1-k3s1
network: office
token: secret
volumes:
  - {volume: '${HOME}/data:/data', nodeFilters: ['server:0', 'agent:*']}
ports:
  - {port: '8080:80', nodeFilters: [loadbalancer]}
  - {port: '0.0.0.0:53:53/udp', nodeFilters: ['agent:1:direct']}
env:
  - {envVar: COST=5$$, nodeFilters: [all]}
registries:
  create: {name: registry.localhost, host: 0.0.0.0, hostPort: '5001', image: 'registry:2'}
  config: |
    mirrors:
      my.example:
        endpoint: [http://my.example:5000, 'https://other.example']
options:
  k3d: {wait: true, timeout: 90s, disableLoadbalancer: false, disableImageVolume: false}
  k3s:
    extraArgs: [{arg: '--disable=traefik', nodeFilters: ['server:*']}]
    nodeLabels: [{label: disk=fast, nodeFilters: ['agent:0,1']}]
  kubeconfig: {updateDefaultKubeconfig: true, switchCurrentContext: true}
  runtime: {gpuRequest: '', labels: []}
";
    assert_eq!(
        spec(text),
        json!({
            "name": "shop", "servers": 3, "agents": 2, "image": "rancher/k3s:v1.33.1-k3s1",
            "api": {"host": "shop.example", "ip": "0.0.0.0", "port": 6445},
            "ports": [
                {"hostIp": "0.0.0.0", "hostPort": 53, "nodePort": 53, "protocol": "udp", "node": "agent:1"},
                {"hostIp": "127.0.0.1", "hostPort": 8080, "nodePort": 80, "protocol": "tcp", "node": "server:0"},
            ],
            "registry": {"name": "registry.localhost", "ip": "0.0.0.0", "port": 5001, "image": "registry:2"},
            "mirrors": {"my.example": {"endpoints": ["http://my.example:5000", "https://other.example"]}},
            "network": "office",
            "env": [{"variable": "COST=5$", "nodes": "all"}],
            "args": [
                {"argument": "--disable=traefik", "nodes": "server:*"},
                {"argument": "--node-label=disk=fast", "nodes": "agent:0"},
                {"argument": "--node-label=disk=fast", "nodes": "agent:1"},
            ],
            "volumes": [
                {"bind": "/home/ada/data:/data", "nodes": "server:0"},
                {"bind": "/home/ada/data:/data", "nodes": "agent:*"},
            ],
        })
    );
    let file = file(&format!("{HEAD}{text}")).unwrap();
    assert_eq!(file.timeout, Some(std::time::Duration::from_secs(90)));
    assert!(file.switch_context);
    assert_eq!(file.draft.token.as_deref(), Some("secret"));
}

#[test_case("server: 1" => "3:1: unknown key 'server'; did you mean 'servers'?"; "an unknown key")]
#[test_case("options:\n  k3d:\n    timout: 1s" => "5:5: unknown key 'timout'; did you mean 'timeout'?"; "an unknown key further in")]
#[test_case("subnet: 10.0.0.0/16" => "3:9: 'subnet' cannot be honoured: the engine chooses the addresses of the network; name an existing `network` to have others"; "a subnet")]
#[test_case("metadata: {name: $NOBODY}" => "3:18: the environment variable NOBODY is not set"; "a variable that is not set")]
#[test_case("image: 'a$'" => "3:8: '$' without the name of a variable in 'a$'; write '$$' for the character itself"; "a dollar")]
#[test_case("servers: two" => "3:10: 'two' is no number of nodes"; "a word for a number")]
#[test_case("options: {k3d: {wait: false}}" => "3:23: 'options.k3d.wait: false' cannot be honoured: a cluster is always waited for; limit the time with `timeout`"; "not waiting")]
#[test_case("image: latest" => "3:8: 'latest' is a channel of k3s, which is not looked up: name an image, such as rancher/k3s:v1.34.4-k3s1"; "a channel")]
#[test_case("ports:\n  - port: 80:80\n    nodeFilters: ['servr:0']" => "5:19: 'servr:0' is no node filter; write server:0, server:*, agent:0, agent:* or all"; "a node filter")]
#[test_case("ports:\n  - port: 80:80\n    nodeFilters: ['agent:0']" => "4:11: there is no agent:0: there are no agents"; "a node that is not there")]
#[test_case("registries:\n  config: |\n    mirrors:\n      'a b': {}" => "5:5: in line 2 of it: 'a b' is no registry: write its host, perhaps with a port, such as docker.io, or '*' for all others"; "a mirror in the inline file")]
fn what_cannot_be_honoured_is_told_with_its_place(rest: &str) -> String {
    complaint(rest)
}

#[test_case(&["server:0"] => "server:0"; "one")]
#[test_case(&["servers"] => "server:*"; "a group")]
#[test_case(&["server:0,2", "agent:1-2"] => "server:0 server:2 agent:1 agent:2"; "lists and ranges")]
#[test_case(&["server:*", "agent:*"] => "all"; "everything in two groups")]
#[test_case(&["server:1", "server:*"] => "server:*"; "one of a group")]
#[test_case(&["server:1", "server:1"] => "server:1"; "twice the same")]
#[test_case(&[] => "all"; "without any")]
fn filters_select_nodes(filters: &[&str]) -> String {
    let filters: Vec<String> = filters.iter().map(|&filter| filter.to_owned()).collect();
    let nodes = filters::nodes(&filters, NodeSelector::All).unwrap();
    let nodes: Vec<String> = nodes.iter().map(ToString::to_string).collect();
    nodes.join(" ")
}

#[test_case("loadbalancer" => "server:0"; "the load balancer")]
#[test_case("loadbalancer:proxy" => "server:0"; "the load balancer said twice")]
#[test_case("server:*" => "server:0"; "servers behind the load balancer")]
#[test_case("agent:*" => "agent:0"; "agents behind the load balancer")]
#[test_case("agent:1:direct" => "agent:1"; "one agent itself")]
#[test_case("server:*:direct" => "server:*"; "every server itself")]
fn a_port_is_that_of_one_node_where_k3d_has_a_load_balancer(filter: &str) -> String {
    let nodes = filters::port_nodes(&[filter.to_owned()]).unwrap();
    let nodes: Vec<String> = nodes.iter().map(ToString::to_string).collect();
    nodes.join(" ")
}

#[test_case("plain" => "plain"; "nothing")]
#[test_case("$HOME/x" => "/home/ada/x"; "a variable")]
#[test_case("${HOME}work-$AGENTS." => "/home/adawork-2."; "braces and what ends a name")]
#[test_case("$$HOME $$$AGENTS" => "$HOME $2"; "dollars")]
fn variables_are_filled_in(text: &str) -> String {
    let variable = |name: &str| match name {
        "HOME" => Some("/home/ada".to_owned()),
        "AGENTS" => Some("2".to_owned()),
        _ => None,
    };
    expand::expand(text, &variable).unwrap()
}

#[test]
fn mirrors_may_be_in_a_file_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let mirrors = "mirrors:\n  a.example: {endpoint: [http://b.example:5000]}\n";
    std::fs::write(folder.path().join("registries.yaml"), mirrors).unwrap();
    let path = folder.path().join("k3d.yaml");
    std::fs::write(&path, format!("{HEAD}registries: {{config: registries.yaml}}\n")).unwrap();
    let spec = super::read(&path)
        .unwrap()
        .draft
        .spec(&Overrides::default())
        .unwrap();
    assert_eq!(
        serde_json::to_value(spec.mirrors).unwrap(),
        json!({"a.example": {"endpoints": ["http://b.example:5000"]}})
    );
}

#[test]
fn a_flag_gives_the_cluster_a_registry_that_the_file_does_not_mention() {
    let draft = file(HEAD).unwrap().draft;
    let flags = Overrides {
        registry_port: Some(5001),
        ..Overrides::default()
    };
    assert_eq!(draft.spec(&flags).unwrap().registry.unwrap().port, Some(5001));
}

#[test]
fn a_registry_without_a_port_gets_any_free_one() {
    let registry = &spec("registries: {create: {name: reg}}")["registry"];
    assert_eq!(
        (&registry["name"], &registry["port"]),
        (&json!("reg"), &Value::Null)
    );
}

proptest! {
    #[test]
    fn no_file_panics(text in r"(apiVersion: k3d.io/v1alpha5\nkind: Simple\n)?[a-zA-Z0-9:{}\[\]$,'\- \n*]{0,60}") {
        drop(file(&text));
    }

    #[test]
    fn a_text_without_a_dollar_is_left_as_it_is(text in "[^$]*") {
        prop_assert_eq!(expand::expand(&text, &|_| None).unwrap(), text);
    }
}
