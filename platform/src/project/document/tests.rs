//! Project files, right and wrong.

mod deployment;

use test_case::test_case;

use super::*;
use crate::cluster::spec::{DEFAULT_IMAGE, Overrides};
use crate::project::Dev;
use crate::project::template::Template;

fn project(text: &str) -> Result<Project, String> {
    read(Path::new("/p/ratectl.yaml"), text).map_err(|error| error.to_string())
}

/// `components: {a: {dev: …}}`
fn dev(dev: &str) -> Result<Dev, String> {
    let project = project(&format!("components:\n  a:\n    dev: {dev}\n"))?;
    Ok(project.components.into_iter().next().unwrap().dev.unwrap())
}

#[test]
fn a_whole_file_is_read() {
    let text = "
streams: manifests/streams
routes: /etc/routes.yaml
dev: {port: 9000}
components:
  web:
    dev: {static: web/dist, path: /ui/}
  greeter:
    dev:
      command: [greeter, --port, '${PORT}']
      env: {NATS: '${NATS_URL}', VERBOSE: true, WORKERS: 4, RATIO: 0.5}
      ready: http://127.0.0.1:${PORT}/
      directory: services/greeter
      build: [make, greeter]
      built: bin/greeter
  later:
";
    let project = project(text).unwrap();
    assert_eq!(project.name, "p");
    assert_eq!(project.root, Path::new("/p"));
    assert_eq!(
        project.streams.as_deref(),
        Some(Path::new("/p/manifests/streams"))
    );
    assert_eq!(project.routes.as_deref(), Some(Path::new("/etc/routes.yaml")));
    assert_eq!(project.port, Some(9000));
    let names: Vec<&str> = project
        .components
        .iter()
        .map(|component| component.name.as_str())
        .collect();
    assert_eq!(names, ["web", "greeter", "later"], "in the order of the file");
    let (_, files) = project.statics().next().unwrap();
    assert_eq!(
        (files.folder.as_path(), files.path.as_str()),
        (Path::new("/p/web/dist"), "/ui")
    );
    let (_, process) = project.processes().next().unwrap();
    assert_eq!(process.directory, Path::new("/p/services/greeter"));
    assert_eq!(
        process.built.as_deref(),
        Some(Path::new("/p/services/greeter/bin/greeter"))
    );
    let env: Vec<String> = process.env.values().map(Template::to_string).collect();
    assert_eq!(env, ["${NATS_URL}", "0.5", "true", "4"]);
    assert_eq!(project.components[2].dev, None);
}

#[test]
fn an_empty_file_is_a_project_without_anything() {
    assert_eq!(project("{}").unwrap().components, []);
    assert_eq!(project("name: x\ncomponents:\n").unwrap().name, "x");
}

#[test_case("streasm: x" => "1:1: unknown key 'streasm'; did you mean 'streams'?"; "at the top")]
#[test_case("name: x\ndev: {prot: 1}" => "2:7: unknown key 'prot'; did you mean 'port'?"; "in dev")]
#[test_case("components:\n  a:\n    dve: {}" => "3:5: unknown key 'dve'; did you mean 'dev'?"; "in a component")]
#[test_case("components:\n  a:\n    dev:\n      comand: [x]" => "4:7: unknown key 'comand'; did you mean 'command'?"; "in a component's dev")]
fn an_unknown_key_is_named_with_its_place_and_what_was_meant(text: &str) -> String {
    project(text)
        .unwrap_err()
        .strip_prefix("/p/ratectl.yaml:")
        .unwrap()
        .to_owned()
}

#[test_case("components:\n  A_b: {}", "2:3: component 'A_b' needs a name"; "a name that is none")]
#[test_case("components:\n  a: {}\n  a: {}", "3:3: "; "a component twice")]
#[test_case("dev: {port: 70000}", "1:13: "; "a port that is none")]
#[test_case("components: [a]", "1:"; "a list")]
#[test_case("name: [", "1:"; "broken YAML")]
#[test_case("name: ${HOME}", ""; "a placeholder elsewhere is plain text")]
fn a_mistake_has_its_place(text: &str, expected: &str) {
    match project(text) {
        Ok(project) => assert_eq!((project.name.as_str(), expected), ("${HOME}", "")),
        Err(message) => assert!(
            message.starts_with(&format!("/p/ratectl.yaml:{expected}")),
            "{message}"
        ),
    }
}

