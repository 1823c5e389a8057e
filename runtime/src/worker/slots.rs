//! The room for requests: as many at once as there are slots.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::Notify;

/// The slots of one worker; clones are the same slots.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    count: usize,
    taken: AtomicUsize,
    freed: Notify,
    /// Shows to others how many are taken.
    gauge: Gauge,
}

/// One taken slot; free again when dropped, however its task ends.
#[derive(Debug)]
pub(super) struct Slot {
    inner: Arc<Inner>,
}

impl Slots {
    pub(super) fn new(count: usize, gauge: Gauge) -> Self {
        Self {
            inner: Arc::new(Inner {
                count,
                taken: AtomicUsize::new(0),
                freed: Notify::new(),
                gauge,
            }),
        }
    }

    /// Takes a slot. More than there are can be taken only if the server sends more than was asked for.
    pub(super) fn take(&self) -> Slot {
        self.inner.taken.fetch_add(1, Ordering::AcqRel);
        self.inner.gauge.inc();
        Slot {
            inner: Arc::clone(&self.inner),
        }
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        self.inner.taken.load(Ordering::Acquire)
    }

    /// How many are free.
    pub(super) fn free(&self) -> usize {
        self.inner.count.saturating_sub(self.taken())
    }

    /// Resolves once a slot has become free since the last call. For one waiter.
    pub(super) async fn freed(&self) {
        self.inner.freed.notified().await;
    }

    /// Resolves when no slot is taken. For the waiter of [`Slots::freed`], later.
    pub(super) async fn all_free(&self) {
        while self.taken() > 0 {
            self.freed().await;
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.inner.taken.fetch_sub(1, Ordering::AcqRel);
        self.inner.gauge.dec();
        self.inner.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::{Gauge, Slots};

    #[tokio::test]
    async fn a_dropped_slot_is_free_again_and_wakes_the_waiter() {
        let slots = Slots::new(2, Gauge::default());
        let (first, second) = (slots.take(), slots.take());
        assert_eq!((slots.free(), slots.taken()), (0, 2));
        drop(first);
        slots.freed().await;
        assert_eq!(slots.free(), 1);
        let all = tokio::spawn({
            let slots = slots.clone();
            async move { slots.all_free().await }
        });
        drop(second);
        all.await.unwrap();
    }
}
