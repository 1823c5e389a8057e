//! From drafts and flags to checked specs.

use test_case::test_case;

use super::*;

fn spec(overrides: &Overrides) -> Result<Spec, String> {
    Draft::default()
        .spec(overrides)
        .map_err(|error| error.to_string())
}

#[test]
fn without_any_file_there_are_defaults() {
    let spec = spec(&Overrides::default()).unwrap();
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
