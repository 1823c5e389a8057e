//! The first half of an apply: what is there, and what the API server would change. Nothing is written.

use super::act::Halt;
use super::api::{Apply, Trouble};
use super::item::{Item, Plan};
use super::kinds::Kind;
use super::run::Run;
use super::{Failure, Problem, compare, conflict, job, owned, takeover};
use crate::inventory::Inventory;
use crate::manifest::{Id, PROJECT};

impl Run<'_> {
    /// Finds out what is to be done with each object.
    pub(crate) async fn look(&self, items: &mut [Item], known: &Inventory) -> Result<(), Halt> {
        let looks = items.iter_mut().map(|item| {
            let look: super::act::Work<'_> = Box::pin(self.look_at(item, known));
            look
        });
        super::act::side_by_side(looks.collect()).await
    }

    async fn look_at(&self, item: &mut Item, known: &Inventory) -> Result<(), Halt> {
        let Some(kind) = item.kind.clone() else {
            return Ok(());
        };
        let got = self
            .shared
            .api
            .get(&kind, item.id.namespace.as_deref(), &item.id.name)
            .await;
        item.live = got.map_err(|trouble| self.halted("get", &item.id, trouble))?;
        if item.live.is_none() || item.is_terminating() {
            item.plan = if has_run(item, known) {
                Plan::Keep
            } else {
                Plan::Create
            };
            return if self.shared.options.dry_run && item.live.is_none() && item.plan == Plan::Create {
                self.rehearse_creation(item, &kind).await
            } else {
                Ok(())
            };
        }
        if job::is_job(&item.object) {
            return self.look_at_job(item);
        }
        if self.is_settled(item) {
            item.plan = Plan::Keep;
            return Ok(());
        }
        self.rehearse_change(item, &kind).await
    }

    /// Whether what is there shows that nothing would change.
    fn is_settled(&self, item: &Item) -> bool {
        item.live.as_ref().is_some_and(|live| {
            owned::is_settled(item.object.value(), live, &self.shared.options.manager)
                && !self.has_leftovers(live)
        })
    }

    /// A Job that was made from the same stays, whatever became of it; any other is made anew.
    fn look_at_job(&self, item: &mut Item) -> Result<(), Halt> {
        let live = item.live.as_ref();
        let same = live.and_then(job::hash_of) == job::hash_of(item.object.value());
        item.plan = if same { Plan::Keep } else { Plan::Recreate };
        if !same && !self.is_ours(item) && !self.shared.options.force_conflicts {
            let next = "delete it, or pass --force-conflicts to have it replaced".to_owned();
            return Err(failed(&item.id, Problem::Foreign, Some(next)));
        }
        Ok(())
    }

    async fn rehearse_creation(&self, item: &Item, kind: &Kind) -> Result<(), Halt> {
        let answer = self.send(item, kind, true).await;
        match answer.map_err(Problem::of_trouble) {
            // It will be there by then: it is made first.
            Ok(_) | Err(Ok(Problem::NoNamespace { .. })) => Ok(()),
            Err(Ok(problem)) => Err(self.failed(item, problem)),
            Err(Err(trouble)) => Err(self.halted("apply", &item.id, trouble)),
        }
    }

    async fn rehearse_change(&self, item: &mut Item, kind: &Kind) -> Result<(), Halt> {
        let answer = self.send(item, kind, true).await;
        let problem = match answer.map_err(Problem::of_trouble) {
            Ok(after) => {
                let live = item.live.as_ref().unwrap_or(&serde_json::Value::Null);
                let manager = &self.shared.options.manager;
                let same = compare::is_same(item.object.value(), live, &after, manager);
                item.plan = if same && !self.has_leftovers(live) {
                    Plan::Keep
                } else {
                    Plan::Change
                };
                return Ok(());
            }
            Err(Ok(problem)) => problem,
            Err(Err(trouble)) => return Err(self.halted("apply", &item.id, trouble)),
        };
        item.plan = Plan::Change;
        match problem {
            Problem::Immutable { .. } if self.shared.options.recreate && is_made_anew_safely(&item.id) => {
                item.plan = Plan::Recreate;
                Ok(())
            }
            Problem::Conflict { .. } | Problem::Immutable { .. } => Err(self.failed(item, problem)),
            problem if self.shared.options.dry_run => Err(self.failed(item, problem)),
            // It may be a matter of order: a definition that comes first, a webhook that takes no dry run.
            _ => Ok(()),
        }
    }

    /// Applies an object, or asks what would become of it.
    pub(crate) async fn send(
        &self,
        item: &Item,
        kind: &Kind,
        dry_run: bool,
    ) -> Result<serde_json::Value, Trouble> {
        let options = &self.shared.options;
        let apply = Apply {
            manager: &options.manager,
            force: options.force_conflicts,
            dry_run,
        };
        self.shared.api.apply(kind, item.object.value(), apply).await
    }

    /// Whether what helm and kubectl own becomes ours.
    pub(crate) fn takes_over(&self) -> bool {
        self.shared.options.force_conflicts && self.shared.options.take_over
    }

    /// Whether helm or kubectl own something that is to become ours.
    fn has_leftovers(&self, live: &serde_json::Value) -> bool {
        self.takes_over() && takeover::is_owned_by_tools(live)
    }

    /// Whether what is there carries the labels that we give.
    fn is_ours(&self, item: &Item) -> bool {
        let project = Some(self.shared.options.project.as_str());
        item.live_label(PROJECT) == project
    }

    /// The failure of an object, with what to do about it.
    pub(crate) fn failed(&self, item: &Item, mut problem: Problem) -> Halt {
        if let (Problem::Immutable { fields }, Some(live)) = (&mut problem, &item.live) {
            name_fields(fields, item, live);
        }
        let next = next(&item.id, &problem, &self.shared.cluster);
        failed(&item.id, problem, next)
    }

    /// A request about an object that brought nothing.
    pub(crate) fn halted(&self, operation: &str, id: &Id, trouble: Trouble) -> Halt {
        match Problem::of_trouble(trouble) {
            Ok(problem) => {
                let next = next(id, &problem, &self.shared.cluster);
                failed(id, problem, next)
            }
            Err(trouble) => Halt::Trouble(format!("{operation} {id}"), trouble),
        }
    }
}

