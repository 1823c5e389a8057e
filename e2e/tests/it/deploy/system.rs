//! The repository's own system for a cluster of a test: its project file with other names, and a copy of its manifests.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use e2e::{Bed, Process, Run, go_module, repository};
use platform::download::Cache;
use platform::project::Project;
use serde_json::{Value, json};

use crate::manifests::{GATEWAY_API, keep};

/// With the cluster, as `ratectl.yaml` has it.
pub(super) const INSTALLED: [&str; 2] = ["nats", "gateway"];
/// What comes on top of it.
pub(super) const COMPONENTS: [&str; 5] = ["streams", "database", "proxy", "service", "frontend"];

/// On two processors that have much else to do.
const COMPILED_WITHIN: Duration = Duration::from_mins(30);

/// The copy of the repository that programs are compiled from, see `tools/e2e-system`; nobody else has it meanwhile.
pub(super) struct Sources {
    folder: PathBuf,
    _lock: File,
}

impl Sources {
    /// The repository as it is. What is not compiled yet is compiled now.
    pub(super) fn new(bed: &Bed) -> Self {
        tool(bed, "build");
        let folder = |run: &Run| PathBuf::from(run.stdout.trim());
        // The place of the lock is known only then.
        let lock = folder(&tool(bed, "sync")).with_extension("lock");
        let lock = File::open(lock).expect("the tool has made it");
        lock.lock().expect("a file can be locked");
        Self {
            folder: folder(&tool(bed, "sync")),
            _lock: lock,
        }
    }

    /// Replaces what is in a file once.
    #[track_caller]
    pub(super) fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.folder.join(file);
        let text = std::fs::read_to_string(&path).expect("the copy has it");
        assert!(text.contains(from), "{file} says nothing of '{from}'");
        std::fs::write(path, text.replacen(from, to, 1)).expect("the copy can be changed");
    }
}

/// `tools/e2e-system`, as a person runs it; a cold compilation takes minutes.
#[track_caller]
fn tool(bed: &Bed, verb: &str) -> Run {
    let mut command = Command::new(repository().join("tools/e2e-system"));
    command.arg(verb);
    bed.record(Process::start(command).end(COMPILED_WITHIN))
        .succeeded()
}

/// Writes the project, and puts what it downloads to where downloads are kept: it is published as part of a Go module too.
pub(super) fn write(bed: &Bed, sources: &Sources) {
    let whole = repository().join("ratectl.yaml");
    let text = std::fs::read_to_string(&whole).expect("the repository has a project file");
    let mut document: Value = serde_saphyr::from_str(&text).expect("the project file is YAML");
    document["cluster"] = cluster(bed);
    document["streams"]["managedBy"] = json!("ratectl");
    // Compiled much sooner than `release`.
    document["profiles"] = json!({"dev": {"cargoProfile": "dev"}});
    document["load"] = json!(repository().join("k6"));
    for component in ["proxy", "service"] {
        document["components"][component]["image"]["folder"] = json!(sources.folder);
    }
    document["components"]["frontend"]["image"]["files"] = pages();
    keep_programs(bed, sources);
    bed.write("ratectl.yaml", &document.to_string());
    // For the one program of others.
    bed.write("Cargo.toml", "[profile.dev]\ndebug = false\n");

    let copy = bed.command(
        "cp",
        &["-r", &repository().join("manifests").to_string_lossy(), "."],
    );
    bed.run(copy).succeeded();
    let cache = Cache {
        folder: bed.home().with_file_name("cache").join("ratectl/downloads"),
        offline: false,
    };
    let project = Project::load(&whole).expect("the project file is right");
    let standard = go_module(GATEWAY_API).join("config/crd/standard");
    assert_eq!(keep(&standard, &cache, &project), 7);
}

/// The pages of the repository: built already, or else now.
fn pages() -> Value {
    let frontend = repository().join("frontend");
    let name = |path: &str| frontend.join(path).to_string_lossy().into_owned();
    let sources = ["src", "static", "index.html", "package-lock.json"].map(name);
    let made = json!({
        "path": "/public/ui",
        "build": [repository().join("tools/frontend"), "build"],
        "sources": sources,
    });
    json!({name("server.toml"): "/etc/static-web-server.toml", name("dist"): made})
}

/// Programs of others are compiled once, whatever bed the tests run in.
fn keep_programs(bed: &Bed, sources: &Sources) {
    let kept = sources.folder.with_file_name("programs");
    std::fs::create_dir_all(&kept).expect("the cache takes folders");
    let state = bed.state().join("ratectl");
    std::fs::create_dir_all(&state).expect("the bed takes folders");
    std::os::unix::fs::symlink(kept, state.join("programs")).expect("the bed takes links");
}

fn cluster(bed: &Bed) -> Value {
    let mut cluster: Value = serde_saphyr::from_str(&format!("{{{}}}", Bed::mirrors())).expect("it is YAML");
    cluster["name"] = json!(bed.cluster());
    cluster["registry"] = json!({"port": bed.registry_port()});
    cluster["install"] = json!(INSTALLED);
    cluster
}

/// Runs `ratectl` as somebody who has a compiler, and who waits for it.
#[track_caller]
pub(super) fn ratectl(bed: &Bed, arguments: &[&str]) -> Run {
    let mut command = bed.ratectl_command(arguments);
    command.env("CARGO_HOME", of_the_compiler("CARGO_HOME", ".cargo"));
    command.env("RUSTUP_HOME", of_the_compiler("RUSTUP_HOME", ".rustup"));
    // The pinned one may have another name here.
    let name = "RUSTUP_TOOLCHAIN";
    command.envs(std::env::var_os(name).map(|toolchain| (name, toolchain)));
    bed.record(Process::start(command).end(COMPILED_WITHIN))
}

fn of_the_compiler(variable: &str, folder: &str) -> OsString {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
    std::env::var_os(variable).unwrap_or_else(|| home().join(folder).into_os_string())
}

/// One HTTP request, which is answered with this status; the body of the answer.
#[track_caller]
pub(super) fn ask(address: &str, method: &str, path: &str, body: &Value, status: u16) -> Value {
    let answer = exchange(address, method, path, body);
    let answer = answer.unwrap_or_else(|error| panic!("{method} {path} is not answered: {error}"));
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{method} {path}: {answer}"
    );
    let (_, content) = answer.split_once("\r\n\r\n").expect("it has a head");
    // Whatever frames it: the one value in it.
    let value = content.find(['{', '[']).zip(content.rfind(['}', ']']));
    value.map_or(Value::Null, |(from, to)| {
        serde_json::from_str(&content[from..=to]).unwrap_or_else(|error| panic!("{error}: {content}"))
    })
}

fn exchange(address: &str, method: &str, path: &str, body: &Value) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
