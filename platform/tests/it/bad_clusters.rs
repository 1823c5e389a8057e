//! Descriptions of clusters that cannot be, and what people are told about them.

use std::fmt::Write;

use platform::cluster::k3d_file;
use platform::cluster::spec::{Draft, Overrides};
use platform::project::Project;

/// Everything flags can get wrong.
fn flags() -> Vec<Overrides> {
    let base = Overrides::default;
    let name = |name: &str| Overrides {
        name: Some(name.to_owned()),
        ..base()
    };
    let image = |image: &str| Overrides {
        image: Some(image.to_owned()),
        ..base()
    };
    let ports = |ports: &[&str]| Overrides {
        ports: ports.iter().map(|&port| port.to_owned()).collect(),
        ..base()
    };
    let servers = |servers| Overrides {
        servers: Some(servers),
        ..base()
    };
    vec![
        name(""),
        name("Shop"),
        name("-shop"),
        name("shop_1"),
        name("shop\u{1b}[31m"),
        name("a-name-of-thirty-three-characters"),
        servers(0),
        servers(2),
        servers(9),
        Overrides {
            agents: Some(101),
            ..base()
        },
        image(""),
        image("rancher/k3s:"),
        image("rancher/K3s"),
        image("rancher/k3s@sha256:abc"),
        image("https://docker.io/rancher/k3s"),
        ports(&["80"]),
        ports(&["0:80"]),
        ports(&["8080:0"]),
        ports(&["65536:80"]),
        ports(&["-1:80"]),
        ports(&["http:80"]),
        ports(&["8080:80/sctp"]),
        ports(&["8080:80@all:1"]),
        ports(&["8080:80@server:1"]),
        ports(&["8080:80@agent:0"]),
        ports(&["8080:80@servr:0"]),
        ports(&["::1:8080:80"]),
        ports(&["[127.0.0.1]:8080:80"]),
        ports(&["example.com:8080:80"]),
        ports(&["8000-8010:80-81"]),
        ports(&["8010-8000:90-80"]),
        ports(&["1-60000:1-60000"]),
        ports(&["8080:80", "0.0.0.0:8080:81"]),
        ports(&["5000:80"]),
        Overrides {
            api_port: Some(5000),
            ..base()
        },
        Overrides {
            api_port: Some(6550),
            ports: vec!["6550:80".to_owned()],
            ..base()
        },
        Overrides {
            servers: Some(3),
            ports: vec!["8080:80@server:*".to_owned()],
            ..base()
        },
    ]
}

/// What the section of a project can get wrong.
const PROJECTS: &[&str] = &[
    "cluster: 3",
    "clusters: {}",
    "cluster: {server: 1}",
    "cluster: {servers: two}",
    "cluster: {servers: 4}",
    "cluster: {agents: -1}",
    "cluster: {name: The Shop}",
    "cluster: {image: 'k3s:'}",
    "cluster: {image: }\nimage: x",
    "cluster: {api: {prot: 6550}}",
    "cluster: {api: {port: 70000}}",
    "cluster: {api: {ip: here}}",
    "cluster: {api: {host: 'a b'}}",
    "cluster: {ports: 8080:80}",
    "cluster:\n  ports:\n    - 8080:80\n    - 8080:81",
    "cluster:\n  ports: ['5001:80']\n  registry: {port: 5001}",
    "cluster: {registry: none}",
    "cluster:\n  registry:\n    prot: 5000",
    "cluster: {registry: {name: my_registry}}",
    "cluster: {registry: {name: localhost}}",
    "cluster: {name: shop, registry: {name: k3d-shop-server-0}}",
    "cluster:\n  registry: false\n  mirrors:\n    docker.io: registry",
    "cluster:\n  mirrors:\n    docker.io:",
    "cluster:\n  mirrors:\n    docker.io: registri",
    "cluster:\n  mirrors:\n    docker.io: {pullthrough: https://registry-1.docker.io}",
    "cluster:\n  mirrors:\n    docker.io: {pullThrough: https://docker.io}",
    "cluster:\n  mirrors:\n    docker.io: {pullThrough: registry-1.docker.io}",
    "cluster:\n  mirrors:\n    docker.io: {pullThrough: https://a.example, endpoint: https://b.example}",
    "cluster:\n  mirrors:\n    '*': {pullThrough: https://a.example}",
    "cluster:\n  mirrors:\n    https://docker.io: registry",
    "cluster:\n  mirrors:\n    a.example: {endpoint: ['https://me:secret@b.example']}",
    "cluster:\n  mirrors:\n    localhost:5000: registry",
    "cluster:\n  mirrors:\n    a.example: {endpoint: []}",
    "cluster:\n  mirrors:\n    a.example: registry\n    a.example: registry",
    "cluster:\n  mirrors:\n    a.b: {pullThrough: https://a.b}\n    a-b: {pullThrough: https://a-b.example}",
    "cluster: {network: host}",
    "cluster: {network: 'my net'}",
    "cluster: {env: [PROXY]}",
    "cluster: {env: ['A=1@node:0']}",
    "cluster: {args: [disable=traefik]}",
    "cluster: {args: ['--node-label=a=b@agent:3'], agents: 3}",
    "cluster: {volumes: [/data]}",
    "cluster: {volumes: ['data/x:/data']}",
    "cluster: {volumes: ['/data:data']}",
    "cluster: {volumes: ['/data:/data:readonly']}",
    "cluster: {token: secret}",
];

