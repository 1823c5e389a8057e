//! The registry as other tools are told about it: the `ConfigMap` of KEP-1755, which Tilt, Skaffold and ctlptl read.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use serde::{Deserialize, Serialize};

use super::{Cluster, Error, text};
use crate::event::Outcome;

const NAMESPACE: &str = "kube-public";
const NAME: &str = "local-registry-hosting";
const KEY: &str = "localRegistryHosting.v1";

/// Where the cluster's registry is, seen from each side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistryHosting {
    /// `host:port` to push to from this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// `host:port` in the image names of pods; where absent, [`host`](Self::host).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_from_container_runtime: Option<String>,
    /// `host:port` to push to from inside a pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_from_cluster_network: Option<String>,
    /// A URL that helps when a push fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Cluster {
    /// Publishes where the registry is; writes only if something else is published. Waits up to ten seconds for a cluster that is just
    /// being made to have the namespace `kube-public`.
    ///
    /// # Errors
    /// When the API server refuses.
    pub async fn write_hosting(&self, hosting: &RegistryHosting) -> Result<Outcome, Error> {
        let text = serde_saphyr::to_string(hosting).map_err(|error| self.malformed(error.to_string()))?;
        let same = |map: &ConfigMap| matches!(parse(map), Ok(Some(known)) if known == *hosting);
        self.ensure_config_map(
            NAMESPACE,
            NAME,
            &BTreeMap::from([(KEY.to_owned(), text)]),
            same,
            NAMESPACE_WITHIN,
        )
        .await
    }

    /// What is published about the registry, by whomever; `None` if nothing is.
    ///
    /// # Errors
    /// When the API server does not answer, or what is published is not understood.
    pub async fn read_hosting(&self) -> Result<Option<RegistryHosting>, Error> {
        let api = Api::<ConfigMap>::namespaced(self.client.clone(), NAMESPACE);
        let map = api.get_opt(NAME).await;
        let map = map.map_err(|error| self.failed(format!("get ConfigMap {NAMESPACE}/{NAME}"), error))?;
        let Some(map) = map else { return Ok(None) };
        parse(&map).map_err(|reason| self.malformed(reason))
    }

    fn malformed(&self, reason: String) -> Error {
        Error::Malformed {
            object: format!("ConfigMap {NAMESPACE}/{NAME}"),
            cluster: self.name.clone(),
            reason,
        }
    }
}

/// How long a namespace is waited for that Kubernetes makes by itself.
const NAMESPACE_WITHIN: Duration = Duration::from_secs(10);

fn parse(map: &ConfigMap) -> Result<Option<RegistryHosting>, String> {
    let text = map.data.as_ref().and_then(|data| data.get(KEY));
    let Some(yaml) = text else { return Ok(None) };
    let hosting = serde_saphyr::from_str::<Option<RegistryHosting>>(yaml);
    hosting.map_err(|error| {
        let message = error.without_snippet().to_string();
        text::line(message.lines().next().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> ConfigMap {
        let data = BTreeMap::from([(KEY.to_owned(), text.to_owned())]);
        ConfigMap {
            data: Some(data),
            ..ConfigMap::default()
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let hosting = RegistryHosting {
            host: Some("localhost:5000".to_owned()),
            host_from_container_runtime: Some("localhost:5000".to_owned()),
            host_from_cluster_network: Some("k3d-dev-registry:5000".to_owned()),
            help: None,
        };
        let text = serde_saphyr::to_string(&hosting).unwrap();
        assert_eq!(parse(&map(&text)).unwrap(), Some(hosting));
        assert!(
            text.contains("hostFromContainerRuntime: \"localhost:5000\"")
                || text.contains("hostFromContainerRuntime: localhost:5000"),
            "{text}"
        );
    }

    #[test]
    fn other_tools_may_say_more_or_less() {
        let known = parse(&map("host: localhost:5001\nfuture: {a: 1}\n"))
            .unwrap()
            .unwrap();
        assert_eq!(known.host.as_deref(), Some("localhost:5001"));
        assert_eq!(parse(&ConfigMap::default()).unwrap(), None);
        assert_eq!(parse(&map("")).unwrap(), None);
        parse(&map("host: [")).unwrap_err();
    }
}
