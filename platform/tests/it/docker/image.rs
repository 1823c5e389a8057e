//! Images: what is asked, what is told meanwhile, and how a pull fails.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use platform::docker::endpoint::Environment;
use platform::docker::{Cause, Engine, Error, image};
use platform::event::Outcome;
use serde_json::{Value, json};
use test_case::test_case;
use testbed::engine::{Answer, Ending, Engine as Scripted};

use super::{engine, told};

const INSPECT: &str = "GET /images/app:1/json";
const PULL: &str = "POST /images/create";

fn missing() -> Answer {
    Answer::refusal(404, "No such image: app:1")
}

fn present() -> Answer {
    Answer::json(200, &json!({"Id": "sha256:1"}))
}

fn layer(id: &str, status: &str, current: u64, total: u64) -> Value {
    json!({"id": id, "status": status, "progressDetail": {"current": current, "total": total}})
}

async fn ensure(engine: &Engine, environment: &Environment) -> Result<Outcome, Error> {
    image::ensure_in(engine, "app:1", environment, |_, _| {}).await
}

/// An engine without the image, that pulls like this.
async fn pulling(answer: Answer) -> (Scripted, Engine) {
    let (scripted, engine) = engine().await;
    scripted.answer(INSPECT, missing());
    scripted.answer(PULL, answer);
    (scripted, engine)
}

#[tokio::test]
async fn an_image_that_is_there_is_not_pulled() {
    let (scripted, engine) = engine().await;
    scripted.answer(INSPECT, present());
    let environment = Environment::default();
    assert_eq!(ensure(&engine, &environment).await.unwrap(), Outcome::Unchanged);
    assert!(image::is_present(&engine, "app:1").await.unwrap());
    let pulls = scripted.requests().iter().filter(|r| r.method == "POST").count();
    assert_eq!(pulls, 0);
}

#[tokio::test]
async fn a_missing_image_is_pulled_and_its_bytes_are_told() {
    let lines = [
        json!({"status": "Pulling from library/app", "id": "1"}),
        json!({"status": "Pulling fs layer", "id": "a", "progressDetail": {}}),
        json!({"status": "Pulling fs layer", "id": "b", "progressDetail": {}}),
        layer("a", "Downloading", 40, 100),
        layer("b", "Downloading", 5, 10),
        layer("a", "Downloading", 100, 100),
        layer("a", "Extracting", 32, 100),
        json!({"status": "Download complete", "id": "b", "progressDetail": {}}),
        json!({"status": "Digest: sha256:1"}),
    ];
    let (scripted, engine) = pulling(Answer::lines(&lines)).await;
    scripted.answer(INSPECT, present());
    let mut steps = Vec::new();
    let environment = Environment::default();
    let outcome = image::ensure_in(&engine, "app:1", &environment, |done, total| {
        steps.push((done, total));
    });
    assert_eq!(outcome.await.unwrap(), Outcome::Pulled);
    assert_eq!(
        steps,
        [(40, None), (45, Some(110)), (105, Some(110)), (110, Some(110))]
    );

    let requests = scripted.requests();
    let pull = requests
        .iter()
        .find(|request| request.question() == PULL)
        .unwrap();
    assert!(
        pull.query
            .starts_with("fromImage=docker.io%2Flibrary%2Fapp&tag=1&"),
        "{pull:?}"
    );
    assert_eq!(pull.header("x-registry-auth"), None);
}

