//! What is otherwise about a cluster than somebody wants it.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::{ApiAddress, Mirror, RegistrySpec, Spec};
use crate::cluster::Difference;
use crate::docker::reference::Reference;

/// Shown where there is nothing.
const NONE: &str = "none";
/// Shown for a port that nobody has named.
const ANY_PORT: &str = "any free one";

impl Spec {
    /// What is otherwise about this cluster than `wanted`, in the order of the fields, each by its key in `ratectl.yaml`.
    ///
    /// Any port fits where any free one is wanted. The order of lists means nothing, and two ways to write one image nothing
    /// either. Tokens are not compared: they are not kept.
    pub fn differences(&self, wanted: &Self) -> Vec<Difference> {
        let mut found = Found::default();
        found.value("name", &self.name, &wanted.name);
        found.value("servers", &self.servers, &wanted.servers);
        found.value("agents", &self.agents, &wanted.agents);
        found.image("image", &self.image, &wanted.image);
        found.api(&self.api, &wanted.api);
        found.list("ports", self.ports.iter(), wanted.ports.iter());
        found.registry(self.registry.as_ref(), wanted.registry.as_ref());
        found.mirrors(&self.mirrors, &wanted.mirrors);
        let network = |spec: &Self| spec.network.clone().unwrap_or_else(|| "its own".to_owned());
        found.value("network", &network(self), &network(wanted));
        found.list("env", self.env.iter(), wanted.env.iter());
        found.list("args", self.args.iter(), wanted.args.iter());
        found.list("volumes", self.volumes.iter(), wanted.volumes.iter());
        found.0
    }
}

#[derive(Default)]
struct Found(Vec<Difference>);

impl Found {
    fn add(&mut self, what: impl Into<String>, is: impl Display, wanted: impl Display) {
        self.0.push(Difference {
            what: what.into(),
            is: is.to_string(),
            wanted: wanted.to_string(),
        });
    }

    fn value<T: PartialEq + Display>(&mut self, what: &str, is: &T, wanted: &T) {
        if is != wanted {
            self.add(what, is, wanted);
        }
    }

    fn image(&mut self, what: &str, is: &str, wanted: &str) {
        if !same_image(is, wanted) {
            self.add(what, is, wanted);
        }
    }

    fn port(&mut self, what: &str, is: Option<u16>, wanted: Option<u16>) {
        if let Some(wanted) = wanted
            && is != Some(wanted)
        {
            let is = is.map_or_else(|| ANY_PORT.to_owned(), |port| port.to_string());
            self.add(what, is, wanted);
        }
    }

    fn api(&mut self, is: &ApiAddress, wanted: &ApiAddress) {
        self.value("api.host", &is.host, &wanted.host);
        self.value("api.ip", &is.ip, &wanted.ip);
        self.port("api.port", is.port, wanted.port);
    }

    fn registry(&mut self, is: Option<&RegistrySpec>, wanted: Option<&RegistrySpec>) {
        match (is, wanted) {
            (Some(is), Some(wanted)) => {
                self.value("registry.name", &is.name, &wanted.name);
                self.value("registry.ip", &is.ip, &wanted.ip);
                self.port("registry.port", is.port, wanted.port);
                self.image("registry.image", &is.image, &wanted.image);
            }
            (Some(is), None) => self.add("registry", &is.name, NONE),
            (None, Some(wanted)) => self.add("registry", NONE, &wanted.name),
            (None, None) => {}
        }
    }

    fn mirrors(&mut self, is: &BTreeMap<String, Mirror>, wanted: &BTreeMap<String, Mirror>) {
        let shown = |mirror: Option<&Mirror>| mirror.map_or_else(|| NONE.to_owned(), Mirror::to_string);
        let hosts: std::collections::BTreeSet<&String> = is.keys().chain(wanted.keys()).collect();
        for host in hosts {
            let (is, wanted) = (is.get(host), wanted.get(host));
            if is != wanted {
                self.add(format!("mirrors.{host}"), shown(is), shown(wanted));
            }
        }
    }

    /// Tells only of what one side has and the other lacks.
    fn list<T: Display>(&mut self, what: &str, is: impl Iterator<Item = T>, wanted: impl Iterator<Item = T>) {
        let mut extra: Vec<String> = is.map(|entry| entry.to_string()).collect();
        let mut missing = Vec::new();
        for entry in wanted.map(|entry| entry.to_string()) {
            match extra.iter().position(|other| *other == entry) {
                Some(at) => drop(extra.remove(at)),
                None => missing.push(entry),
            }
        }
        if !extra.is_empty() || !missing.is_empty() {
            self.add(what, shown_list(extra), shown_list(missing));
        }
    }
}

/// Whether two references mean one image.
pub(super) fn same_image(one: &str, other: &str) -> bool {
    let complete = |image: &str| image.parse::<Reference>().ok();
    one == other || complete(one).is_some_and(|one| Some(one) == complete(other))
}

fn shown_list(mut entries: Vec<String>) -> String {
    if entries.is_empty() {
        return NONE.to_owned();
    }
    entries.sort();
    entries.join(", ")
}
