//! The keys of k3d's file. Every value is a text first: it may have variables in it.

use crate::project::yaml::Spanned;
use serde::Deserialize;

use super::refused::Refused;

/// A value that may have variables in it.
pub(super) type Text = Option<Spanned<String>>;
/// A value that cannot be honoured.
pub(super) type Not = Option<Spanned<Refused>>;

/// What tells which keys the file has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    pub(super) api_version: Text,
    pub(super) kind: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Document {
    #[serde(rename = "apiVersion")]
    _api_version: Text,
    #[serde(rename = "kind")]
    _kind: Text,
    pub(super) metadata: Option<Metadata>,
    pub(super) servers: Text,
    pub(super) agents: Text,
    #[serde(rename = "kubeAPI")]
    pub(super) kube_api: Option<KubeApi>,
    pub(super) image: Text,
    pub(super) network: Text,
    pub(super) subnet: Not,
    pub(super) token: Text,
    pub(super) volumes: Option<Vec<Bind>>,
    pub(super) ports: Option<Vec<Mapping>>,
    pub(super) env: Option<Vec<Variable>>,
    pub(super) files: Not,
    pub(super) registries: Option<Registries>,
    pub(super) host_aliases: Not,
    pub(super) options: Option<Options>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metadata {
    pub(super) name: Text,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct KubeApi {
    pub(super) host: Text,
    #[serde(rename = "hostIP")]
    pub(super) host_ip: Text,
    pub(super) host_port: Text,
}

/// Which nodes an entry is for.
pub(super) type NodeFilters = Option<Vec<Spanned<String>>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Bind {
    pub(super) volume: Spanned<String>,
    pub(super) node_filters: NodeFilters,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Mapping {
    pub(super) port: Spanned<String>,
    pub(super) node_filters: NodeFilters,
    pub(super) removal: Not,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Variable {
    pub(super) env_var: Spanned<String>,
    pub(super) node_filters: NodeFilters,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Argument {
    pub(super) arg: Spanned<String>,
    pub(super) node_filters: NodeFilters,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Label {
    pub(super) label: Spanned<String>,
    pub(super) node_filters: NodeFilters,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Registries {
    pub(super) create: Option<CreateRegistry>,
    #[serde(rename = "use")]
    pub(super) join: Not,
    pub(super) config: Text,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct CreateRegistry {
    pub(super) name: Text,
    pub(super) host: Text,
    pub(super) host_port: Text,
    pub(super) image: Text,
    pub(super) proxy: Not,
    pub(super) volumes: Not,
    pub(super) enforce_port_match: Not,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    pub(super) k3d: Option<K3dOptions>,
    pub(super) k3s: Option<K3sOptions>,
    pub(super) kubeconfig: Option<KubeconfigOptions>,
    pub(super) runtime: Option<RuntimeOptions>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct K3dOptions {
    pub(super) wait: Text,
    pub(super) timeout: Text,
    pub(super) disable_loadbalancer: Text,
    pub(super) disable_image_volume: Not,
    pub(super) disable_rollback: Not,
    pub(super) node_hook_actions: Not,
    pub(super) loadbalancer: Option<LoadBalancer>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct LoadBalancer {
    pub(super) config_overrides: Not,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct K3sOptions {
    pub(super) extra_args: Option<Vec<Argument>>,
    pub(super) node_labels: Option<Vec<Label>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct KubeconfigOptions {
    pub(super) update_default_kubeconfig: Text,
    pub(super) switch_current_context: Text,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RuntimeOptions {
    pub(super) gpu_request: Not,
    pub(super) servers_memory: Not,
    pub(super) agents_memory: Not,
    pub(super) host_pid_mode: Not,
    pub(super) labels: Not,
    pub(super) ulimits: Not,
}
