//! Dockerfiles: what an image is made from, and what builders say while things go wrong.

use std::collections::BTreeMap;
use std::path::Path;

use platform::image::dockerfile::{self, Builder, Origin};
use platform::image::{Error, Hash};
use platform::project::image::DockerfileBuild;
use serde_json::{Value, json};
use test_case::test_case;
use testbed::engine::{Answer, Ending};

use super::{Stand, told};

const BUILD: &str = "POST /build";
const TAG: &str = "localhost:5000/app:1";
const BASE: &str = "GET /images/docker.io/library/base:1/json";
const DISTRIBUTION: &str = "GET /distribution/docker.io/library/base:1/json";

fn definition(root: &Path) -> DockerfileBuild {
    DockerfileBuild {
        context: root.to_owned(),
        dockerfile: root.join("Dockerfile"),
        target: None,
        args: BTreeMap::new(),
        platform: None,
    }
}

async fn hash(stand: &Stand) -> Result<Hash, Error> {
    let definition = definition(&stand.setup.root);
    dockerfile::hash(&stand.setup, "app", &definition, &Origin::default()).await
}

fn local(digest: &str) -> Answer {
    let name = format!("base@sha256:{}", digest.repeat(64));
    Answer::json(200, &json!({"Id": "sha256:1", "RepoDigests": [name]}))
}

fn remote(digest: &str) -> Answer {
    let digest = format!("sha256:{}", digest.repeat(64));
    let descriptor = json!({"mediaType": "x", "digest": digest, "size": 1});
    Answer::json(200, &json!({"Descriptor": descriptor, "Platforms": []}))
}

fn missing() -> Answer {
    Answer::refusal(404, "No such image: base:1")
}

#[tokio::test]
async fn every_part_says_why_an_image_is_made_again() {
    let stand = Stand::new().await;
    stand.write("Dockerfile", "FROM base:1\nCOPY . /\n");
    stand.write("src/main.rs", "1");
    stand.scripted.answer(BASE, local("a"));
    let first = hash(&stand).await.unwrap();
    assert_eq!(hash(&stand).await.unwrap(), first);

    stand.write("src/main.rs", "2");
    let second = hash(&stand).await.unwrap();
    assert_eq!(second.why(Some(&first)), "src/main.rs changed");
    stand.write("Dockerfile", "FROM base:1\nCOPY . /app\n");
    let third = hash(&stand).await.unwrap();
    assert_eq!(third.why(Some(&second)), "Dockerfile changed");
    stand.scripted.answer(BASE, local("b"));
    hash(&stand).await.unwrap();
    let fourth = hash(&stand).await.unwrap();
    assert_eq!(fourth.why(Some(&third)), "base image base:1 has another digest");

    let other = DockerfileBuild {
        args: [("VERSION".to_owned(), "2".to_owned())].into(),
        platform: Some("linux/arm64".to_owned()),
        ..definition(&stand.setup.root)
    };
    let fifth = dockerfile::hash(&stand.setup, "app", &other, &Origin::default())
        .await
        .unwrap();
    assert_eq!(
        fifth.why(Some(&fourth)),
        "argument VERSION is new, platform is new"
    );
}

#[tokio::test]
async fn a_base_image_that_the_engine_lacks_is_asked_of_its_registry_and_remembered() {
    let stand = Stand::new().await;
    stand.write("Dockerfile", "FROM base:1\n");
    stand.scripted.answer(BASE, missing());
    stand.scripted.answer(DISTRIBUTION, remote("c"));
    stand
        .scripted
        .answer(DISTRIBUTION, Answer::refusal(500, "dial tcp: no such host"));
    let first = hash(&stand).await.unwrap();
    assert_eq!(first.parts["base:base:1"], format!("sha256:{}", "c".repeat(64)));
    assert_eq!(
        hash(&stand).await.unwrap(),
        first,
        "what it said last counts while it is away"
    );
}

#[test_case(Answer::refusal(404, "manifest unknown: manifest unknown") => "the Docker engine could not ask for base image docker.io/library/base:1: the registry has no such image <- manifest unknown: manifest unknown"; "not there")]
#[test_case(Answer::refusal(500, "dial tcp: lookup registry: no such host") => "the Docker engine could not ask for base image docker.io/library/base:1: the registry cannot be reached <- dial tcp: lookup registry: no such host"; "not reached, and never heard of")]
#[tokio::test]
async fn a_base_image_that_nobody_has_is_told(answer: Answer) -> String {
    let stand = Stand::new().await;
    stand.write("Dockerfile", "FROM base:1\n");
    stand.scripted.answer(BASE, missing());
    stand.scripted.answer(DISTRIBUTION, answer);
    told(&hash(&stand).await.unwrap_err())
}

