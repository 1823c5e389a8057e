//! From drafts and flags to checked specs, and what is different between two of them.

use proptest::prelude::*;
use test_case::test_case;

use super::*;
use crate::cluster::Difference;

mod generated;

fn spec(overrides: &Overrides) -> Result<Spec, String> {
    Draft::default()
        .spec(overrides)
        .map_err(|error| error.to_string())
}

fn default_spec() -> Spec {
    spec(&Overrides::default()).unwrap()
}

#[test]
fn without_any_file_there_are_defaults() {
    let spec = default_spec();
    assert_eq!(spec.name.as_str(), "localdevcluster");
    assert_eq!((spec.servers, spec.agents), (1, 0));
    assert_eq!(spec.image, DEFAULT_IMAGE);
    assert_eq!((spec.api.ip, spec.api.port), (LOOPBACK, None));
    let registry = spec.registry.unwrap();
    assert_eq!(
        (registry.name.as_str(), registry.port),
        ("localdevcluster-registry", Some(5000))
    );
}

#[test]
fn flags_win_over_the_file_and_0_is_any_free_port() {
    let draft = Draft {
        default_name: Name::try_from("shop".to_owned()).ok(),
        ports: vec![
            Said::new(mapping("8080:80"), Origin::Default),
            Said::new(mapping("8081:81"), Origin::Default),
        ],
        ..Draft::default()
    };
    let flags = Overrides {
        agents: Some(1),
        registry_port: Some(0),
        api_port: Some(0),
        ports: vec!["8080:8000@agent:0".to_owned()],
        ..Overrides::default()
    };
    let spec = draft.spec(&flags).unwrap();
    assert_eq!(spec.name.as_str(), "shop");
    assert_eq!(spec.api.port, None);
    assert_eq!(spec.registry.unwrap().port, None);
    let ports: Vec<String> = spec.ports.iter().map(ToString::to_string).collect();
    assert_eq!(
        ports,
        [
            "127.0.0.1:8080:8000/tcp@agent:0",
            "127.0.0.1:8081:81/tcp@server:0"
        ]
    );
}

#[test]
fn the_cluster_that_is_meant_is_named_by_the_flag_or_the_file_or_the_project() {
    let name = |name: &str| Name::try_from(name.to_owned()).unwrap();
    let mut draft = Draft::default();
    assert_eq!(draft.cluster_name(None).unwrap(), name(DEFAULT_NAME));
    draft.default_name = Some(name("project"));
    assert_eq!(draft.cluster_name(None).unwrap(), name("project"));
    draft.name = Some(Said::new(name("file"), Origin::Default));
    assert_eq!(draft.cluster_name(None).unwrap(), name("file"));
    assert_eq!(draft.cluster_name(Some("flag")).unwrap(), name("flag"));
    assert!(draft.cluster_name(Some("The Flag")).is_err());
}

#[test]
fn a_registry_that_the_file_does_without_cannot_get_a_port() {
    let origin = Origin::File {
        file: std::path::Path::new("ratectl.yaml").into(),
        line: 3,
        column: 5,
    };
    let draft = Draft {
        registry: RegistryWish::Off(origin),
        ..Draft::default()
    };
    let flags = Overrides {
        registry_port: Some(5001),
        ..Overrides::default()
    };
    assert_eq!(
        draft.spec(&flags).unwrap_err().to_string(),
        "--registry-port: there is to be no registry, as ratectl.yaml:3:5 says"
    );
}

#[test]
fn one_port_may_be_used_with_two_protocols_and_two_addresses() {
    let flags = Overrides {
        ports: ["53:53", "53:53/udp", "[::1]:53:53"].map(str::to_owned).to_vec(),
        ..Overrides::default()
    };
    assert_eq!(spec(&flags).unwrap().ports.len(), 3);
}

