//! References as people write them.

use test_case::test_case;

use super::*;

const HEX: &str = "9f1c6ae2b0b4c9d1d58cb6ba27ff6e8f1bd0d4a3c4a9a7ad3ae1f3f5f4b5c6d7";

#[test_case("registry" => "docker.io/library/registry:latest"; "only a name")]
#[test_case("registry:3" => "docker.io/library/registry:3"; "a name and a tag")]
#[test_case("rancher/k3s:v1.34.4-k3s1" => "docker.io/rancher/k3s:v1.34.4-k3s1"; "of a user")]
#[test_case("docker.io/registry" => "docker.io/library/registry:latest"; "the default registry, named")]
#[test_case("index.docker.io/registry" => "docker.io/library/registry:latest"; "its old name")]
#[test_case("docker.io/rancher/k3s" => "docker.io/rancher/k3s:latest"; "the default registry and a user")]
#[test_case("localhost/app" => "localhost/app:latest"; "localhost is a registry")]
#[test_case("localhost:5000/app:1" => "localhost:5000/app:1"; "a port")]
#[test_case("ghcr.io/a/b/c" => "ghcr.io/a/b/c:latest"; "a deep path")]
#[test_case("127.0.0.1:5000/app" => "127.0.0.1:5000/app:latest"; "an address")]
#[test_case("[::1]:5000/app" => "[::1]:5000/app:latest"; "an IPv6 address")]
#[test_case("Registry/app" => "Registry/app:latest"; "capitals make a registry")]
#[test_case("my-registry:5000/a.b_c__d--e" => "my-registry:5000/a.b_c__d--e:latest"; "every separator")]
fn a_reference_is_completed(reference: &str) -> String {
    reference.parse::<Reference>().unwrap().to_string()
}

#[test]
fn a_digest_stands_for_the_tag() {
    let reference: Reference = format!("app@sha256:{HEX}").parse().unwrap();
    assert_eq!(reference.tag(), None);
    assert_eq!(
        reference.to_string(),
        format!("docker.io/library/app@sha256:{HEX}")
    );
    let both: Reference = format!("app:1@sha256:{HEX}").parse().unwrap();
    assert_eq!(
        (both.tag(), both.digest()),
        (Some("1"), Some(format!("sha256:{HEX}").as_str()))
    );
}

#[test_case("" => "it is empty"; "nothing")]
#[test_case("App" => "a repository's name is in lowercase"; "capitals")]
#[test_case("localhost:5000/App" => "a repository's name is in lowercase"; "capitals behind a registry")]
#[test_case("localhost:5000/" => "it names no repository"; "only a registry")]
#[test_case("app:" => "the tag behind : is empty"; "an empty tag")]
#[test_case("app:.1" => "a tag is made of letters, digits, _ . and -, and begins with none of the last two"; "a tag that begins with a dot")]
#[test_case("app:a b" => "a tag is made of letters, digits, _ . and -, and begins with none of the last two"; "a space")]
#[test_case("a//b" => "a repository's name is made of lowercase letters and digits, with single . _ - or __ between them"; "an empty part")]
#[test_case("a..b" => "a repository's name is made of lowercase letters and digits, with single . _ - or __ between them"; "two dots")]
#[test_case("-a" => "a repository's name is made of lowercase letters and digits, with single . _ - or __ between them"; "a leading hyphen")]
#[test_case("../a" => "the registry is no host name"; "a path upwards")]
#[test_case("http://localhost:5000/app" => "it begins with a registry's host, not with a scheme"; "a URL")]
#[test_case("localhost:0/app" => "the registry's port is no number from 1 to 65535"; "port 0")]
#[test_case("localhost:99999/app" => "the registry's port is no number from 1 to 65535"; "a port too large")]
#[test_case("app@sha256:123" => "a digest is sha256: and 64 hexadecimal digits"; "a short digest")]
#[test_case("app@latest" => "a digest is sha256: and 64 hexadecimal digits"; "no digest at all")]
#[test_case("app\u{1b}[31m" => "a repository's name is made of lowercase letters and digits, with single . _ - or __ between them"; "an escape sequence")]
fn what_is_wrong_is_said(reference: &str) -> &'static str {
    reference.parse::<Reference>().unwrap_err().reason
}

#[test]
fn an_id_is_no_name_and_too_long_is_too_long() {
    assert_eq!(
        HEX.parse::<Reference>().unwrap_err().reason,
        "it is an image's id; write it as sha256:…"
    );
    let long = "a".repeat(256).parse::<Reference>().unwrap_err();
    assert_eq!(long.reason, "its name is longer than 255 characters");
    let tag = format!("a:{}", "b".repeat(129)).parse::<Reference>().unwrap_err();
    assert_eq!(tag.reason, "the tag is longer than 128 characters");
}

#[test]
fn the_message_names_the_reference_without_control_characters() {
    let error = "App\u{7}".parse::<Reference>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "'App\\u{7}' is no image reference: a repository's name is in lowercase"
    );
}