#[test_case("FROM $X\n", "Dockerfile line 1: FROM $X names no image: no ARG before the first FROM, and no argument, gives it a value"; "no value")]
#[test_case("FROM Base\n", "'Base' is no image reference: a repository's name is in lowercase"; "no reference")]
#[tokio::test]
async fn what_can_never_be_built_is_told_before(text: &str, expected: &str) {
    let stand = Stand::new().await;
    stand.write("Dockerfile", text);
    stand.scripted.answer(
        "GET /version",
        Answer::json(200, &json!({"Os": "linux", "Arch": "amd64"})),
    );
    let error = hash(&stand).await.unwrap_err();
    assert!(matches!(error, Error::Definition { .. }), "{error:?}");
    assert!(error.to_string().ends_with(expected), "{error}");
}

#[tokio::test]
async fn no_dockerfile_is_told_with_its_path() {
    let stand = Stand::new().await;
    let path = stand.setup.root.join("Dockerfile");
    let text = told(&hash(&stand).await.unwrap_err());
    let expected = format!(
        "cannot read {} <- No such file or directory (os error 2)",
        path.display()
    );
    assert_eq!(text, expected);
}

/// A stand whose project builds from nothing, and the engine's answer to that.
async fn building(answer: Answer) -> Stand {
    let stand = Stand::new().await;
    stand.write("Dockerfile", "FROM scratch\nCOPY a /\nRUN make \\\n  all\n");
    stand.write("a", "a");
    stand.scripted.answer(BUILD, answer);
    stand
}

async fn build(stand: &Stand, builder: Builder) -> Result<(), Error> {
    let labels = BTreeMap::from([("x".to_owned(), "1".to_owned())]);
    let definition = definition(&stand.setup.root);
    dockerfile::build_with(&stand.setup, "app", &definition, &labels, TAG, builder).await
}

fn stream(text: &str) -> Value {
    json!({"stream": text})
}

fn failing() -> Vec<Value> {
    let message = "The command '/bin/sh -c make   all' returned a non-zero code: 7";
    vec![
        stream("Step 1/3 : FROM scratch"),
        stream("\n"),
        stream("Step 2/3 : COPY a /"),
        stream("\n ---> 1\n"),
        stream("Step 3/3 : RUN make   all"),
        stream("\n ---> Running in 2\n"),
        stream("compi"),
        stream("ling\n\u{1b}[91mno rule to make target\n\u{1b}[0m"),
        json!({"errorDetail": {"code": 7, "message": message}, "error": message}),
    ]
}

#[tokio::test]
async fn a_command_that_fails_is_told_with_its_place_and_last_lines() {
    let stand = building(Answer::lines(&failing())).await;
    let error = build(&stand, Builder::Classic).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the image of app cannot be built: line 3, RUN make all: the command ended with exit status 7"
    );
    let Error::Build { exit_code, log, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(exit_code, Some(7));
    assert_eq!(log, ["compiling", "no rule to make target"]);
    assert_eq!(
        stand.lines().await[3..],
        [
            "app: Step 3/3 : RUN make   all",
            "app:  ---> Running in 2",
            "app: compiling",
            "app: no rule to make target"
        ]
    );
}

#[test_case(Builder::Classic, "version=1"; "classic")]
#[test_case(Builder::BuildKit, "version=2"; "buildkit")]
#[tokio::test]
async fn what_is_asked_of_the_engine(builder: Builder, version: &str) {
    let stand = building(Answer::lines(&[stream("Successfully built 1\n")])).await;
    let image = json!({"Id": "sha256:1", "Config": {"Labels": {"x": "1"}}});
    stand
        .scripted
        .answer(&format!("GET /images/{TAG}/json"), Answer::json(200, &image));
    build(&stand, builder).await.unwrap();
    let requests = stand.scripted.requests();
    let asked = requests
        .iter()
        .find(|request| request.question() == BUILD)
        .unwrap();
    for part in [
        version,
        "t=localhost%3A5000%2Fapp%3A1",
        "dockerfile=Dockerfile",
        "labels=%7B%22x%22%3A%221%22%7D",
    ] {
        assert!(asked.query.contains(part), "{part} in {}", asked.query);
    }
}

