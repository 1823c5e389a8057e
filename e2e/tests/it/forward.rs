//! Ports of pods on this machine, while the pods come and go.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use e2e::{Bed, Process, eventually};
use rustix::process::Signal;
use serde_json::{Value, json};

/// How long a client of these tests waits for an answer: longer than a connection is held.
const PATIENCE: Duration = Duration::from_mins(2);

/// Two pods that tell their names, behind a Service whose port has another number and a name for a target.
const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 5
      containers:
      - name: web
        image: docker.io/library/busybox:1.36.1
        command: [sh, -c, 'mkdir /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www']
        ports: [{name: http, containerPort: 8080}]
        readinessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http}]
";

/// A cluster in which the component `web` runs.
fn bed(test: &str) -> Bed {
    let bed = Bed::new(test);
    let document = json!({
        "name": "forwarded",
        "cluster": {"name": bed.cluster(), "registry": {"port": bed.registry_port()}},
        "components": {"web": {"manifests": "manifests/web", "namespace": "default", "aliases": ["site"]}},
    });
    bed.write("ratectl.yaml", &document.to_string());
    let manifest = bed.write("manifests/web/web.yaml", WEB);
    bed.ratectl(&["create-cluster"]).succeeded();
    bed.kubectl(&["apply", "-f", &manifest.display().to_string()])
        .succeeded();
    rolled_out(&bed);
    bed
}

fn rolled_out(bed: &Bed) {
    bed.kubectl(&["rollout", "status", "deployment/web", "--timeout=4m"])
        .succeeded();
}

fn pods(bed: &Bed) -> Vec<String> {
    let listed = bed.kubectl(&["get", "pods", "-l", "app=web", "-o", "name"]);
    listed.succeeded().stdout.lines().map(str::to_owned).collect()
}

/// The forward, and the address it listens on.
fn forward(bed: &Bed, target: &str, ports: &str) -> (Process, String) {
    let mut forward = bed.spawn(&["-o", "json", "port-forward", target, ports]);
    forward.said("\"type\":\"forward\"");
    let line: Value = serde_json::from_str(forward.stdout().trim()).expect("the line is JSON");
    let local = line["local"].as_str().expect("it says where it listens");
    (forward, local.to_owned())
}

/// Asks for the front page on a new connection, and says no more when `half_close`.
fn ask(address: &str, half_close: bool) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
    if half_close {
        stream.shutdown(Shutdown::Write)?;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn a_forward_outlives_its_pods() {
    let bed = bed("forward-outlives");
    let (mut forward, address) = forward(&bed, "site", ":80");
    let half_closed = ask(&address, true).expect("a client that half-closes is answered");
    assert!(half_closed.contains(" 200 OK\r\n"), "{half_closed}");

    let (done, answered, refused) = (AtomicBool::new(false), AtomicU32::new(0), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    match ask(&address, false) {
                        Ok(answer) if answer.contains(" 200 OK\r\n") => answered.fetch_add(1, Relaxed),
                        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                            refused.fetch_add(1, Relaxed)
                        }
                        // It was in a pod that died.
                        Ok(_) | Err(_) => 0,
                    };
                }
            });
        }
        for pod in pods(&bed) {
            bed.kubectl(&["delete", &pod, "--wait=false"]).succeeded();
        }
        rolled_out(&bed);
        let pod = pods(&bed).remove(0);
        bed.kubectl(&["delete", &pod, "--grace-period=0", "--force"])
            .succeeded();
        rolled_out(&bed);
        let before = answered.load(Relaxed);
        eventually("answers after the pods were replaced", || {
            (answered.load(Relaxed) > before + 4).then_some(())
        });
        done.store(true, Relaxed);
    });
    assert_eq!(refused.load(Relaxed), 0, "{}", forward.stderr());
    assert!(
        forward.stderr().contains("\"type\":\"serving\""),
        "{}",
        forward.stderr()
    );

    assert!(forward.runs());
    forward.signal(Signal::INT);
    let ended = bed.record(forward.end(PATIENCE));
    assert_eq!(ended.code, 0, "{ended}");
}

#[test]
fn a_connection_waits_for_a_pod() {
    let bed = bed("forward-waits");
    let (mut forward, address) = forward(&bed, "deployment/web", ":http");
    bed.kubectl(&["scale", "deployment/web", "--replicas=0"])
        .succeeded();
    forward.said("there is no pod with app=web");
    let held = thread::spawn(move || ask(&address, false));
    bed.kubectl(&["scale", "deployment/web", "--replicas=1"])
        .succeeded();
    let answer = held.join().expect("the client does not panic");
    let answer = answer.expect("the connection was held");
    assert!(answer.contains(" 200 OK\r\n"), "{answer}");
    drop(forward);

    let holder = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
    let port = holder.local_addr().expect("it is bound").port();
    let refused = bed.ratectl(&["port-forward", "web", &format!("{port}:80")]);
    assert_eq!(refused.code, 1, "{refused}");
    let owner = format!("(process {})", std::process::id());
    assert!(refused.stderr.contains(&owner), "{refused}");

    let mistyped = bed.ratectl(&["port-forward", "wep"]);
    assert_eq!(mistyped.code, 2, "{mistyped}");
    assert!(mistyped.stderr.contains("web"), "{mistyped}");
    let missing = bed.ratectl(&["port-forward", "service/nothing"]);
    assert!(
        missing.stderr.contains("there is no Service default/nothing"),
        "{missing}"
    );
}
