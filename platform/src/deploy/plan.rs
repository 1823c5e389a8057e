//! Which components a deployment is about, and in what order.

use std::collections::{BTreeMap, BTreeSet};

use crate::project::deployment::{Deployment, StreamsBy};
use crate::project::{Component, Project};

/// The word for every component.
pub const ALL: &str = "all";

/// What goes to work: components in the order of the project file, each with those of them that it has to wait for.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan<'a> {
    /// The components.
    pub parts: Vec<Part<'a>>,
    /// Components that were named and have nothing to do here, each with the reason.
    pub idle: Vec<(&'a str, String)>,
}

/// One component of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<'a> {
    /// Its name.
    pub name: &'a str,
    /// How it gets into a cluster.
    pub deployment: &'a Deployment,
    /// Components of the same plan that must run before it.
    pub needs: BTreeSet<&'a str>,
    /// Whether it was asked for; else it is a missing need of one that was.
    pub asked: bool,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No component is called so.
    #[error("there is no component '{name}' in the project; {advice}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// Which may have been meant: a sentence.
        advice: String,
    },
    /// The component has nothing that could be deployed.
    #[error("component '{name}' has no manifests")]
    NotDeployable {
        /// Its name.
        name: String,
    },
}

impl<'a> Plan<'a> {
    /// The plan for the components of these names or aliases; [`ALL`], or none at all, stands for every one. Needs that are
    /// not asked for are taken along where `is_there` says no.
    ///
    /// # Errors
    /// When a name is not that of a component with manifests.
    pub fn of(
        project: &'a Project,
        streams_by: StreamsBy,
        names: &[String],
        is_there: impl Fn(&str) -> bool,
    ) -> Result<Self, PlanError> {
        let all = names.is_empty() || names.iter().any(|name| name == ALL);
        let mut asked: BTreeSet<&str> = BTreeSet::new();
        for name in names.iter().filter(|name| *name != ALL) {
            asked.insert(&named(project, name)?.name);
        }
        let mut idle = Vec::new();
        let mut wanted: BTreeMap<&str, bool> = BTreeMap::new();
        for (component, deployment) in deployable(project) {
            let name = component.name.as_str();
            if asked.contains(name) && idles(deployment, streams_by) {
                idle.push((
                    name,
                    "ratectl makes the streams itself here (streams.managedBy)".to_owned(),
                ));
            } else if asked.contains(name) || (all && !idles(deployment, streams_by)) {
                wanted.insert(name, true);
            }
        }
        let mut open: Vec<&str> = wanted.keys().copied().collect();
        while let Some(name) = open.pop() {
            for need in needs(project, name, streams_by) {
                if !wanted.contains_key(need) && !is_there(need) {
                    wanted.insert(need, false);
                    open.push(need);
                }
            }
        }
        let parts = deployable(project).filter_map(|(component, deployment)| {
            let name = component.name.as_str();
            let asked = *wanted.get(name)?;
            let needs = needs(project, name, streams_by);
            Some(Part {
                name,
                deployment,
                needs: needs.filter(|need| wanted.contains_key(need)).collect(),
                asked,
            })
        });
        Ok(Self {
            parts: parts.collect(),
            idle,
        })
    }

    /// The parts in an order in which every one comes after those that it needs; the project file's where that leaves a choice.
    pub fn ordered(&self) -> Vec<&Part<'a>> {
        let mut ordered: Vec<&Part<'a>> = Vec::new();
        let mut done: BTreeSet<&str> = BTreeSet::new();
        // The project file was checked for cycles: every turn finds one.
        while let Some(next) = self
            .parts
            .iter()
            .find(|part| !done.contains(part.name) && part.needs.iter().all(|need| done.contains(need)))
        {
            done.insert(next.name);
            ordered.push(next);
        }
        ordered
    }

    /// The parts that wait for this one, directly or through others.
    pub fn dependents(&self, name: &str) -> BTreeSet<&'a str> {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        for part in self.ordered() {
            let waits = |need: &&str| *need == name || found.contains(need);
            if part.needs.iter().any(waits) {
                found.insert(part.name);
            }
        }
        found
    }
}

/// The component of this name or alias.
///
/// # Errors
/// When there is none, or it has no manifests.
pub fn named<'a>(project: &'a Project, name: &str) -> Result<&'a Component, PlanError> {
    match project.component(name) {
        Some(component) if component.deployment.is_some() => Ok(component),
        Some(component) => Err(PlanError::NotDeployable {
            name: component.name.clone(),
        }),
        None => Err(PlanError::Unknown {
            name: name.to_owned(),
            advice: project.component_advice(name),
        }),
    }
}

/// The components that have a part in a cluster.
pub fn deployable(project: &Project) -> impl DoubleEndedIterator<Item = (&Component, &Deployment)> {
    let components = project.components.iter();
    components.filter_map(|component| Some((component, component.deployment.as_ref()?)))
}

/// The names of the components that a deployment of everything brings.
pub fn expected(project: &Project, streams_by: StreamsBy) -> impl Iterator<Item = &str> {
    let all = deployable(project).filter(move |(_, deployment)| !idles(deployment, streams_by));
    all.map(|(component, _)| component.name.as_str())
}

/// What must run before a component: a controller that has no job here is not waited for, but what it needs is.
fn needs<'a>(project: &'a Project, name: &str, streams_by: StreamsBy) -> impl Iterator<Item = &'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        let component = deployable(project).find(|(component, _)| component.name == name);
        for need in component
            .into_iter()
            .flat_map(|(_, deployment)| &deployment.needs)
        {
            let of_need = deployable(project).find(|(component, _)| component.name == *need);
            match of_need {
                Some((_, deployment)) if idles(deployment, streams_by) => open.push(need.clone()),
                Some((component, _)) => {
                    found.insert(component.name.as_str());
                }
                None => {}
            }
        }
    }
    found.into_iter()
}

fn idles(deployment: &Deployment, streams_by: StreamsBy) -> bool {
    deployment.manages_streams && streams_by == StreamsBy::Ratectl
}

#[cfg(test)]
mod tests;
