//! Base images from a registry that asks for a password: what `docker login` has kept is what ratectl and both builders show.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::thread;

use e2e::{Bed, Run};
use serde_json::json;

/// `reader:secret`.
const RIGHT: &str = "cmVhZGVyOnNlY3JldA==";
/// `reader:guess`.
const WRONG: &str = "cmVhZGVyOmd1ZXNz";
const BASE: &str = "busybox:1.36.1";
const BUILD: i32 = 5;
const REFUSAL: &str = "HTTP/1.1 401 Unauthorized\r\nDocker-Distribution-Api-Version: registry/2.0\r\n\
    Www-Authenticate: Basic realm=\"private\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// The bed's registry behind a door at which one has to say the password.
struct Private<'a> {
    bed: &'a Bed,
    address: String,
}

/// Lets one request through, if it shows the password.
fn serve(client: TcpStream, registry: u16) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let (mut head, mut known) = (String::new(), false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        let (name, value) = line.split_once(": ").unwrap_or_default();
        known |= name.eq_ignore_ascii_case("authorization") && value.trim() == format!("Basic {RIGHT}");
        if !name.eq_ignore_ascii_case("connection") {
            head.push_str(&line);
        }
    }
    let mut client = client;
    if !known {
        return client.write_all(REFUSAL.as_bytes());
    }
    let mut server = TcpStream::connect(("127.0.0.1", registry))?;
    server.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
    // Who only fetches sends nothing more.
    io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Both)
}

impl<'a> Private<'a> {
    fn open(bed: &'a Bed) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let port = listener.local_addr().expect("it listens").port();
        let registry = bed.registry_port();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A client that has gone needs no answer.
                thread::spawn(move || drop(serve(client, registry)));
            }
        });
        let pushed = format!("localhost:{registry}/base:1");
        bed.docker(&["tag", BASE, &pushed]).succeeded();
        bed.docker(&["push", "--quiet", &pushed]).succeeded();
        bed.docker(&["image", "rm", &pushed]).succeeded();
        Self {
            bed,
            address: format!("localhost:{port}"),
        }
    }

    fn base(&self) -> String {
        format!("{}/base:1", self.address)
    }

    /// Takes the base image's name from the engine: it has to be fetched again.
    fn forget(&self) {
        self.bed.docker(&["image", "rm", &self.base()]);
    }

    /// Docker's settings, as `docker login` writes them.
    fn settings(&self, settings: &serde_json::Value) {
        let folder = self.bed.home().join(".docker");
        fs::create_dir_all(&folder).expect("the home takes folders");
        fs::write(folder.join("config.json"), settings.to_string()).expect("the home takes files");
    }

    fn password(&self, encoded: &str) {
        self.settings(&json!({"auths": {&self.address: {"auth": encoded}}}));
    }

    /// A program that keeps the password, in a folder of the bed.
    fn helper(&self) {
        let script = "#!/bin/sh\n[ \"$1\" = get ] && cat >/dev/null && echo '{\"Username\": \"reader\", \"Secret\": \"secret\"}'\n";
        let file = self.bed.write("bin/docker-credential-mine", script);
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("it is ours");
        self.settings(&json!({"credHelpers": {&self.address: "mine"}}));
    }

    /// Deploys an image that was never built before: `number` tells it from others.
    fn deploy(&self, number: u8, buildkit: bool) -> Run {
        let text = format!(
            "FROM {}\nLABEL {}\nRUN echo {number} > /number\n",
            self.base(),
            self.bed.label()
        );
        self.bed.write("app/Dockerfile", &text);
        let mut command = self.bed.ratectl_command(&["deploy", "app"]);
        let bin = self.bed.project().join("bin");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = [bin].into_iter().chain(std::env::split_paths(&path));
        command
            .env(
                "PATH",
                std::env::join_paths(folders).expect("paths have no colons"),
            )
            .env("DOCKER_BUILDKIT", if buildkit { "1" } else { "0" });
        self.bed.run(command)
    }
}

#[test]
fn a_base_image_comes_from_a_registry_that_asks_for_a_password() {
    let bed = Bed::new("private-base");
    let document = json!({
        "name": "private",
        "cluster": {"name": bed.cluster(), "registry": {"port": bed.registry_port()}, "install": []},
        "components": {"app": {"manifests": "manifests", "image": {"name": "app", "build": "dockerfile", "context": "app"}}},
    });
    bed.write("ratectl.yaml", &document.to_string());
    bed.write(
        "manifests/nothing.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: nothing}\n",
    );
    bed.ratectl(&["create-cluster"]).succeeded();
    let private = Private::open(&bed);

    for (number, buildkit) in [(1, true), (2, false)] {
        private.settings(&json!({}));
        says_what_to_do(&private.deploy(number, buildkit));
        private.password(WRONG);
        says_what_to_do(&private.deploy(number, buildkit));
    }
    for (number, buildkit) in [(3, true), (4, false)] {
        private.password(RIGHT);
        private.deploy(number, buildkit).succeeded();
        private.forget();
    }
    for (number, buildkit) in [(5, true), (6, false)] {
        private.helper();
        private.deploy(number, buildkit).succeeded();
        private.forget();
    }
}

#[track_caller]
fn says_what_to_do(run: &Run) {
    assert_eq!(run.code, BUILD, "{run}");
    assert!(run.stderr.contains("/base:1"), "{run}");
    assert!(run.stderr.contains("docker login"), "{run}");
}