/// Whether the object is a Job that has succeeded as it is wanted, and has been removed by the cluster since.
fn has_run(item: &Item, known: &Inventory) -> bool {
    let entry = known.entries.get(&item.id).filter(|entry| entry.finished);
    let hash = entry.and_then(|entry| entry.hash.as_deref());
    job::is_job(&item.object)
        && item.live.is_none()
        && hash.is_some()
        && hash == job::hash_of(item.object.value())
}

pub(crate) fn failed(id: &Id, problem: Problem, next: Option<String>) -> Halt {
    let id = id.clone();
    Halt::Failures(vec![Failure { id, problem, next }])
}

/// Where the server only says that something in there may not be changed: which fields it is.
fn name_fields(fields: &mut [super::Fault], item: &Item, live: &serde_json::Value) {
    for fault in fields.iter_mut().filter(|fault| fault.field == "spec") {
        let pointer = |value: &serde_json::Value| value.get("spec").cloned().unwrap_or_default();
        let paths = compare::differing(&pointer(item.object.value()), &pointer(live));
        if !paths.is_empty() {
            let paths: Vec<String> = paths.into_iter().map(|path| format!("spec.{path}")).collect();
            fault.field = paths.join(", ");
        }
    }
}

/// Whether an object can be deleted and made again without a loss of data.
fn is_made_anew_safely(id: &Id) -> bool {
    matches!(
        (id.group.as_str(), id.kind.as_str()),
        ("apps", "Deployment" | "DaemonSet" | "StatefulSet")
            | ("batch", "Job" | "CronJob")
            | ("", "Service" | "ConfigMap" | "Secret")
            | ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding")
            | ("storage.k8s.io", "StorageClass")
            | ("scheduling.k8s.io", "PriorityClass")
    )
}

/// What to do about a problem.
fn next(id: &Id, problem: &Problem, cluster: &str) -> Option<String> {
    match problem {
        Problem::Conflict { fields } => Some(conflict::advice(fields)),
        Problem::Immutable { .. } if is_made_anew_safely(id) => {
            Some("--recreate deletes it and makes it anew; its pods are replaced, volumes stay".to_owned())
        }
        Problem::Immutable { .. } => Some(format!(
            "set the field back, or, where its data may go, delete it: kubectl --context {cluster} delete {}{} {}",
            id.kind.to_lowercase(),
            id.namespace
                .as_ref()
                .map_or_else(String::new, |namespace| format!(" -n {namespace}")),
            id.name
        )),
        Problem::NoNamespace { namespace } => Some(format!(
            "add a Namespace {namespace} to the manifests, or give the component `namespace: {namespace}`"
        )),
        Problem::Forbidden { .. } => Some(format!(
            "kubectl --context {cluster} auth can-i --list{}",
            id.namespace
                .as_ref()
                .map_or_else(String::new, |namespace| format!(" -n {namespace}"))
        )),
        Problem::Quota { .. } => Some(format!(
            "kubectl --context {cluster} describe quota{}",
            id.namespace
                .as_ref()
                .map_or_else(String::new, |namespace| format!(" -n {namespace}"))
        )),
        _ => None,
    }
}