#[test_case(Answer::refusal(404, "pull access denied for app, repository does not exist or may require 'docker login'") => Cause::PullRefused; "before the stream")]
#[test_case(Answer::lines(&[json!({"errorDetail": {"message": "toomanyrequests: You have reached your pull rate limit."}, "error": "toomanyrequests"})]) => Cause::RateLimited; "in the stream")]
#[test_case(Answer::lines(&[layer("a", "Downloading", 1, 2), json!({"errorDetail": {"message": "write /var/lib/docker/tmp/x: no space left on device"}})]) => Cause::DiskFull; "after some bytes")]
#[test_case(Answer::lines(&[json!({"status": "Downloading"})]) => Cause::NoSuchImage; "a stream that ends well and leaves nothing")]
#[test_case(Answer::lines(&[json!({"error": "something older engines say"})]) => Cause::NoSuchImage; "an error without details")]
#[tokio::test]
async fn a_refused_pull_has_a_cause(answer: Answer) -> Cause {
    let (_scripted, engine) = pulling(answer).await;
    let error = ensure(&engine, &Environment::default()).await.unwrap_err();
    error.cause().cloned().unwrap()
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_an_engine_that_went_away() {
    let lines = [layer("a", "Downloading", 1, 2)];
    let (_scripted, engine) = pulling(Answer::lines(&lines).ending(Ending::BrokenOff)).await;
    let error = ensure(&engine, &Environment::default()).await.unwrap_err();
    assert!(matches!(error, Error::Gone { .. }), "{error:?}");
    let text = error.to_string();
    assert_eq!(
        text,
        "the Docker engine went away while asked to pull image docker.io/library/app:1"
    );
}

#[tokio::test]
async fn an_engine_that_dies_during_a_pull_is_noticed() {
    let lines = [layer("a", "Downloading", 1, 2)];
    let (scripted, engine) = pulling(Answer::lines(&lines).ending(Ending::Silence)).await;
    let environment = Environment::default();
    let ended = image::ensure_in(&engine, "app:1", &environment, |_, _| scripted.kill());
    let error = ended.await.unwrap_err();
    assert!(matches!(error, Error::Gone { .. }), "{error:?}");
    assert!(image::is_present(&engine, "app:1").await.is_err());
}

#[tokio::test]
async fn what_is_no_json_is_told() {
    let (_scripted, engine) = pulling(Answer::stream("application/json", &[b"<html>\n"])).await;
    let error = ensure(&engine, &Environment::default()).await.unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error:?}");
}

#[tokio::test]
async fn a_reference_that_is_none_never_reaches_the_engine() {
    let (scripted, engine) = engine().await;
    let error = image::ensure(&engine, "App", |_, _| {}).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "'App' is no image reference: a repository's name is in lowercase"
    );
    assert_eq!(scripted.requests().len(), 1, "the greeting only");
}

/// Settings in the scripted engine's folder.
fn settings(scripted: &Scripted, config: &str) -> Environment {
    fs::write(scripted.folder().join("config.json"), config).unwrap();
    Environment {
        docker_config: Some(scripted.folder().to_owned()),
        ..Environment::default()
    }
}

#[tokio::test]
async fn credentials_arrive_in_the_alphabet_that_engines_read() {
    let (scripted, engine) = pulling(Answer::lines(&[])).await;
    scripted.answer(INSPECT, present());
    // `me:~~~???>>>` in base64: in JSON, these become + and / in the other alphabet wherever they stand.
    let config = json!({"auths": {"https://index.docker.io/v1/": {"auth": "bWU6fn5+Pz8/Pj4+"}}});
    let environment = settings(&scripted, &config.to_string());
    ensure(&engine, &environment).await.unwrap();

    let requests = scripted.requests();
    let pull = requests
        .iter()
        .find(|request| request.question() == PULL)
        .unwrap();
    let sent = URL_SAFE.decode(pull.header("x-registry-auth").unwrap()).unwrap();
    let sent: Value = serde_json::from_slice(&sent).unwrap();
    assert_eq!(
        (&sent["username"], &sent["password"]),
        (&json!("me"), &json!("~~~???>>>"))
    );
}

#[tokio::test]
async fn a_broken_helper_does_not_keep_from_public_images() {
    let (scripted, engine) = pulling(Answer::lines(&[])).await;
    scripted.answer(INSPECT, present());
    let environment = settings(&scripted, r#"{"credsStore": "there-is-no-such-helper"}"#);
    assert_eq!(ensure(&engine, &environment).await.unwrap(), Outcome::Pulled);
}

#[tokio::test]
async fn a_broken_helper_is_named_when_the_registry_refuses() {
    let refusal = Answer::refusal(404, "pull access denied for app");
    let (scripted, engine) = pulling(refusal).await;
    let environment = settings(&scripted, r#"{"credsStore": "there-is-no-such-helper"}"#);
    let error = ensure(&engine, &environment).await.unwrap_err();
    assert_eq!(
        told(&error),
        "cannot run docker-credential-there-is-no-such-helper, which keeps the credentials for \
         https://index.docker.io/v1/ <- No such file or directory (os error 2)"
    );
}
