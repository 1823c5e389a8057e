//! What has to be done so that a cluster is as wanted: told from what there is, without doing anything.

use super::error::Difference;
use super::found::{Container, Found, Role, State};
use super::registry::{self, Wanted};
use super::spec::Node;
use super::{CreateOptions, Error, Maker, Spec, compare, labels};

/// What has to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// What is deleted first: a whole cluster that differs.
    pub(super) delete: Option<Found>,
    /// Every wanted node, the first server first.
    pub(super) nodes: Vec<(Node, Action)>,
    /// Every wanted registry.
    pub(super) registries: Vec<(Wanted, Action)>,
    /// Further containers of the cluster: what somebody else put there.
    pub(super) others: Vec<Action>,
}

/// What has to be done about one container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// It is not there.
    Create,
    /// It is of no use, such as one that was never started and may lack its files.
    Replace(Container),
    /// It is stopped.
    Start(Container),
    /// It is frozen.
    Unpause(Container),
    /// It runs.
    Keep(Container),
}

impl Action {
    /// The container that is there.
    pub(super) fn container(&self) -> Option<&Container> {
        match self {
            Action::Create => None,
            Action::Replace(there) | Action::Start(there) | Action::Unpause(there) | Action::Keep(there) => {
                Some(there)
            }
        }
    }

    /// Whether a container is made.
    pub(super) fn makes(&self) -> bool {
        matches!(self, Action::Create | Action::Replace(_))
    }
}

impl Plan {
    /// Whether every container is there and runs.
    pub(super) fn all_run(&self) -> bool {
        let nodes = self.nodes.iter().map(|(_, action)| action);
        let registries = self.registries.iter().map(|(_, action)| action);
        let mut all = nodes.chain(registries).chain(&self.others);
        self.delete.is_none() && all.all(|action| matches!(action, Action::Keep(_)))
    }

    /// Whether every container that is there is on this network.
    pub(super) fn all_on(&self, network: &str) -> bool {
        let nodes = self.nodes.iter().map(|(_, action)| action);
        let registries = self.registries.iter().map(|(_, action)| action);
        let mut there = nodes.chain(registries).filter_map(Action::container);
        there.all(|container| container.networks.contains_key(network))
    }

    /// Whether nothing of the cluster is there yet.
    pub(super) fn all_new(&self) -> bool {
        self.delete.is_none()
            && self.others.is_empty()
            && self.nodes.iter().all(|(_, action)| *action == Action::Create)
    }

    /// Whether containers are made.
    pub(super) fn makes(&self) -> bool {
        let nodes = self.nodes.iter().map(|(_, action)| action);
        let mut all = nodes.chain(self.registries.iter().map(|(_, action)| action));
        all.any(Action::makes)
    }
}

/// Plans a cluster, from everything that carries k3d's label.
pub(super) fn of(
    spec: &Spec,
    containers: &[Container],
    found: Option<&Found>,
    options: &CreateOptions,
) -> Result<Plan, Error> {
    let there = found.filter(|found| !found.nodes.is_empty() || !found.others.is_empty());
    let Some(found) = there else {
        return fresh(spec, containers, None);
    };
    let maker = found.made_by();
    let differences = differences(found, spec, &maker);
    if !differences.is_empty() {
        if !options.recreate {
            return Err(Error::Differs {
                name: spec.name.clone(),
                differences,
            });
        }
        if maker != Maker::Ratectl && !options.force {
            return Err(Error::Foreign {
                name: spec.name.clone(),
                maker,
            });
        }
        return fresh(spec, containers, Some(found));
    }
    if maker == Maker::Ratectl {
        converging(spec, containers, found)
    } else {
        Ok(foreign(found))
    }
}

fn differences(found: &Found, spec: &Spec, maker: &Maker) -> Vec<Difference> {
    if *maker != Maker::Ratectl {
        return compare::seen(found, spec);
    }
    let mut differences: Vec<Difference> = found
        .nodes
        .iter()
        .flat_map(|node| compare::labelled(node, spec))
        .collect();
    differences.dedup();
    // Several servers keep the cluster's data together; a first one made anew would found a second cluster.
    let first = spec.name.server(0);
    if spec.servers > 1 && !found.nodes.is_empty() && found.nodes.iter().all(|node| node.name != first) {
        differences.push(Difference {
            what: first,
            is: "missing".to_owned(),
            wanted: "the first server".to_owned(),
        });
    }
    differences
}