#[test_case("8080:80" => "127.0.0.1:8080:80/tcp@server:0"; "two ports")]
#[test_case("0.0.0.0:53:5353/udp@agent:2" => "0.0.0.0:53:5353/udp@agent:2"; "everything")]
#[test_case("[::1]:8080:80@loadbalancer" => "[::1]:8080:80/tcp@server:0"; "an IPv6 address")]
#[test_case("8000-8001:80-81" => "127.0.0.1:8000:80/tcp@server:0 127.0.0.1:8001:81/tcp@server:0"; "ranges")]
fn a_port_mapping_is_read(text: &str) -> String {
    let mappings: Vec<String> = PortMapping::parse(text)
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    mappings.join(" ")
}

fn mapping(text: &str) -> PortMapping {
    PortMapping::parse(text).unwrap().remove(0)
}

#[test_case("0.0.0.0", "shop.example" => "https://shop.example:6550"; "a name")]
#[test_case("127.0.0.1", "127.0.0.1" => "https://127.0.0.1:6550"; "an address")]
#[test_case("::1", "::1" => "https://[::1]:6550"; "an IPv6 address")]
fn an_api_server_has_a_url(ip: &str, host: &str) -> String {
    let api = ApiAddress {
        host: host.to_owned(),
        ip: ip.parse().unwrap(),
        port: None,
    };
    api.url(6550)
}

#[test]
fn a_node_gets_what_is_for_it() {
    let mut spec = default_spec();
    (spec.servers, spec.agents) = (3, 2);
    spec.env = ["A=1", "B=2@agent:*", "C=3@server:2"]
        .map(|text| NodeVariable::parse(text).unwrap())
        .to_vec();
    let env = |node| spec.env_of(node).collect::<Vec<_>>().join(" ");
    assert_eq!(env(Node::Server(0)), "A=1");
    assert_eq!(env(Node::Server(2)), "A=1 C=3");
    assert_eq!(env(Node::Agent(1)), "A=1 B=2");
    let names: Vec<String> = spec.nodes().map(|node| spec.name.node(node)).collect();
    assert_eq!(
        names[2..4],
        ["k3d-localdevcluster-server-2", "k3d-localdevcluster-agent-0"]
    );
}

/// What is told when the spec that is there was changed by `is`, and the wanted one by `wanted`.
fn differences(is: impl FnOnce(&mut Spec), wanted: impl FnOnce(&mut Spec)) -> Vec<String> {
    let (mut there, mut other) = (default_spec(), default_spec());
    is(&mut there);
    wanted(&mut other);
    let told = there.differences(&other);
    told.iter().map(Difference::to_string).collect()
}