#[tokio::test]
async fn each_build_has_a_session_of_its_own() {
    let stand = building(Answer::lines(&failing())).await;
    let both = futures_util::future::join(build(&stand, Builder::BuildKit), build(&stand, Builder::BuildKit));
    both.await.0.unwrap_err();
    let session = |query: &str| {
        let mut parts = query.split('&').map(str::to_owned);
        parts.find(|part| part.starts_with("session=")).unwrap()
    };
    let requests = stand.scripted.requests();
    let builds = requests.iter().filter(|request| request.question() == BUILD);
    let sessions: Vec<String> = builds.map(|request| session(&request.query)).collect();
    assert_eq!(sessions.len(), 2);
    assert_ne!(sessions[0], sessions[1]);
}

#[tokio::test]
async fn an_engine_that_goes_away_midway_is_told_as_such() {
    let answer = Answer::lines(&failing()[..5]).ending(Ending::BrokenOff);
    let stand = building(answer).await;
    let error = build(&stand, Builder::Classic).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the Docker engine went away while asked to build {TAG}")
    );
}

#[tokio::test]
async fn an_engine_that_ends_without_a_word_has_built_nothing() {
    let stand = building(Answer::lines(&failing()[..5])).await;
    stand
        .scripted
        .answer(&format!("GET /images/{TAG}/json"), missing());
    let error = build(&stand, Builder::Classic).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the image of app cannot be built: the engine ended the build without an image and without a word"
    );
}

#[tokio::test]
async fn a_dockerfile_that_is_none_is_told_with_its_line() {
    let message = "dockerfile parse error line 2: unknown instruction: RUM";
    let stand = building(Answer::refusal(400, message)).await;
    let error = build(&stand, Builder::Classic).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the image of app cannot be built: line 2: {message}")
    );
}

#[tokio::test]
async fn an_engine_without_buildkit_builds_the_other_way() {
    let stand = building(Answer::refusal(400, "BuildKit is not supported by daemon")).await;
    stand.scripted.answer(BUILD, Answer::lines(&failing()));
    let definition = definition(&stand.setup.root);
    let hash = hash(&stand).await.unwrap();
    let error = dockerfile::build(&stand.setup, "app", &definition, &Origin::default(), &hash, TAG).await;
    assert!(error.unwrap_err().to_string().contains("line 3, RUN make all"));
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_built_is_told() {
    let stand = building(Answer::lines(&[])).await;
    let hash = hash(&stand).await.unwrap();
    let labels = json!({"dev.ratectl.hash": hash.value, "org.opencontainers.image.title": "app"});
    let image = json!({"Id": "sha256:1", "Config": {"Labels": labels}});
    stand
        .scripted
        .answer(&format!("GET /images/{TAG}/json"), Answer::json(200, &image));
    let definition = definition(&stand.setup.root);
    let origin = Origin::default();
    let build = || dockerfile::build(&stand.setup, "app", &definition, &origin, &hash, TAG);
    build().await.unwrap();
    stand.write("a", "b");
    let error = build().await.unwrap_err().to_string();
    assert_eq!(
        error,
        "the image of app cannot be built: a changed while it was built; build it again"
    );
}

#[tokio::test]
async fn what_cannot_be_sent_is_told_before_anything_is_asked() {
    let stand = building(Answer::lines(&[])).await;
    let socket = std::os::unix::net::UnixListener::bind(stand.setup.root.join("s")).unwrap();
    let error = build(&stand, Builder::Classic).await.unwrap_err();
    drop(socket);
    assert!(
        told(&error).ends_with("it is a socket; list it in .dockerignore"),
        "{error}"
    );
}

#[tokio::test]
async fn cancelled_ends_the_conversation() {
    let answer = Answer::lines(&failing()[..5]).ending(Ending::Silence);
    let stand = building(answer).await;
    let cancel = stand.setup.cancel.clone();
    let watch = async {
        while !stand
            .scripted
            .requests()
            .iter()
            .any(|request| request.question() == BUILD)
        {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (ended, ()) = futures_util::future::join(build(&stand, Builder::Classic), watch).await;
    assert!(matches!(ended, Err(Error::Cancelled { .. })), "{ended:?}");
}
