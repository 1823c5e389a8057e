//! A made-up system of another team: a greeter behind the queue, its own stream and routes, and a folder of pages.

use std::process::Command;

use crate::environment::Environment;
use crate::system::System;

const GREETER: &str = include_str!("dev/greeter.py");

const STREAMS: &str = r#"
apiVersion: jetstream.nats.io/v1beta2
kind: Stream
metadata: {name: greetings}
spec:
  name: GREETINGS
  subjects: ["api.*.greetings.>"]
  retention: workqueue
  storage: file
  discard: new
  maxAge: 1m
  duplicateWindow: 1m
  allowMsgTtl: true
---
apiVersion: jetstream.nats.io/v1beta2
kind: Consumer
metadata: {name: greeter}
spec:
  streamName: GREETINGS
  durableName: greeter
  ackPolicy: explicit
  deliverPolicy: all
  ackWait: 5s
  maxDeliver: 3
  filterSubjects: ["api.*.greetings.>"]
"#;

const ROUTES: &str = "routes:\n  - path: /greetings/{name}\n    methods: [GET]\n    timeout: 20s\n";

const PROJECT: &str = r#"
name: greetings
streams: streams
routes: routes.yaml
components:
  greeter:
    dev:
      command: [PYTHON, greeter.py]
      env:
        NATS: "${NATS_URL}"
        LISTEN: "127.0.0.1:${PORT}"
        HISTORY: "${DATA_DIR}/greeted"
      ready: "http://127.0.0.1:${PORT}/"
  pages:
    dev:
      static: pages
      path: /site
"#;

/// An environment with the system in its project folder, and `components` (lines of YAML) besides.
pub(crate) fn environment_with(components: &str) -> Environment {
    let environment = Environment::new();
    environment.write("ratectl.yaml", PROJECT.replace("PYTHON", &python()) + components);
    environment.write("streams/greetings.yaml", STREAMS);
    environment.write("routes.yaml", ROUTES);
    environment.write("greeter.py", GREETER);
    environment.write("pages/index.html", "<h1>Greetings</h1>");
    environment
}

/// An environment with the system in its project folder.
pub(crate) fn environment() -> Environment {
    environment_with("")
}

/// `ratectl dev` on free ports, with the tests' own nats-server and more flags.
pub(crate) fn dev(environment: &Environment, flags: &[&str]) -> Command {
    let mut command = environment.command(&["dev", "--port", "0"]);
    if !flags.contains(&"--nats") {
        command.arg("--nats-server").arg(testbed::nats::find().unwrap());
    }
    command.args(flags);
    command
}

/// The running system, watched through its JSON output.
pub(crate) fn start(environment: &Environment) -> System {
    System::start(dev(environment, &["-o", "json"]))
}

/// The interpreter itself: what stands in PATH may be a script that needs the home folder of whoever installed it.
fn python() -> String {
    let output = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output();
    let output = output.expect("these tests run a component written in Python; install python3");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
