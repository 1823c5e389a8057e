//! The program itself: its configuration, its admin listener, its end.

use std::net::SocketAddr;
use std::process::{Command, Output};

use contract::envelope::Version;
use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::nats::Server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::ask::Ask;
use crate::bus::Proxy;
use crate::world::eventually;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rating-service");

fn check(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(PROGRAM);
    command
        .env_clear()
        .envs(variables.iter().copied())
        .args(arguments)
        .arg("--check-config");
    command.output().unwrap()
}

#[test]
fn the_configuration_is_shown_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("service.yaml");
    std::fs::write(&file, "{base_path: /v1, prefix: file}").unwrap();
    let output = check(
        &[
            "--config",
            file.to_str().unwrap(),
            "--database",
            "postgres://ada:hunter2@db/ratings",
        ],
        &[
            ("RATING_PREFIX", "environment"),
            ("RATING_NATS__PASSWORD", "hunter2"),
            ("RATING_NATS__USER", "ada"),
        ],
    );
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for part in [
        "base_path: /v1",
        "prefix: environment",
        "postgres://ada@db/ratings",
    ] {
        assert!(shown.contains(part), "{part} is missing in {shown}");
    }
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_wrong_configuration_is_named_and_ends_with_code_3() {
    for (variable, value, part) in [
        ("RATING_DATABASE__URL", "mysql://db", "RATING_DATABASE__URL"),
        ("RATING_PREFX", "api", "did you mean `prefix`?"),
        ("RATING_WORKER__SLOTS", "0", "slots must be at least 1"),
    ] {
        let output = check(&[], &[(variable, value)]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains(part), "{said}");
    }
}

/// The program as a child, ended with this value.
struct Program {
    child: std::process::Child,
    admin: SocketAddr,
}

impl Program {
    fn start(server: &Server, folder: &TempDir) -> Self {
        // A port that was free a moment ago; the program takes no part in choosing it.
        let admin = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let mut command = Command::new(PROGRAM);
        command
            .env_clear()
            .args(["--nats", &server.url(), "--admin-listen", &admin.to_string()]);
        command.args([
            "--database",
            &format!("sqlite:{}", folder.path().join("ratings.db").display()),
        ]);
        command.stderr(std::fs::File::create(folder.path().join("log")).unwrap());
        Self {
            child: command.spawn().unwrap(),
            admin,
        }
    }

    /// Status and body; nothing while the program does not listen.
    async fn get(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = tokio::net::TcpStream::connect(self.admin).await.ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }

    async fn reason(&self, check: &str) -> Option<String> {
        let (_, body) = self.get("/readyz").await?;
        let report: Value = serde_json::from_str(&body).unwrap();
        let found = report["checks"]
            .as_array()?
            .iter()
            .find(|state| state["name"] == check)?;
        found["reason"].as_str().map(str::to_owned)
    }

    /// SIGTERM, then the exit code.
    fn terminate(&mut self) -> Option<i32> {
        // The shell's own `kill` is there on every machine.
        let status = Command::new("sh")
            .args(["-c", "kill \"$0\"", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_says_what_it_waits_for_then_serves_then_drains() {
    let (server, folder) = (Server::start().unwrap(), tempfile::tempdir().unwrap());
    let mut program = Program::start(&server, &folder);
    let helps =
        |reason: Option<String>| reason.is_some_and(|reason| reason.contains("`ratectl streams apply`"));
    eventually("the missing consumer is named", async || {
        helps(program.reason("consumer").await)
    })
    .await;
    eventually("the missing stream is named", async || {
        helps(program.reason("relay").await)
    })
    .await;
    eventually("the database is ready", async || {
        program.reason("database").await.is_none()
    })
    .await;
    assert_eq!(program.get("/readyz").await.unwrap().0, 503);
    assert_eq!(program.get("/livez").await.unwrap().0, 200);

    server.apply_repository().await.unwrap();
    eventually("it is ready", async || {
        program
            .get("/readyz")
            .await
            .is_some_and(|(status, _)| status == 200)
    })
    .await;
    let proxy = Proxy::new(&server, "api").await;
    let reply = proxy
        .ask(Version::V2, &Ask::post("/services", &json!({"name": "a"})))
        .await;
    assert_eq!(reply.status, 201);
    let refused = Ask::post("/services", &json!({}));
    assert_eq!(proxy.ask(Version::V2, &refused).await.status, 422);
    let counted = "outbox_published_total 1";
    eventually("the event is counted", async || {
        program.get("/metrics").await.unwrap().1.contains(counted)
    })
    .await;
    let (_, metrics) = program.get("/metrics").await.unwrap();
    let answers = r#"rating_answers_total{resource="services",method="POST",status_class="4xx"} 1"#;
    for line in [
        answers,
        "worker_replied_total 2",
        "outbox_oldest_unpublished_age_seconds 0",
    ] {
        assert!(metrics.contains(line), "{line} is missing in {metrics}");
    }
    let client = server.client().await.unwrap();
    let stats = client
        .request("$SRV.STATS.rating-service", "".into())
        .await
        .unwrap();
    let stats: Value = serde_json::from_slice(&stats.payload).unwrap();
    let route = &stats["endpoints"][0]["data"]["routes"]["post.services"];
    assert_eq!(
        (&route["ok"], &route["err"]),
        (&json!(1), &json!({"4xx": 1})),
        "{stats}"
    );
    assert_eq!(program.terminate(), Some(0));
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    let line = log
        .lines()
        .find(|line| line.contains(&refused.0.id.to_string()))
        .expect("a line for the request");
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        (&line["StatusCode"], &line["RequestPath"]),
        (&json!(422), &json!("/services"))
    );
}