#[test]
fn every_field_that_differs_is_told() {
    let all = differences(
        |_| {},
        |wanted| {
            wanted.servers = 3;
            wanted.agents = 2;
            wanted.image = "rancher/k3s:v2".to_owned();
            wanted.api = ApiAddress {
                host: "shop.example".to_owned(),
                ip: "0.0.0.0".parse().unwrap(),
                port: Some(6550),
            };
            wanted.ports = vec![mapping("8080:80"), mapping("53:53/udp")];
            wanted.registry = Some(RegistrySpec {
                name: "reg".to_owned(),
                ip: "0.0.0.0".parse().unwrap(),
                port: Some(5001),
                image: "registry:2".to_owned(),
            });
            wanted.mirrors = [("docker.io".to_owned(), Mirror::Registry)].into();
            wanted.network = Some("office".to_owned());
            wanted.env = vec![NodeVariable::parse("A=1").unwrap()];
            wanted.args = vec![NodeArgument::parse("--disable=traefik").unwrap()];
            wanted.volumes = vec![NodeVolume::parse("/a:/b").unwrap()];
            wanted.token = Some("never compared, never told".to_owned());
        },
    );
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn what_means_the_same_is_no_difference() {
    let none = differences(
        |is| {
            is.image = "docker.io/rancher/k3s:v1.34.4-k3s1".to_owned();
            is.api.port = Some(40123);
            is.registry.as_mut().unwrap().port = Some(40124);
            is.ports = vec![mapping("1:1"), mapping("2:2")];
        },
        |wanted| {
            wanted.registry.as_mut().unwrap().port = None;
            wanted.ports = vec![mapping("2:2"), mapping("1:1")];
        },
    );
    assert_eq!(none, [""; 0]);
}

#[test_case(None, None => None; "both leave it open")]
#[test_case(None, Some(1) => Some(1); "any fits the named one")]
#[test_case(Some(9), None => None; "the one that was picked")]
#[test_case(Some(2), None => Some(2); "another than was picked")]
#[test_case(Some(2), Some(1) => Some(2); "another than was named")]
fn a_wish_for_a_port_is_said_as_what_is_there_says_it(wanted: Option<u16>, is: Option<u16>) -> Option<u16> {
    let (mut wish, mut there) = (default_spec(), default_spec());
    wish.api.port = wanted;
    there.api.port = is;
    let picked = Picked {
        api: Some(9),
        registry: None,
    };
    wish.adopting(&there, picked).api.port
}

#[test]
fn what_differs_only_in_words_becomes_the_same() {
    let (mut wish, there) = (default_spec(), default_spec());
    wish.image = format!("docker.io/{DEFAULT_IMAGE}");
    let registry = wish.registry.as_mut().unwrap();
    registry.image = "registry:3".to_owned();
    registry.port = None;
    assert_eq!(wish.adopting(&there, Picked::default()), there);
}

#[test]
fn only_what_is_more_or_less_in_a_list_is_told() {
    let told = differences(
        |is| is.ports = vec![mapping("1:1"), mapping("2:2")],
        |wanted| wanted.ports = vec![mapping("3:3"), mapping("1:1")],
    );
    assert_eq!(
        told,
        ["ports is 127.0.0.1:2:2/tcp@server:0, wanted 127.0.0.1:3:3/tcp@server:0"]
    );
    let gone = differences(|_| {}, |wanted| wanted.registry = None);
    assert_eq!(gone, ["registry is localdevcluster-registry, wanted none"]);
}

#[test]
fn a_label_of_an_older_version_is_read() {
    let label = r#"{"name":"a","servers":1,"agents":0,"image":"x","api":{"host":"h","ip":"::","port":null},
        "registry":null,"network":null,"somethingNew":1}"#;
    let spec: Spec = serde_json::from_str(label).unwrap();
    assert_eq!((spec.ports.len(), spec.mirrors.len(), spec.token), (0, 0, None));
}

proptest! {
    #[test]
    fn a_spec_survives_its_label(spec in generated::spec()) {
        let label = serde_json::to_string(&spec).unwrap();
        let back: Spec = serde_json::from_str(&label).unwrap();
        prop_assert_eq!(&back, &spec);
        prop_assert_eq!(serde_json::to_string(&back).unwrap(), label);
        prop_assert_eq!(spec.differences(&back), []);
    }

    #[test]
    fn what_is_shown_is_read_again(spec in generated::spec()) {
        for mapping in &spec.ports {
            prop_assert_eq!(PortMapping::parse(&mapping.to_string()), Ok(vec![mapping.clone()]));
        }
        for variable in &spec.env {
            prop_assert_eq!(NodeVariable::parse(&variable.to_string()), Ok(variable.clone()));
        }
        for argument in &spec.args {
            prop_assert_eq!(NodeArgument::parse(&argument.to_string()), Ok(argument.clone()));
        }
        for volume in &spec.volumes {
            prop_assert_eq!(NodeVolume::parse(&volume.to_string()), Ok(volume.clone()));
        }
    }

    #[test]
    fn a_token_never_gets_into_the_label(token in "[a-z]{20}") {
        let spec = Spec { token: Some(token.clone()), ..default_spec() };
        prop_assert!(!serde_json::to_string(&spec).unwrap().contains(&token));
    }

    #[test]
    fn no_text_panics(text in r"[\]\[0-9a-z:@/*.,=\-\x00-\x1fé]{0,30}") {
        drop(PortMapping::parse(&text));
        drop(text.parse::<NodeSelector>());
        drop(NodeVariable::parse(&text));
        drop(NodeArgument::parse(&text));
        drop(NodeVolume::parse(&text));
        drop(Name::try_from(text.clone()));
        drop(text::registry_url(&format!("http://{text}")));
        drop(text::mirrored_host(&text));
        drop(text::network(&text));
        drop(text::host(&text));
    }
}
