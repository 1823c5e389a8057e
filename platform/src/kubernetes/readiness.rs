//! Waiting until a cluster is usable, each wait for as long as its caller lets it: they end when it is so, and are dropped otherwise.

use std::net::Ipv4Addr;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Node, Pod, Service, ServiceAccount};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::storage::v1::StorageClass;
use kube::Api;
use kube::runtime::watcher::Config;

use super::reporter::Reporter;
use super::watched::Watched;
use super::{Cluster, dns, nodes};

/// The annotation of the `StorageClass` of volumes that name none.
const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

impl Cluster {
    /// Waits until each of these nodes is Ready, and has said so since it was [started](Cluster::started). Without
    /// names: until all that there are, at least one, are.
    pub async fn nodes_ready(&self, names: &[String], report: impl FnMut(String)) {
        let mut reporter = Reporter::new(report);
        let mut nodes = Watched::new(Api::<Node>::all(self.client.clone()), Config::default());
        loop {
            nodes.changed().await;
            let waiting = nodes
                .objects()
                .map(|nodes| nodes::unready(names, nodes, &self.starts));
            if waiting == Some(None) && nodes.failure().is_none() {
                return;
            }
            let reason = nodes.failure().map(unanswered).or(waiting.flatten());
            reporter.say(&reason.unwrap_or_else(|| "the nodes are not known yet".to_owned()));
        }
    }

    /// Waits until the cluster's DNS serves: a ready pod of `CoreDNS`, started since its node [was](Cluster::started), is
    /// published as an endpoint of the Service `kube-dns`.
    pub async fn dns_ready(&self, report: impl FnMut(String)) {
        let mut reporter = Reporter::new(report);
        let client = || self.client.clone();
        let mut deployments = Watched::new(
            Api::<Deployment>::namespaced(client(), dns::NAMESPACE),
            Config::default().fields("metadata.name=coredns"),
        );
        let mut pods = Watched::new(
            Api::<Pod>::namespaced(client(), dns::NAMESPACE),
            Config::default().labels("k8s-app=kube-dns"),
        );
        let mut slices = Watched::new(
            Api::<EndpointSlice>::namespaced(client(), dns::NAMESPACE),
            Config::default().labels("kubernetes.io/service-name=kube-dns"),
        );
        loop {
            tokio::select! {
                () = deployments.changed() => {}
                () = pods.changed() => {}
                () = slices.changed() => {}
            }
            let failure = deployments.failure().or(pods.failure()).or(slices.failure());
            let waiting = match (deployments.objects(), pods.objects(), slices.objects()) {
                (Some(deployments), Some(pods), Some(slices)) => {
                    dns::unready(deployments.get("coredns"), pods, slices, &self.starts)
                }
                _ => Some("the state of CoreDNS is not known yet".to_owned()),
            };
            match (failure, waiting) {
                (None, None) => return,
                (Some(failure), _) => reporter.say(&unanswered(failure)),
                (None, Some(reason)) => reporter.say(&reason),
            }
        }
    }

    /// Waits until the Service `kube-dns` is there, and tells its address; none where it has no IPv4 address.
    pub async fn dns_address(&self) -> Option<Ipv4Addr> {
        let api = Api::<Service>::namespaced(self.client.clone(), dns::NAMESPACE);
        let mut services = Watched::new(api, Config::default().fields("metadata.name=kube-dns"));
        loop {
            services.changed().await;
            let service = services.objects().and_then(|services| services.get("kube-dns"));
            if let Some(spec) = service.and_then(|service| service.spec.as_ref()) {
                let own = spec.cluster_ip.iter();
                let mut addresses = own.chain(spec.cluster_ips.iter().flatten());
                return addresses.find_map(|address| address.parse().ok());
            }
        }
    }

    /// Waits until the `ServiceAccount` `default` of the namespace `default` is there, without which no pod can be made.
    pub async fn service_account(&self, report: impl FnMut(String)) {
        let mut reporter = Reporter::new(report);
        let api = Api::<ServiceAccount>::namespaced(self.client.clone(), "default");
        let mut accounts = Watched::new(api, Config::default().fields("metadata.name=default"));
        loop {
            accounts.changed().await;
            if accounts
                .objects()
                .is_some_and(|accounts| accounts.contains_key("default"))
            {
                return;
            }
            let reason = accounts.failure().map(unanswered);
            reporter
                .say(&reason.unwrap_or_else(|| "ServiceAccount default/default is not there yet".to_owned()));
        }
    }

    /// Waits until there is a `StorageClass` for volumes that name none.
    pub async fn default_storage(&self) {
        let mut classes = Watched::new(Api::<StorageClass>::all(self.client.clone()), Config::default());
        loop {
            classes.changed().await;
            let mut known = classes.objects().into_iter().flat_map(|classes| classes.values());
            if known.any(is_default) {
                return;
            }
        }
    }
}

fn is_default(class: &StorageClass) -> bool {
    let annotations = class.metadata.annotations.as_ref();
    annotations
        .and_then(|annotations| annotations.get(DEFAULT_CLASS))
        .is_some_and(|is| is == "true")
}

fn unanswered(failure: &str) -> String {
    format!("the API server does not answer: {failure}")
}
