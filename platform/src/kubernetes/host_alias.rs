//! The name under which pods reach the machine that the cluster runs on.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;

use super::{Cluster, Error, dns};
use crate::event::Outcome;

/// The name, as k3d calls it.
pub const HOST_ALIAS: &str = "host.k3d.internal";
/// The map whose keys k3s adds to the configuration of its `CoreDNS`.
const NAME: &str = "coredns-custom";
/// Ours in it. `.server` is a server block of its own: one more `hosts` in the block of k3s would be refused by `CoreDNS`.
const KEY: &str = "ratectl.server";
/// How long the namespace is waited for.
const NAMESPACE_WITHIN: Duration = Duration::from_secs(10);

impl Cluster {
    /// Lets pods find this address as `host.k3d.internal`; other keys of the map stay. Where `CoreDNS` runs already it reads it
    /// within about a minute, so it is best written before.
    ///
    /// # Errors
    /// When the API server refuses.
    pub async fn ensure_host_alias(&self, address: IpAddr) -> Result<Outcome, Error> {
        let block = server_block(address);
        let is_right = |map: &ConfigMap| {
            let known = map.data.as_ref().and_then(|data| data.get(KEY));
            known == Some(&block)
        };
        let data = BTreeMap::from([(KEY.to_owned(), block.clone())]);
        self.ensure_config_map(dns::NAMESPACE, NAME, &data, is_right, NAMESPACE_WITHIN)
            .await
    }
}

fn server_block(address: IpAddr) -> String {
    format!(
        "{HOST_ALIAS}:53 {{\n    errors\n    hosts {{\n        {address} {HOST_ALIAS}\n        ttl 60\n    }}\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_has_a_server_of_its_own() {
        let expected = "host.k3d.internal:53 {\n    errors\n    hosts {\n        fd00::1 host.k3d.internal\n        ttl 60\n    }\n}\n";
        assert_eq!(server_block("fd00::1".parse().unwrap()), expected);
    }
}
