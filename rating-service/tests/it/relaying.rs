//! The outbox relay between a real database and a real stream.

use std::collections::BTreeMap;

use rating_service::metrics::RelayMetrics;
use rating_service::relay::{Relay, Settings};
use rating_service::store::Store;
use runtime::admin::Readiness;
use runtime::lifecycle::Shutdown;
use serde_json::json;
use testbed::nats::Server;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::ask::Ask;
use crate::bus::{Published, connect, published};
use crate::world::{World, eventually};

/// A relay at work.
struct Running {
    metrics: RelayMetrics,
    readiness: Readiness,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    async fn start(server: &Server, store: &Store) -> Self {
        let metrics = RelayMetrics::default();
        let readiness = Readiness::new(&Shutdown::new());
        let (connection, check) = (connect(server).await, readiness.check("relay"));
        let relay = Relay::new(
            store.clone(),
            connection,
            Settings::default(),
            metrics.clone(),
            check,
        );
        let stop = CancellationToken::new();
        let task = tokio::spawn(relay.run(stop.clone()));
        Self {
            metrics,
            readiness,
            stop,
            task,
        }
    }

    async fn is_well(&self) {
        eventually("the relay is well", async || self.readiness.is_ready()).await;
    }

    fn trouble(&self) -> Option<String> {
        self.readiness.report().checks[0].reason.clone()
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

const HELP: &str = "stream EVENTS does not exist; create it with `ratectl streams apply`";

async fn everything_is_published(world: &World) {
    eventually("the outbox is published", async || {
        world.store.oldest_unpublished().await.unwrap().is_none()
    })
    .await;
}

/// The versions in the stream for each resource, in the stream's order.
fn histories(events: &[Published]) -> BTreeMap<&str, Vec<i64>> {
    let mut histories: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for event in events {
        histories
            .entry(&event.aggregate_id)
            .or_default()
            .push(event.version);
    }
    histories
}

async fn change_often(world: &World, users: &[String], rounds: usize) {
    for round in 0..rounds {
        let changes = users.iter().map(|user| {
            let body = json!({"name": format!("round {round}"), "email": format!("{user}@example.org")});
            let (api, ask) = (world.api.clone(), Ask::put(&format!("/users/{user}"), "*", &body));
            tokio::spawn(async move { api.answer(&ask.0).await.unwrap() })
        });
        for change in changes.collect::<Vec<_>>() {
            assert_eq!(change.await.unwrap().status, 200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_commit_reaches_the_stream_in_order() {
    let (server, world) = (Server::start().unwrap(), World::sqlite().await);
    server.apply_repository().await.unwrap();
    let relay = Running::start(&server, &world.store).await;
    let user = world.user("ada").await;
    let service = world.service("a").await;
    let rating = world.rating(&user, &service, 3).await;
    change_often(&world, std::slice::from_ref(&user), 30).await;
    world.ask(&Ask::delete(&format!("/ratings/{rating}"))).await;
    everything_is_published(&world).await;
    let events = published(&server).await;
    assert_eq!(histories(&events)[user.as_str()], (1..=31).collect::<Vec<_>>());
    let of_rating: Vec<_> = events
        .iter()
        .filter(|event| event.aggregate_id == rating)
        .collect();
    assert_eq!(of_rating[0].subject, "events.rating.created");
    assert_eq!(
        (of_rating[1].subject.as_str(), of_rating[1].version),
        ("events.rating.deleted", 2)
    );
    let payload: serde_json::Value = serde_json::from_slice(&of_rating[0].payload).unwrap();
    assert_eq!((&payload["id"], &payload["score"]), (&json!(rating), &json!(3)));
    let mut ids: Vec<_> = events.iter().map(|event| &event.message_id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), events.len());
    assert_eq!(relay.metrics.published.get(), events.len() as u64);
    relay.stop().await;
}

/// The relay dies when the stream has its events and the database has not noted so.
async fn nothing_comes_twice_when_a_relay_dies_before_it_notes(world: World) {
    let server = Server::start().unwrap();
    server.apply_repository().await.unwrap();
    let impatient = world.impatient_store().await;
    let doomed = Running::start(&server, &impatient).await;
    doomed.is_well().await;
    server.pause().unwrap();
    let user = world.user("ada").await;
    change_often(&world, &[user], 11).await;
    eventually("the relay has begun", async || world.has_leader().await).await;
    let lock = world.lock_outbox().await;
    server.resume().unwrap();
    let cannot_note = || doomed.metrics.published.get() > 0 && doomed.trouble().is_some();
    eventually("the relay cannot note what it has done", async || cannot_note()).await;
    doomed.task.abort();
    assert!(doomed.task.await.unwrap_err().is_cancelled());
    lock.release().await;
    impatient.close().await;
    assert!(doomed.metrics.published.get() > 0, "the stream has some");
    assert!(
        world.store.oldest_unpublished().await.unwrap().is_some(),
        "the database does not know"
    );

    let successor = Running::start(&server, &world.store).await;
    everything_is_published(&world).await;
    let events = published(&server).await;
    assert_eq!(
        histories(&events).into_values().collect::<Vec<_>>(),
        [(1..=12).collect::<Vec<_>>()]
    );
    assert!(
        successor.metrics.duplicates.get() >= doomed.metrics.published.get(),
        "published again, stored once"
    );
    successor.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_comes_twice_when_a_relay_dies_on_sqlite() {
    nothing_comes_twice_when_a_relay_dies_before_it_notes(World::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_comes_twice_when_a_relay_dies_on_postgres() {
    let Some(cluster) = crate::world::cluster() else {
        return;
    };
    let world = World::postgres(cluster.create_database().unwrap()).await;
    nothing_comes_twice_when_a_relay_dies_before_it_notes(world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn order_is_kept_while_the_server_goes_and_comes() {
    let (mut server, world) = (Server::start().unwrap(), World::sqlite().await);
    server.apply_repository().await.unwrap();
    let relay = Running::start(&server, &world.store).await;
    let mut users = Vec::new();
    for number in 0..8 {
        users.push(world.user(&format!("u{number}")).await);
    }
    for _ in 0..3 {
        change_often(&world, &users, 5).await;
        server.restart().unwrap();
    }
    change_often(&world, &users, 5).await;
    everything_is_published(&world).await;
    let events = published(&server).await;
    let histories = histories(&events);
    assert_eq!(histories.len(), 8);
    for versions in histories.values() {
        assert_eq!(*versions, (1..=21).collect::<Vec<_>>());
    }
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_stream_is_named_with_what_helps() {
    let (server, world) = (Server::start().unwrap(), World::sqlite().await);
    world.user("ada").await;
    let relay = Running::start(&server, &world.store).await;
    let named = || relay.trouble().is_some_and(|why| why == HELP);
    eventually("the relay says what helps", async || named()).await;
    server.apply_repository().await.unwrap();
    relay.is_well().await;
    everything_is_published(&world).await;
    assert_eq!(published(&server).await.len(), 1);
    relay.stop().await;
}
