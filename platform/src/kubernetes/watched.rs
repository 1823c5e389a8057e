//! The objects of a watch, kept as they are in the cluster for as long as somebody looks.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use kube::runtime::utils::Backoff;
use kube::runtime::watcher::{self, Event};
use kube::runtime::{WatchStreamExt as _, watcher as watch};
use kube::{Api, Resource, ResourceExt as _};
use serde::de::DeserializeOwned;

use super::error::{brief_of_watch, is_forbidden};

/// The first pause after a failure, and the longest. An API server that is starting answers within moments.
const PAUSES: (Duration, Duration) = (Duration::from_millis(25), Duration::from_millis(400));

/// The objects that a watch has shown, by name.
pub(crate) struct Watched<K> {
    stream: Pin<Box<dyn Stream<Item = Result<Event<K>, watcher::Error>> + Send>>,
    objects: BTreeMap<String, K>,
    listing: BTreeMap<String, K>,
    listed: bool,
    failure: Option<String>,
    forbidden: bool,
}

impl<K> Watched<K>
where
    K: Resource + Clone + fmt::Debug + DeserializeOwned + Send + 'static,
{
    /// Begins to watch; goes on through every failure.
    pub(crate) fn new(api: Api<K>, config: watcher::Config) -> Self {
        Self {
            stream: watch(api, config).backoff(Pauses { next: PAUSES.0 }).boxed(),
            objects: BTreeMap::new(),
            listing: BTreeMap::new(),
            listed: false,
            failure: None,
            forbidden: false,
        }
    }

    /// Waits until something is new: an object, the end of a listing, or a failure.
    pub(crate) async fn changed(&mut self) {
        while let Some(event) = self.stream.next().await {
            if self.take(event) {
                return;
            }
        }
        // A watch has no end; if it had one, there would be nothing new any more.
        std::future::pending::<()>().await;
    }

    /// The objects, once they have been listed.
    pub(crate) fn objects(&self) -> Option<&BTreeMap<String, K>> {
        self.listed.then_some(&self.objects)
    }

    /// Why they cannot be watched at the moment.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Whether that is because the API server knows us and refuses.
    pub(crate) fn is_forbidden(&self) -> bool {
        self.forbidden
    }

    /// Whether that was news.
    fn take(&mut self, event: Result<Event<K>, watcher::Error>) -> bool {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                self.failure = Some(brief_of_watch(&error));
                self.forbidden = is_forbidden(&error);
                return true;
            }
        };
        self.failure = None;
        self.forbidden = false;
        match event {
            Event::Init => self.listing.clear(),
            Event::InitApply(object) => drop(self.listing.insert(object.name_any(), object)),
            Event::InitDone => {
                self.objects = std::mem::take(&mut self.listing);
                self.listed = true;
                return true;
            }
            Event::Apply(object) => {
                self.objects.insert(object.name_any(), object);
                return true;
            }
            Event::Delete(object) => {
                self.objects.remove(&object.name_any());
                return true;
            }
        }
        false
    }
}

/// Pauses that grow while nothing succeeds.
struct Pauses {
    next: Duration,
}

impl Iterator for Pauses {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let pause = self.next;
        self.next = (pause * 2).min(PAUSES.1);
        Some(pause)
    }
}

impl Backoff for Pauses {
    fn reset(&mut self) {
        self.next = PAUSES.0;
    }
}
