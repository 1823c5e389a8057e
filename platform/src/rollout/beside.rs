//! What goes on beside a wait: it may bring what the pods that are waited for still lack.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The components of one deployment that are under way, as one of them sees it.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    component: String,
    /// Those that cannot help it: they wait for it themselves.
    dependents: BTreeSet<String>,
    under_way: Arc<Mutex<BTreeSet<String>>>,
}

impl Beside {
    /// For several components, all of which are under way now. Without any, nothing goes on beside anything.
    pub fn new(components: impl IntoIterator<Item = String>) -> Self {
        Self {
            under_way: Arc::new(Mutex::new(components.into_iter().collect())),
            ..Self::default()
        }
    }

    /// As this component sees it, for which `dependents` wait.
    #[must_use]
    pub fn seen_by(&self, component: &str, dependents: BTreeSet<String>) -> Self {
        Self {
            component: component.to_owned(),
            dependents,
            under_way: Arc::clone(&self.under_way),
        }
    }

    /// It has come to its end, or into trouble of its own: nobody has to wait for what it may bring.
    pub fn leave(&self) {
        self.components().remove(&self.component);
    }

    /// It is under way again.
    pub(super) fn enter(&self) {
        if !self.component.is_empty() {
            self.components().insert(self.component.clone());
        }
    }

    /// Whether anything else is under way that does not wait for this component.
    pub(super) fn may_help(&self) -> bool {
        let components = self.components();
        let mut others = components.iter().filter(|other| **other != self.component);
        others.any(|other| !self.dependents.contains(other))
    }

    fn components(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_under_way_may_help_unless_it_waits_itself() {
        let all = Beside::new(["worker", "store", "page"].map(str::to_owned));
        let worker = all.seen_by("worker", BTreeSet::from(["page".to_owned()]));
        let store = all.seen_by("store", BTreeSet::new());
        assert!(worker.may_help());
        store.leave();
        assert!(!worker.may_help(), "the page waits for the worker");
        store.enter();
        assert!(worker.may_help() && store.may_help());
        assert!(!Beside::default().may_help());
    }
}
