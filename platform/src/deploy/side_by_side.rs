//! Components at work side by side, each as soon as those that it needs have ended well.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use tokio::sync::watch;

use super::plan::{Part, Plan};

/// How the work for a component ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending<R, E> {
    /// Well.
    Done(R),
    /// Not.
    Failed(E),
    /// It was not done, because of this component that it needs.
    Skipped(String),
}

/// Why work stopped.
#[derive(Debug)]
pub(super) enum Stop<E> {
    /// A component that it needs is not there.
    Unmet(String),
    /// Something went wrong.
    Failed(E),
}

impl<E> From<E> for Stop<E> {
    fn from(error: E) -> Self {
        Self::Failed(error)
    }
}

/// How far a component is: not known yet, or whether it can be relied on.
type Gate = Option<bool>;

/// What a component waits for.
pub(super) struct Needs<'a> {
    gates: Vec<(&'a str, watch::Receiver<Gate>)>,
}

impl Needs<'_> {
    /// Waits until all that is needed has ended well.
    ///
    /// # Errors
    /// [`Stop::Unmet`] as soon as one has not.
    pub(super) async fn met<E>(&mut self) -> Result<(), Stop<E>> {
        let waits = self.gates.iter_mut().map(|(name, gate)| async move {
            match gate.wait_for(Option::is_some).await.map(|gate| *gate) {
                Ok(Some(true)) => Ok(()),
                _ => Err(Stop::Unmet((*name).to_owned())),
            }
        });
        futures_util::future::try_join_all(waits).await.map(drop)
    }
}

/// Does the work for every part of a plan; `work` itself says at which point it needs the others. In the order of the plan.
pub(super) async fn run<'a, R, E>(
    plan: &Plan<'a>,
    work: impl AsyncFn(&Part<'a>, Needs<'a>) -> Result<R, Stop<E>>,
) -> Vec<(&'a str, Ending<R, E>)> {
    let gates: BTreeMap<&str, watch::Sender<Gate>> = plan
        .parts
        .iter()
        .map(|part| (part.name, watch::Sender::new(None)))
        .collect();
    let work = &work;
    let gates = &gates;
    join_all(plan.ordered().into_iter().map(|part| async move {
        let needs = part.needs.iter();
        let needs = Needs {
            gates: needs
                .filter_map(|need| Some((*need, gates.get(need)?.subscribe())))
                .collect(),
        };
        let ending = match work(part, needs).await {
            Ok(done) => Ending::Done(done),
            Err(Stop::Failed(error)) => Ending::Failed(error),
            Err(Stop::Unmet(need)) => Ending::Skipped(need),
        };
        if let Some(gate) = gates.get(part.name) {
            gate.send_replace(Some(matches!(ending, Ending::Done(_))));
        }
        (part.name, ending)
    }))
    .await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Mutex;

    use super::*;
    use crate::project::deployment::Deployment;

    fn plan<'a>(deployment: &'a Deployment, parts: &[(&'a str, &[&'a str])]) -> Plan<'a> {
        let parts = parts.iter().map(|(name, needs)| Part {
            name,
            deployment,
            needs: needs.iter().copied().collect::<BTreeSet<_>>(),
            asked: true,
        });
        Plan {
            parts: parts.collect(),
            idle: Vec::new(),
        }
    }

    #[tokio::test]
    async fn work_begins_when_all_needs_are_met() {
        let deployment = Deployment::default();
        let plan = plan(&deployment, &[("c", &["a", "b"]), ("b", &["a"]), ("a", &[])]);
        let order = Mutex::new(Vec::new());
        let endings = run(&plan, async |part, mut needs| {
            order.lock().unwrap().push(format!("{} begins", part.name));
            needs.met().await?;
            // Nobody is done before everybody has begun.
            tokio::task::yield_now().await;
            order.lock().unwrap().push(format!("{} works", part.name));
            Ok::<_, Stop<&str>>(())
        });
        let endings = endings.await;
        assert!(
            endings
                .iter()
                .all(|(_, ending)| matches!(ending, Ending::Done(())))
        );
        let order = order.into_inner().unwrap();
        let works: Vec<_> = order.iter().filter(|line| line.ends_with("works")).collect();
        assert_eq!(works, ["a works", "b works", "c works"]);
        // What needs nobody's end, such as building an image, waits for nobody.
        assert_eq!(&order[1..3], ["b begins", "c begins"]);
    }

    #[tokio::test]
    async fn what_needs_a_failed_one_is_skipped_and_the_rest_goes_on() {
        let deployment = Deployment::default();
        let plan = plan(
            &deployment,
            &[("a", &[]), ("b", &["a"]), ("c", &["b"]), ("d", &[])],
        );
        let endings = run(&plan, async |part, mut needs| {
            needs.met().await?;
            if part.name == "a" {
                return Err(Stop::Failed("broken"));
            }
            Ok(part.name)
        });
        assert_eq!(
            endings.await,
            [
                ("a", Ending::Failed("broken")),
                ("b", Ending::Skipped("a".to_owned())),
                ("c", Ending::Skipped("b".to_owned())),
                ("d", Ending::Done("d")),
            ]
        );
    }
}
