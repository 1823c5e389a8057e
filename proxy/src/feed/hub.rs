//! The channels of a proxy: made with their first client, kept a while after their last.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::channel::Channel;
use super::stream::Stream;
use super::{Filter, Refusal, Settings, pump};

/// All channels, by filter.
#[derive(Debug)]
pub(super) struct Hub {
    settings: Settings,
    /// Everything the feed carries: its channel always has room, whoever uses the others up.
    whole: Filter,
    channels: Mutex<HashMap<Filter, Arc<Channel>>>,
    count: Gauge,
    /// hub -> keeper: a channel that needs a pump. Bounded by `max_filters`.
    new_tx: mpsc::UnboundedSender<Arc<Channel>>,
    new_rx: Mutex<Option<mpsc::UnboundedReceiver<Arc<Channel>>>>,
}

/// A client's part in a channel, until it is dropped.
#[derive(Debug)]
pub(super) struct Member(pub(super) Arc<Channel>);

impl Drop for Member {
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl Hub {
    pub(super) fn new(settings: &Settings, whole: Filter, count: Gauge) -> Self {
        let (new_tx, new_rx) = mpsc::unbounded_channel();
        Self {
            settings: settings.clone(),
            whole,
            channels: Mutex::default(),
            count,
            new_tx,
            new_rx: Mutex::new(Some(new_rx)),
        }
    }

    fn channels(&self) -> MutexGuard<'_, HashMap<Filter, Arc<Channel>>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A part in the channel of a filter, which is begun if there is none.
    pub(super) fn join(&self, filter: &Filter) -> Result<Member, Refusal> {
        let mut channels = self.channels();
        if let Some(channel) = channels.get(filter) {
            channel.enter();
            return Ok(Member(Arc::clone(channel)));
        }
        let parts = channels.keys().filter(|known| **known != self.whole).count();
        if *filter != self.whole && parts >= self.settings.max_filters {
            return Err(Refusal::Filters);
        }
        let channel = Arc::new(Channel::new(filter.clone(), &self.settings));
        self.new_tx
            .send(Arc::clone(&channel))
            .map_err(|_| Refusal::Draining)?;
        channel.enter();
        channels.insert(filter.clone(), Arc::clone(&channel));
        self.count.inc();
        Ok(Member(channel))
    }

    /// Gives a channel up unless somebody is in it.
    fn retire(&self, channel: &Channel) -> bool {
        let mut channels = self.channels();
        let is_unused = channel.members() == 0;
        if is_unused && channels.remove(&channel.filter).is_some() {
            self.count.dec();
        }
        is_unused
    }

    /// Runs the pumps of all channels, as long as this is polled.
    pub(super) async fn keep(&self, stream: Arc<Stream>) {
        let Some(mut new_rx) = self.new_rx.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        let mut pumps = JoinSet::new();
        loop {
            tokio::select! {
                channel = new_rx.recv() => {
                    let Some(channel) = channel else { return };
                    let pumping = pump::run(Arc::clone(&channel), Arc::clone(&stream), channel.filter == self.whole);
                    pumps.spawn(async move {
                        pumping.await;
                        channel
                    });
                }
                Some(unused) = pumps.join_next() => {
                    let Ok(channel) = unused else { continue };
                    // Somebody may have come in the meantime.
                    if !self.retire(&channel) {
                        drop(self.new_tx.send(channel));
                    }
                }
            }
        }
    }
}
