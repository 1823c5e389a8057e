//! Shell aliases.

use std::process::Command;

use crate::environment::Environment;

const PROJECT: &str = "\
components:
  nack: {manifests: nack}
  proxy: {manifests: proxy, aliases: [http-to-nats-proxy]}
  gateway: {manifests: gateway}
  desk: {dev: {static: desk, path: /ui}}
";

#[test]
fn a_shell_has_a_word_for_every_component_that_is_deployed() {
    let environment = Environment::new();
    environment.write("ratectl.yaml", PROJECT);
    for folder in ["nack", "proxy", "gateway", "desk"] {
        environment.write(&format!("{folder}/file.yaml"), "");
    }
    let ended = environment.run(&["aliases"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(ended.stdout);
    let known = Command::new("bash")
        .args(["-c", &format!("{}alias deploy-http-to-nats-proxy", ended.stdout)])
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(known.stdout).unwrap(),
        "alias deploy-http-to-nats-proxy='ratectl deploy proxy'\n"
    );
}
