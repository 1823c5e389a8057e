//! Flags that make no sense.

use super::table::{Case, answers};

#[test]
fn names() {
    insta::assert_snapshot!(answers(&[
        Case::new("capital letters", &["create-cluster", "Demo"]),
        Case::new("an underscore", &["create-cluster", "my_cluster"]),
        Case::new(
            "33 characters",
            &["create-cluster", "a23456789012345678901234567890123"]
        ),
        Case::new("nothing", &["create-cluster", ""]),
        Case::new("a hyphen at the end", &["start-cluster", "demo-"]),
        Case::new("a flag that is none", &["stop-cluster", "-demo"]),
        Case::new("a control character", &["delete-cluster", "a\u{1b}[2Jb"]),
        Case::new("two names", &["cluster", "stop", "one", "two"]),
        Case::new("an unknown verb", &["cluster", "restart", "demo"]),
    ]));
}

#[test]
fn numbers() {
    insta::assert_snapshot!(answers(&[
        Case::new("no server", &["create-cluster", "--servers", "0"]),
        Case::new(
            "two servers have no majority",
            &["create-cluster", "--servers", "2"]
        ),
        Case::new("many agents", &["create-cluster", "--agents", "1000"]),
        Case::new("a negative number", &["create-cluster", "--agents", "-1"]),
        Case::new("a word", &["create-cluster", "--servers", "three"]),
        Case::new("a time without a unit", &["create-cluster", "--timeout", "60"]),
        Case::new("no time", &["start-cluster", "--timeout", "0s"]),
    ]));
}

#[test]
fn ports() {
    insta::assert_snapshot!(answers(&[
        Case::new(
            "past the last port",
            &["create-cluster", "--registry-port", "70000"]
        ),
        Case::new("one number", &["create-cluster", "--port", "8080"]),
        Case::new("port 0", &["create-cluster", "--port", "0:80"]),
        Case::new(
            "an unknown protocol",
            &["create-cluster", "--port", "8080:80/sctp"]
        ),
        Case::new(
            "an address that is none",
            &["create-cluster", "--port", "300.0.0.1:8080:80"]
        ),
        Case::new(
            "a node that is not there",
            &["create-cluster", "--port", "8080:80@agent:0"]
        ),
        Case::new(
            "several nodes",
            &["create-cluster", "--servers", "3", "--port", "8080:80@server:*"]
        ),
        Case::new(
            "ranges of different length",
            &["create-cluster", "--port", "8000-8002:80-81"]
        ),
        Case::new(
            "twice the same",
            &["create-cluster", "--port", "8080:80", "--port", "8080:81"]
        ),
        Case::new(
            "that of the registry",
            &["create-cluster", "--registry-port", "5001", "--port", "5001:80"]
        ),
        Case::new(
            "that of the API server",
            &["create-cluster", "--api-port", "6550", "--registry-port", "6550"],
        ),
    ]));
}

#[test]
fn images_and_switches() {
    insta::assert_snapshot!(answers(&[
        Case::new(
            "an image with capital letters",
            &["create-cluster", "--image", "Rancher/K3s"]
        ),
        Case::new(
            "an image with a blank",
            &["create-cluster", "--image", "rancher/k3s: v1"]
        ),
        Case::new("no image", &["create-cluster", "--image", ""]),
        Case::new(
            "a digest that is too short",
            &["create-cluster", "--image", "rancher/k3s@sha256:12"]
        ),
        Case::new("force without recreate", &["create-cluster", "--force"]),
        Case::new("quiet and verbose", &["delete-cluster", "-q", "-v"]),
        Case::new("a misspelt flag", &["create-cluster", "--agent", "1"]),
        Case::new("a folder that is not there", &["-C", "nowhere", "create-cluster"]),
    ]));
}