/// What a file of k3d can get wrong; `\n` at the beginning stands for its two first lines.
const K3D_FILES: &[&str] = &[
    "",
    "kind: Simple",
    "apiVersion: k3d.io/v1alpha2\nkind: Simple\nname: shop",
    "apiVersion: k3d.io/v1alpha5\nkind: Cluster",
    "\nname: shop",
    "\nmetadata: {nam: shop}",
    "\nmetadata: {name: $RATECTL_TEST_OF_A_VARIABLE_THAT_IS_NOT_SET}",
    "\nmetadata: {name: '${HOME'}",
    "\nservers: 2",
    "\nagents: some",
    "\nkubeAPI: {hostPort: '70000'}",
    "\nkubeAPI: {hostIP: here}",
    "\nimage: +v1.34",
    "\nimage: 'a b'",
    "\nsubnet: 10.1.0.0/16",
    "\ntoken: 'a b'",
    "\nfiles: [{source: a, destination: b}]",
    "\nhostAliases: [{ip: 1.2.3.4, hostnames: [a]}]",
    "\nports: [{port: '80'}]",
    "\nports: [{prot: '80:80'}]",
    "\nports: [{port: '80:80', nodeFilters: ['server:1']}]",
    "\nports: [{port: '80:80', nodeFilters: ['server:0', 'server:0:indirect']}]",
    "\nports: [{port: '80:80', nodeFilters: ['agent:*:direct']}]\nagents: 2",
    "\nvolumes: [{volume: '/a:/b', nodeFilters: [loadbalancer]}]",
    "\nvolumes: [{volume: '/a:/b', nodeFilters: ['server:0:direct']}]",
    "\nenv: [{envVar: A}]",
    "\nregistries: {use: [other:5000]}",
    "\nregistries: {create: {proxy: {remoteURL: 'https://registry-1.docker.io'}}}",
    "\nregistries: {create: {volumes: ['/a:/b']}}",
    "\nregistries: {config: 'no such file'}",
    "\nregistries:\n  config: |\n    mirrors:\n      a.example:\n        endpoints: []",
    "\nregistries:\n  config: |\n    configs:\n      a.example: {auth: {username: a}}",
    "\noptions: {k3d: {wait: false}}",
    "\noptions: {k3d: {wait: perhaps}}",
    "\noptions: {k3d: {timeout: soon}}",
    "\noptions: {k3d: {disableImageVolume: true}}",
    "\noptions: {k3d: {loadbalancer: {configOverrides: ['settings.workerConnections=2048']}}}",
    "\noptions: {k3s: {nodeLabels: [{label: 'a b'}]}}",
    "\noptions: {k3s: {extraArgs: [{arg: disable}]}}",
    "\noptions: {kubeconfig: {updateDefaultKubeconfig: false}}",
    "\noptions: {runtime: {gpuRequest: all}}",
    "\noptions: {runtime: {ulimits: [{name: nofile, soft: 1, hard: 1}]}}",
];

fn refused(draft: Draft, overrides: &Overrides) -> String {
    match draft.spec(overrides) {
        Ok(spec) => panic!("it can be: {spec:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn flags_that_cannot_be_are_refused() {
    let mut table = String::new();
    for overrides in flags() {
        let message = refused(Draft::default(), &overrides);
        writeln!(table, "{message}").unwrap();
    }
    insta::assert_snapshot!(table);
}

/// Every text as the file of that name, and what is said about it.
fn table(file: &str, texts: &[&str], message: impl Fn(&std::path::Path) -> String) -> String {
    // No cluster can be called so, or its random letters would be in some of the messages.
    let folder = tempfile::Builder::new().prefix("Shop_").tempdir().unwrap();
    let path = folder.path().join(file);
    let mut table = String::new();
    for text in texts {
        let text = match text.strip_prefix('\n') {
            Some(rest) => format!("apiVersion: k3d.io/v1alpha5\nkind: Simple\n{rest}"),
            None => (*text).to_owned(),
        };
        std::fs::write(&path, &text).unwrap();
        let folder = format!("{}/", folder.path().display());
        let message = message(&path).replace(&folder, "");
        writeln!(
            table,
            "{}\n=> {message}\n",
            text.trim_start_matches("apiVersion: k3d.io/v1alpha5\nkind: Simple\n")
        )
        .unwrap();
    }
    table
}

#[test]
fn sections_of_a_project_that_cannot_be_are_refused() {
    let message = |path: &std::path::Path| match Project::load(path) {
        Ok(project) => refused(project.cluster, &Overrides::default()),
        Err(error) => error.to_string(),
    };
    insta::assert_snapshot!(table("ratectl.yaml", PROJECTS, message));
}

#[test]
fn files_of_k3d_that_cannot_be_are_refused() {
    let message = |path: &std::path::Path| match k3d_file::read(path) {
        Ok(file) => refused(file.draft, &Overrides::default()),
        Err(error) => error.to_string(),
    };
    insta::assert_snapshot!(table("k3d.yaml", K3D_FILES, message));
}
