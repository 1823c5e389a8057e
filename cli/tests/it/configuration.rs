//! Project files and flags that cannot be, each with the words and the exit code that a person gets.

use std::process::Command;

use crate::cluster::table::{Case, answers};
use crate::environment::Environment;

/// The command reads the whole file and sends nothing.
const VIEW: [&str; 2] = ["config", "view"];

fn file(text: &'static str) -> impl Fn(&Environment, &mut Command) + Sync {
    move |environment, _| environment.write("ratectl.yaml", text)
}

fn view(what: &'static str, text: &'static str) -> Case<'static> {
    Case::new(what, &VIEW).with(file(text))
}

const TWO: &str =
    "name: x\nprofiles:\n  dev: {}\n  prod: {context: far, server: 'https://far.example', protected: true}\n";

#[test]
fn keys_and_values() {
    insta::assert_snapshot!(answers(&[
        view("a misspelt key", "name: x\nprofils: {}\n"),
        view("a key twice", "name: x\nname: y\n"),
        view(
            "streams managed by nobody known",
            "streams: {folder: s, managedBy: nak}\n"
        ),
        view("a misspelt key of the streams", "streams: {foldr: s}\n"),
        view("a gateway class that is no name", "gateway: {class: A/B}\n"),
        view("a port that is none", "dev: {port: 70000}\n"),
        view("a list for components", "components: [a]\n"),
        view("not YAML", "components: {a: [}\n"),
        view("a control character", "components:\n  \"a\\e[31m\": {}\n"),
    ]));
}

#[test]
fn profiles() {
    insta::assert_snapshot!(answers(&[
        view("a misspelt key", "profiles: {p: {sever: 'https://h'}}\n"),
        view("a name with capitals", "profiles: {Prod: {}}\n"),
        view(
            "a server without a scheme",
            "profiles: {p: {context: c, server: 'h:6443'}}\n"
        ),
        view(
            "a password in the server",
            "profiles: {p: {context: c, server: 'https://u:p@h'}}\n"
        ),
        view("a UID that is none", "profiles: {p: {uid: 1234}}\n"),
        view(
            "a registry with a scheme",
            "profiles: {p: {registry: 'https://h/x'}}\n"
        ),
        view("a registry without a host", "profiles: {p: {registry: team}}\n"),
        view("only a name to pull by", "profiles: {p: {pull: 'h:5000'}}\n"),
        view("an overlay outside", "profiles: {p: {overlays: [../x]}}\n"),
        view("an overlay twice", "profiles: {p: {overlays: [a, a]}}\n"),
        view("a word for a switch", "profiles: {p: {protected: often}}\n"),
    ]));
}

#[test]
fn components() {
    insta::assert_snapshot!(answers(&[
        view(
            "a circle of needs",
            "components: {a: {needs: [b]}, b: {needs: [a]}}\n"
        ),
        view(
            "a misspelt need",
            "components: {a: {needs: [proxi]}, proxy: {manifests: m}}\n"
        ),
        view(
            "an alias as a need",
            "components: {a: {needs: [p]}, proxy: {manifests: m, aliases: [p]}}\n"
        ),
        view(
            "a need that is not deployed",
            "components: {a: {needs: [b]}, b: {dev: {command: [x]}}}\n"
        ),
        view(
            "something unknown to install",
            "cluster: {install: [nets]}\ncomponents: {nats: {manifests: m}}\n"
        ),
        view("a component called all", "components: {all: {}}\n"),
        view(
            "an alias of two",
            "components: {a: {aliases: [x]}, b: {aliases: [x]}}\n"
        ),
        view("a time without unit", "components: {a: {wait: 5}}\n"),
        view("a namespace that is none", "components: {a: {namespace: A_b}}\n"),
        view(
            "a download without checksum",
            "components: {a: {downloads: [{url: 'https://h/x'}]}}\n"
        ),
        view(
            "a short checksum",
            "components: {a: {downloads: [{url: 'https://h/x', sha256: abc}]}}\n"
        ),
        view(
            "a chart of an archive without checksum",
            "components: {a: {charts: [{name: c, chart: 'https://h/c.tgz'}]}}\n"
        ),
    ]));
}

#[test]
fn images() {
    insta::assert_snapshot!(answers(&[
        view("made of nothing", "components: {a: {image: {name: a}}}\n"),
        view(
            "made otherwise",
            "components: {a: {image: {name: a, build: crago}}}\n"
        ),
        view(
            "cargo without a package",
            "components: {a: {image: {name: a, build: cargo}}}\n"
        ),
        view(
            "a stage of cargo",
            "components: {a: {image: {name: a, build: cargo, package: a, target: x}}}\n"
        ),
        view(
            "version and folder",
            "components: {a: {image: {name: a, build: cargo, package: a, version: 1.0.0, folder: f}}}\n"
        ),
        view(
            "a range of versions",
            "components: {a: {image: {name: a, build: cargo, package: a, version: ^1}}}\n"
        ),
        view(
            "a name with a tag",
            "components: {a: {image: {name: 'a:1', build: dockerfile}}}\n"
        ),
        view(
            "a flag for git",
            "components: {a: {image: {name: a, build: git, url: --upload-pack=x}}}\n"
        ),
        view(
            "one name twice",
            "components: {a: {image: {name: i, build: dockerfile}}, b: {image: {name: i, build: dockerfile}}}\n"
        ),
    ]));
}

#[test]
fn flags() {
    let variable = |_: &Environment, command: &mut Command| {
        command.env("RATECTL_PROFILE", "prdo");
    };
    insta::assert_snapshot!(answers(&[
        Case::new("a profile that is none", &["config", "view", "--profile", "prdo"]).with(file(TWO)),
        Case::new("a profile that is none, in a variable", &VIEW).with(move |environment, command| {
            file(TWO)(environment, command);
            variable(environment, command);
        }),
        Case::new("nobody says which", &VIEW).with(file("profiles: {a: {}, b: {}}\n")),
        Case::new("a profile to use that is none", &["use", "prd"]).with(file(TWO)),
        Case::new("use and clear", &["use", "prod", "--clear"]).with(file(TWO)),
        Case::new("forget nothing", &["use", "--forget"]).with(file(TWO)),
        Case::new("no project", &["use"]),
        Case::new(
            "a bundle for a protected profile",
            &["bundle", "create", "x.tar", "--profile", "prod"]
        )
        .with(file(TWO)),
        Case::new("no such command", &["config", "veiw"]),
    ]));
}
