//! `/etc/rancher/k3s/registries.yaml`: where a node fetches images, written for the node's program.
//!
//! One key a line, two blanks in, always between quotes, and its endpoints below: so even a line-wise reader understands it.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::spec::{Mirror, REGISTRY_INTERNAL_PORT, Spec};

/// The file's text for every node of `spec`, whose registry is published on `registry_port` of this machine.
///
/// The names that people use on this machine work in the nodes too: `localhost:<port>/x` is one image everywhere.
pub fn text(spec: &Spec, registry_port: Option<u16>) -> String {
    let mut mirrors = BTreeMap::new();
    let own = spec
        .registry
        .as_ref()
        .map(|registry| format!("http://{}:{REGISTRY_INTERNAL_PORT}", registry.name));
    for (host, mirror) in &spec.mirrors {
        let endpoints = match mirror {
            Mirror::Registry => own.iter().cloned().collect(),
            Mirror::Endpoints(urls) => urls.clone(),
            // Named below, by the container.
            Mirror::PullThrough(_) => continue,
        };
        mirrors.insert(host.clone(), endpoints);
    }
    for cache in spec.pull_throughs() {
        let endpoint = format!("http://{}:{REGISTRY_INTERNAL_PORT}", cache.name);
        mirrors.insert(cache.host, vec![endpoint]);
    }
    if let (Some(registry), Some(own)) = (&spec.registry, own) {
        mirrors.insert(
            format!("{}:{REGISTRY_INTERNAL_PORT}", registry.name),
            vec![own.clone()],
        );
        for host in [registry.name.as_str(), "localhost", "127.0.0.1"] {
            let names = registry_port.map(|port| (format!("{host}:{port}"), vec![own.clone()]));
            mirrors.extend(names);
        }
    }
    written(&mirrors)
}

fn written(mirrors: &BTreeMap<String, Vec<String>>) -> String {
    if mirrors.is_empty() {
        return "mirrors: {}\n".to_owned();
    }
    let mut text = "mirrors:\n".to_owned();
    for (host, endpoints) in mirrors {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  \"{host}\":\n    endpoint:");
        for endpoint in endpoints {
            let _ = writeln!(text, "      - \"{endpoint}\"");
        }
    }
    text
}

#[cfg(test)]
mod tests;
