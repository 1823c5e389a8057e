//! What a person reads at the end.

use std::net::{IpAddr, Ipv4Addr};

use platform::cluster::{Name, Published, RegistryNames, spec::Protocol};
use test_case::test_case;

use super::*;

fn usable(outcome: Outcome) -> Usable {
    let published = |host_port, container_port| Published {
        host_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        host_port,
        container_port,
        protocol: Protocol::Tcp,
        container: "k3d-demo-server-0".to_owned(),
    };
    Usable {
        name: Name::try_from("demo".to_owned()).unwrap(),
        outcome,
        context: "k3d-demo".to_owned(),
        current_context: false,
        server: "https://127.0.0.1:41234".to_owned(),
        kubeconfig: PathBuf::from("/home/ada/.kube/config"),
        registry: Some(RegistryNames {
            push: "localhost:5000".to_owned(),
            pull: "localhost:5000".to_owned(),
            network: "demo-registry:5000".to_owned(),
        }),
        ports: vec![published(41234, 6443), published(8080, 80)],
        after_ms: 7_940,
    }
}

fn text(report: &impl Report) -> String {
    report.text(Paint::new(false))
}

#[test]
fn a_new_cluster_comes_with_what_to_type_next() {
    insta::assert_snapshot!(text(&Ready::new(usable(Outcome::Created), None)), @"
    Cluster demo is created and ready after 7.9 s.
      Nodes       kubectl --context k3d-demo get nodes
      Images      docker push localhost:5000/NAME; the same name in pods
      Port        127.0.0.1:8080 is tcp port 80 of k3d-demo-server-0
      Kubeconfig  /home/ada/.kube/config
    ");
}

#[test]
fn a_file_of_the_command_line_is_named_to_kubectl_too() {
    let file = PathBuf::from("/tmp/my config");
    let mut usable = usable(Outcome::Started);
    usable.current_context = true;
    let ready = Ready::new(usable, Some(file));
    assert_eq!(ready.kubectl(), "kubectl --kubeconfig '/tmp/my config' get nodes");
}

#[test]
fn a_cluster_that_was_right_needs_one_line() {
    let text = text(&Ready::new(usable(Outcome::Unchanged), None));
    assert_eq!(text, "Cluster demo is ready as it is; there was nothing to do.\n");
}

#[test]
fn programs_get_the_platforms_own_words() {
    let ready = serde_json::to_value(Ready::new(usable(Outcome::Repaired), None)).unwrap();
    assert_eq!(ready, serde_json::to_value(usable(Outcome::Repaired)).unwrap());
}

#[test]
fn what_is_left_after_a_deletion_is_named() {
    let deleted = Deleted {
        name: Name::try_from("demo".to_owned()).unwrap(),
        outcome: Outcome::Removed,
        removed: vec!["container k3d-demo-server-0".to_owned()],
        kept: vec![Kept {
            what: "volume demo-registry".to_owned(),
            why: "the registry's images; --all removes them too".to_owned(),
        }],
        kubeconfigs: Vec::new(),
        was_current_context: true,
        after_ms: 1_230,
    };
    insta::assert_snapshot!(text(&deleted), @"
    Cluster demo is deleted after 1.2 s.
    It was kubectl's current context; there is none now.
      Kept volume demo-registry: the registry's images; --all removes them too
    ");
}

#[test_case("/a/b.yaml" => "/a/b.yaml"; "nothing special")]
#[test_case("/it's" => r"'/it'\''s'"; "a quote")]
#[test_case("" => "''"; "nothing")]
fn shell_word(path: &str) -> String {
    quoted(path)
}
