//! Keys of k3d that cannot be honoured, and why.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::document::{Document, Not, Options, Registries};
use crate::project::yaml::{Complaint, Spanned};

/// A value of any kind, of which only matters whether it asks for something: empty ones and `false` do not.
pub(super) struct Refused(bool);

impl Refused {
    /// Complains if the value asks for something.
    pub(super) fn complain(key: &str, value: Option<&Spanned<Self>>, reason: &str) -> Result<(), Complaint> {
        match value {
            Some(value) if value.value.0 => {
                Err((value.referenced, format!("'{key}' cannot be honoured: {reason}")))
            }
            _ => Ok(()),
        }
    }
}

/// Why `key` cannot be honoured.
fn reason(key: &str) -> &'static str {
    match key {
        "subnet" => {
            "the engine chooses the addresses of the network; name an existing `network` to have others"
        }
        "files" => "files are not copied into nodes; mount them with `volumes`",
        "hostAliases" => "nodes and pods find names through DNS only",
        "registries.use" => {
            "registries of others are not joined to the cluster; write them as mirrors in `registries.config`"
        }
        "registries.create.proxy" => {
            "the cluster's registry is there to be pushed to; for a cache write `mirrors` with `pullThrough` in ratectl.yaml"
        }
        "registries.create.volumes" => "the registry has a volume of its own, which outlives the cluster",
        "registries.create.enforcePortMatch" => "the registry listens on port 5000 in its container",
        "ports.removal" => "ports are those of the file, and no others",
        "options.k3d.disableImageVolume" => "k3d cannot import images without it",
        "options.k3d.disableRollback" => "what a failed run has made is always removed",
        "options.k3d.nodeHookActions" => "nothing is run in nodes between their steps",
        "options.k3d.loadbalancer.configOverrides" => {
            "there is no load balancer: ports are those of the first server"
        }
        "options.runtime.gpuRequest" => "nodes get no GPUs",
        "options.runtime.hostPidMode" => "nodes have their own processes",
        "options.runtime.labels" => "containers carry k3d's labels and no others",
        _ => "nodes have no limits of their own",
    }
}

/// Complains about the first key of the file that asks for something that cannot be done.
pub(super) fn refuse(document: &Document) -> Result<(), Complaint> {
    let top = [
        ("subnet", &document.subnet),
        ("files", &document.files),
        ("hostAliases", &document.host_aliases),
    ];
    let ports = document.ports.iter().flatten();
    let keys = top
        .into_iter()
        .chain(ports.map(|port| ("ports.removal", &port.removal)))
        .chain(document.registries.iter().flat_map(of_registries))
        .chain(document.options.iter().flat_map(of_options));
    for (key, value) in keys {
        Refused::complain(key, value.as_ref(), reason(key))?;
    }
    Ok(())
}

fn of_registries(registries: &Registries) -> Vec<(&'static str, &Not)> {
    let mut keys = vec![("registries.use", &registries.join)];
    if let Some(create) = &registries.create {
        keys.extend([
            ("registries.create.proxy", &create.proxy),
            ("registries.create.volumes", &create.volumes),
            ("registries.create.enforcePortMatch", &create.enforce_port_match),
        ]);
    }
    keys
}

fn of_options(options: &Options) -> Vec<(&'static str, &Not)> {
    let mut keys = Vec::new();
    if let Some(k3d) = &options.k3d {
        keys.extend([
            ("options.k3d.disableImageVolume", &k3d.disable_image_volume),
            ("options.k3d.disableRollback", &k3d.disable_rollback),
            ("options.k3d.nodeHookActions", &k3d.node_hook_actions),
        ]);
        let balancer = k3d.loadbalancer.iter();
        keys.extend(balancer.map(|balancer| {
            (
                "options.k3d.loadbalancer.configOverrides",
                &balancer.config_overrides,
            )
        }));
    }
    if let Some(runtime) = &options.runtime {
        keys.extend([
            ("options.runtime.gpuRequest", &runtime.gpu_request),
            ("options.runtime.serversMemory", &runtime.servers_memory),
            ("options.runtime.agentsMemory", &runtime.agents_memory),
            ("options.runtime.hostPidMode", &runtime.host_pid_mode),
            ("options.runtime.labels", &runtime.labels),
            ("options.runtime.ulimits", &runtime.ulimits),
        ]);
    }
    keys
}

impl<'de> Deserialize<'de> for Refused {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Refused;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Refused, E> {
        Ok(Refused(value))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Refused, E> {
        Ok(Refused(true))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Refused, E> {
        Ok(Refused(true))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Refused, E> {
        Ok(Refused(true))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Refused, E> {
        Ok(Refused(!value.is_empty()))
    }

    fn visit_unit<E: Error>(self) -> Result<Refused, E> {
        Ok(Refused(false))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Refused, A::Error> {
        let mut asks = false;
        while entries.next_element::<Refused>()?.is_some() {
            asks = true;
        }
        Ok(Refused(asks))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Refused, A::Error> {
        let mut asks = false;
        while let Some((_, value)) = entries.next_entry::<String, Refused>()? {
            asks |= value.0;
        }
        Ok(Refused(asks))
    }
}