#[test_case("{}", "needs a 'command' to run or a 'static' folder"; "nothing")]
#[test_case("{command: [a], static: b, path: /c}", "exclude each other"; "both")]
#[test_case("{command: []}", "at least the program"; "no program")]
#[test_case("{command: [a], path: /ui}", "'path' belongs to 'static'"; "a path for a process")]
#[test_case("{command: [a], immutable: b}", "'immutable' belongs to 'static'"; "a folder within for a process")]
#[test_case("{command: [a], policy: b}", "'policy' belongs to 'static'"; "a policy for a process")]
#[test_case("{static: a, path: /a, immutable: ../b}", "'../b' is no folder in 'static'"; "a folder outside")]
#[test_case("{static: a, path: /a, immutable: /b}", "'/b' is no folder in 'static'"; "an absolute folder within")]
#[test_case("{static: a, path: /a, immutable: ''}", "'' is no folder in 'static'"; "no folder within")]
#[test_case("{static: a, path: /a, policy: \"x\\ny\"}", "one line of ASCII text"; "a policy of two lines")]
#[test_case("{static: a, path: /a, policy: ' '}", "one line of ASCII text"; "an empty policy")]
#[test_case("{static: a, path: /a, built: b}", "'built' belongs to 'command'"; "a program for files")]
#[test_case("{command: [a], built: b}", "'built' needs a 'build'"; "built without build")]
#[test_case("{command: [a, '${PROT}']}", "did you mean 'PORT'?"; "an unknown placeholder")]
#[test_case("{command: [a], env: {B: '${'}}", "without '}'"; "half a placeholder")]
#[test_case("{static: a}", "needs a 'path'"; "files without a path")]
#[test_case("{static: a, path: ui}", "no URL path"; "a relative path")]
#[test_case("{static: a, path: /}", "no URL path"; "the root")]
#[test_case("{static: a, path: /a/../b}", "no URL path"; "a path that climbs")]
#[test_case("{static: a, path: /a, env: {B: c}}", "'env' belongs to 'command'"; "environment for files")]
fn a_dev_section_that_cannot_be_is_refused(text: &str, expected: &str) {
    let message = dev(text).unwrap_err();
    assert!(message.contains(expected), "{message}");
}

#[test]
fn files_may_say_how_they_are_built_and_kept() {
    let text = "{static: d, path: /x, build: [make, d], immutable: a/b/, policy: \"default-src 'self'\"}";
    let Dev::Static(files) = dev(text).unwrap() else {
        panic!("these are files")
    };
    assert_eq!(files.build, ["make", "d"]);
    assert_eq!(files.immutable.as_deref(), Some(Path::new("a/b")));
    assert_eq!(files.policy.as_deref(), Some("default-src 'self'"));
}

#[test]
fn two_folders_cannot_have_one_path() {
    let text = "components: {a: {dev: {static: a, path: /x}}, b: {dev: {static: b, path: /x/}}}";
    assert!(
        project(text)
            .unwrap_err()
            .contains("two components have their files under /x")
    );
}

#[test]
fn this_repository_is_a_project() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .join(super::super::FILE);
    let project = Project::load(&file).unwrap();
    assert!(project.processes().count() > 0);
    assert!(project.streams.unwrap().is_dir());
    assert!(project.routes.unwrap().is_file());
}

#[test]
fn the_cluster_section_becomes_a_spec() {
    let text = "
name: shop
cluster:
  servers: 3
  agents: 1
  api: {ip: 0.0.0.0, port: 6550}
  ports: ['8080:80', '[::1]:53:53/udp@agent:*']
  registry: {port: 5001}
  mirrors:
    quay.io: registry
    docker.io: {pullThrough: https://registry-1.docker.io/}
    '*': {endpoint: http://cache:5000}
  args: [--disable=traefik]
  env: [A=1@agent:*]
  volumes: ['./data:/data']
";
    let spec = project(text)
        .unwrap()
        .cluster
        .spec(&Overrides::default())
        .unwrap();
    assert_eq!(
        serde_json::to_value(&spec).unwrap(),
        serde_json::json!({
            "name": "shop", "servers": 3, "agents": 1, "image": DEFAULT_IMAGE,
            "api": {"host": "127.0.0.1", "ip": "0.0.0.0", "port": 6550},
            "ports": [
                {"hostIp": "127.0.0.1", "hostPort": 8080, "nodePort": 80, "protocol": "tcp", "node": "server:0"},
                {"hostIp": "::1", "hostPort": 53, "nodePort": 53, "protocol": "udp", "node": "agent:0"},
            ],
            "registry": {
                "name": "shop-registry", "ip": "127.0.0.1", "port": 5001, "image": "docker.io/library/registry:3",
            },
            "mirrors": {
                "quay.io": "registry",
                "docker.io": {"pullThrough": "https://registry-1.docker.io"},
                "*": {"endpoints": ["http://cache:5000"]},
            },
            "network": null,
            "env": [{"variable": "A=1", "nodes": "agent:*"}],
            "args": [{"argument": "--disable=traefik", "nodes": "server:*"}],
            "volumes": [{"bind": "/p/data:/data", "nodes": "all"}],
        })
    );
}

#[test_case("cluster:"; "nothing")]
#[test_case("cluster: {}"; "an empty mapping")]
#[test_case("cluster:\n  name:\n  servers:\n  api:\n  ports:\n  registry:\n  mirrors:\n  env:\n  args:\n  volumes:"; "keys without values")]
#[test_case("cluster: {registry: true, api: {port: 0}, ports: []}"; "the defaults in words")]
fn what_says_nothing_about_the_cluster_means_the_defaults(text: &str) {
    let said = project(&format!("name: p\n{text}")).unwrap().cluster;
    let silent = project("name: p").unwrap().cluster;
    let spec = |draft: crate::cluster::spec::Draft| draft.spec(&Overrides::default()).unwrap();
    assert_eq!(spec(said), spec(silent));
}

#[test]
fn a_project_whose_name_is_no_cluster_name_gets_the_usual_one() {
    let spec = |text| {
        project(text)
            .unwrap()
            .cluster
            .spec(&Overrides::default())
            .unwrap()
    };
    assert_eq!(spec("name: The Shop").name.as_str(), "localdevcluster");
    assert_eq!(spec("name: shop").name.as_str(), "shop");
}