/// Everything is made, after what there is was deleted.
fn fresh(spec: &Spec, containers: &[Container], delete: Option<&Found>) -> Result<Plan, Error> {
    let mut registries = registries(spec, containers)?;
    if delete.is_some() {
        for (_, action) in &mut registries {
            *action = Action::Create;
        }
    }
    Ok(Plan {
        delete: delete.cloned(),
        nodes: spec.nodes().map(|node| (node, Action::Create)).collect(),
        registries,
        others: Vec::new(),
    })
}

/// What is there is kept, what is missing is made.
fn converging(spec: &Spec, containers: &[Container], found: &Found) -> Result<Plan, Error> {
    let named = |name: &str| found.nodes.iter().find(|container| container.name == name);
    let mut nodes: Vec<(Node, Action)> = Vec::new();
    for wanted in spec.nodes() {
        let action = named(&spec.name.node(wanted)).map_or(Action::Create, about);
        nodes.push((wanted, action));
    }
    // Agents of a server that is gone trust a cluster that is gone; they hold nothing of their own.
    if matches!(nodes.first(), Some((_, Action::Create | Action::Replace(_)))) {
        for (_, action) in nodes.iter_mut().skip(1) {
            if let Action::Start(container) | Action::Unpause(container) | Action::Keep(container) = action {
                *action = Action::Replace(container.clone());
            }
        }
    }
    let wanted: Vec<String> = spec.nodes().map(|wanted| spec.name.node(wanted)).collect();
    let further = found
        .nodes
        .iter()
        .filter(|container| !wanted.contains(&container.name))
        .chain(&found.others);
    Ok(Plan {
        delete: None,
        nodes,
        registries: registries(spec, containers)?,
        others: further.map(startable).collect(),
    })
}

/// What somebody else made is started and never made.
pub(super) fn foreign(found: &Found) -> Plan {
    Plan {
        others: found.containers().map(startable).collect(),
        ..Plan::default()
    }
}

/// What a container needs that we cannot make anew.
fn startable(container: &Container) -> Action {
    match about(container) {
        Action::Replace(container) => Action::Start(container),
        action => action,
    }
}

fn registries(spec: &Spec, containers: &[Container]) -> Result<Vec<(Wanted, Action)>, Error> {
    let about_registry = |wanted: Wanted| {
        let there = containers.iter().find(|container| container.name == wanted.name);
        let Some(there) = there else {
            return Ok((wanted, Action::Create));
        };
        let ours = there.role == Role::Registry && there.cluster() == Some(spec.name.as_str());
        if !ours {
            return Err(Error::Taken {
                name: spec.name.clone(),
                what: format!("container {}", wanted.name),
                owner: owner(there),
            });
        }
        // Its data are in its volume: it can be made anew at any time.
        let as_wanted = there
            .spec()
            .is_some_and(|is| is.registry == spec.registry && is.mirrors == spec.mirrors);
        let action = if as_wanted {
            about(there)
        } else {
            Action::Replace(there.clone())
        };
        Ok((wanted, action))
    };
    registry::wanted(spec).into_iter().map(about_registry).collect()
}

fn owner(container: &Container) -> String {
    match container.cluster() {
        Some(cluster) => format!("cluster {cluster}"),
        None if container.labels.contains_key(labels::APP) => "k3d, outside any cluster".to_owned(),
        None => "somebody else".to_owned(),
    }
}

/// What a container that is there needs.
fn about(container: &Container) -> Action {
    let container = container.clone();
    match container.state {
        // Never started: the files it needs may be missing.
        State::Created | State::Dead => Action::Replace(container),
        State::Exited => Action::Start(container),
        State::Paused => Action::Unpause(container),
        State::Running | State::Restarting => Action::Keep(container),
    }
}

#[cfg(test)]
mod tests;
