//! One operation at a time on a cluster.

use std::time::Duration;

use platform::cluster::{self, CreateOptions, Error};
use testbed::engine::{Answer, Ending};

use super::{Machine, script, spec};

#[tokio::test]
async fn the_second_one_is_refused_or_waits_and_is_told_who_works_on_it() {
    let engine = script::bare();
    // The first one is kept waiting by its engine, with the lock in its hand.
    engine.answer(
        "GET /containers/json",
        Answer::text(200, "").ending(Ending::NoAnswer),
    );
    let mut machine = Machine::new(engine).await;
    let (spec, first) = (spec(), machine.setup.clone());
    let options = CreateOptions::default();
    let holding = tokio::spawn({
        let (spec, options) = (spec.clone(), options.clone());
        async move { cluster::create(&first, &spec, &options).await }
    });
    machine.is_asked("GET /containers/json").await;
    let refusing = CreateOptions {
        wait_for_lock: false,
        ..CreateOptions::default()
    };
    let error = cluster::create(&machine.setup, &spec, &refusing)
        .await
        .unwrap_err();
    let told = format!(
        "another process works on cluster x: ratectl create-cluster with process id {}",
        std::process::id()
    );
    assert!(error.to_string().starts_with(&told), "{error}");

    let waiting = CreateOptions {
        timeout: Some(Duration::from_millis(300)),
        ..CreateOptions::default()
    };
    let error = cluster::create(&machine.setup, &spec, &waiting)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    machine.setup.cancel.cancel();
    assert!(matches!(holding.await.unwrap(), Err(Error::Cancelled)));
    let endings = machine.endings().await;
    assert_eq!(endings, ["lock of cluster x: failed"]);
}
