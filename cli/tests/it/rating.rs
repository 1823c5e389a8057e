//! The system of this repository, through its own project file: users, services and ratings over HTTP.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::client::{self, Answer};
use crate::environment::Environment;
use crate::greetings;
use crate::system::System;

/// This repository's project file and manifests, in a folder of their own so that nobody's data are touched.
pub(crate) fn environment() -> Environment {
    let environment = Environment::new();
    let repository = testbed::repository();
    environment.write("ratectl.yaml", fs::read(repository.join("ratectl.yaml")).unwrap());
    for folder in ["manifests/streams", "manifests/proxy"] {
        let files = fs::read_dir(repository.join(folder)).unwrap().flatten();
        // The folders below are overlays, which only a cluster knows.
        for file in files.filter(|file| file.path().is_file()) {
            let name = format!("{folder}/{}", file.file_name().to_str().unwrap());
            environment.write(&name, fs::read(file.path()).unwrap());
        }
    }
    build_rating_service();
    environment
}

/// Beside `ratectl`, where `ratectl dev` looks first.
fn build_rating_service() {
    let target = Path::new(env!("CARGO_BIN_EXE_ratectl")).parent().unwrap();
    if target.join("rating-service").exists() {
        return;
    }
    let mut command = Command::new(env!("CARGO"));
    command.args([
        "build",
        "--quiet",
        "--locked",
        "--package",
        "rating-service",
        "--target-dir",
    ]);
    command
        .arg(target.parent().unwrap())
        .current_dir(testbed::repository());
    if target.ends_with("release") {
        command.arg("--release");
    }
    let built = command.status().unwrap().success();
    assert!(built, "rating-service cannot be built");
}

pub(crate) fn start(environment: &Environment) -> System {
    System::start(greetings::dev(environment, &["-o", "json"]))
}

pub(crate) fn post(address: &str, path: &str, body: &Value) -> Answer {
    client::ask(
        address,
        "POST",
        path,
        &[("content-type", "application/json")],
        &body.to_string(),
    )
}

#[test]
fn a_person_creates_users_services_and_ratings_and_a_restart_keeps_them() {
    let environment = environment();
    let mut system = start(&environment);
    let address = system.address();
    let user = post(
        &address,
        "/api/users",
        &json!({"name": "Ada", "email": "ada@example.org"}),
    );
    assert_eq!(user.status, 201, "{user:?}\n{}", system.stderr());
    let service = post(
        &address,
        "/api/services",
        &json!({"name": "Analytics", "description": "Engines"}),
    );
    assert_eq!(service.status, 201, "{service:?}");
    let rating = json!({"userId": user.json()["id"], "serviceId": service.json()["id"], "score": 4});
    let rating = post(&address, "/api/ratings", &rating);
    assert_eq!(rating.status, 201, "{rating:?}");
    let place = rating.header("location").to_owned();
    assert!(place.starts_with("/api/ratings/"), "{place}");

    let change =
        json!({"userId": user.json()["id"], "serviceId": service.json()["id"], "score": 5}).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("if-match", rating.header("etag")),
    ];
    let changed = client::ask(&address, "PUT", &place, &headers, &change);
    assert_eq!(
        (changed.status, &changed.json()["score"]),
        (200, &json!(5)),
        "{changed:?}"
    );
    assert_eq!(system.end("INT").code(), Some(130));

    let mut again = start(&environment);
    let kept = again.get(&place);
    assert_eq!((kept.status, &kept.json()["score"]), (200, &json!(5)), "{kept:?}");
    assert_eq!(again.get("/api/users").json()["items"][0]["name"], "Ada");
    let summary = again.get(&format!(
        "/api/services/{}/summary",
        service.json()["id"].as_str().unwrap()
    ));
    assert_eq!(summary.json()["count"], 1, "{summary:?}");
    let deleted = client::ask(&again.address(), "DELETE", &place, &[], "");
    assert_eq!((deleted.status, again.get(&place).status), (204, 404));
}
