//! Messages at a steady rate, and workers that take them.

use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::{self, AckKind, consumer::PullConsumer};
use futures_util::StreamExt as _;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::error::Error;
use crate::system::System;

/// Messages are sent so many times a second, as many each time as are due.
const TICKS: u64 = 100;
/// One of so many is refused for good, which makes an advisory.
const REFUSED: u64 = 10;

/// Runs until dropped.
pub(crate) struct Flood {
    _tasks: JoinSet<()>,
}

impl Flood {
    /// Sends so many messages a second, to the consumers of the system in turn, each of which has a worker.
    pub(crate) async fn start(system: &System, per_s: u64) -> Result<Self, Error> {
        let mut tasks = JoinSet::new();
        let context = jetstream::new(system.client.clone());
        for stream in 0..system.streams {
            for consumer in 0..system.consumers {
                let found: PullConsumer = context
                    .get_consumer_from_stream(System::consumer(consumer), System::stream(stream))
                    .await
                    .map_err(Error::nats("find a consumer"))?;
                tasks.spawn_on(work(found), &Handle::current());
            }
        }
        tasks.spawn(publish(
            system.client.clone(),
            system.streams,
            system.consumers,
            per_s,
        ));
        Ok(Self { _tasks: tasks })
    }
}

async fn publish(client: Client, streams: usize, consumers: usize, per_s: u64) {
    let mut ticks = interval(Duration::from_secs(1) / u32::try_from(TICKS).unwrap_or(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let subjects: Vec<String> = (0..consumers)
        .flat_map(|consumer| (0..streams).map(move |stream| System::subject(stream, consumer)))
        .collect();
    let mut subjects = subjects.iter().cycle();
    let (mut sent, mut tick) = (0, 0);
    loop {
        ticks.tick().await;
        tick += 1;
        while sent < tick * per_s / TICKS {
            let Some(subject) = subjects.next() else { return };
            // A server that is gone ends the measurement elsewhere.
            drop(
                client
                    .publish(subject.clone(), "an order of a customer".into())
                    .await,
            );
            sent += 1;
        }
    }
}

async fn work(consumer: PullConsumer) {
    let Ok(mut messages) = consumer.messages().await else {
        return;
    };
    let mut number = 0;
    while let Some(message) = messages.next().await {
        let Ok(message) = message else { continue };
        number += 1;
        let kind = if number % REFUSED == 0 {
            AckKind::Term
        } else {
            AckKind::Ack
        };
        drop(message.ack_with(kind).await);
    }
}
