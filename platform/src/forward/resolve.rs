//! From a component's manifests to what a forward to that component means.

use super::source;
use super::target::{Port, To, What};
use super::{Error, selection};
use crate::kubernetes::Cluster;
use crate::manifest::Object;

/// What a forward to a component may mean, the best first; never empty. In order: the Services of its Gateways (a controller may make
/// them, so that they are in no file), the Service that is called like the component, its other Services, its workloads. What does not
/// have the port is left out. `namespace` is that of objects that name none.
///
/// # Errors
/// When there is nothing with ports, or nothing with this port.
pub fn candidates(
    component: &str,
    namespace: &str,
    objects: &[Object],
    port: &Port,
) -> Result<Vec<To>, Error> {
    let services = || {
        objects
            .iter()
            .filter(|object| object.id().group.is_empty() && object.kind() == "Service")
    };
    let gateways = objects
        .iter()
        .filter(|object| object.group() == "gateway.networking.k8s.io" && object.kind() == "Gateway");
    let place = |object: &Object| object.namespace().unwrap_or(namespace).to_owned();
    let mut found: Vec<To> = Vec::new();
    let mut first_refusal = None;
    let mut consider = |object: &Object, what: What| {
        let to = To {
            namespace: place(object),
            what,
            port: port.clone(),
        };
        match selection::of(&to, object.value()) {
            Ok(_) if !found.contains(&to) => found.push(to),
            Ok(_) => {}
            Err(error) => first_refusal = first_refusal.take().or(Some(error)),
        }
    };
    for gateway in gateways.clone() {
        let of_gateway =
            |service: &&Object| service.name() == gateway.name() && place(service) == place(gateway);
        if let Some(service) = services().find(of_gateway) {
            consider(service, What::Service(service.name().to_owned()));
        }
    }
    let (named, others): (Vec<&Object>, Vec<&Object>) =
        services().partition(|service| service.name() == component);
    for service in named.into_iter().chain(others) {
        consider(service, What::Service(service.name().to_owned()));
    }
    for object in objects {
        if let Some(what) = workload(object) {
            consider(object, what);
        }
    }
    // Only the cluster knows whether a controller has made a Service for it.
    let unseen = gateways.map(|gateway| To::service(place(gateway), gateway.name(), port.clone()));
    let unseen: Vec<To> = unseen.filter(|to| !found.contains(to)).collect();
    let found: Vec<To> = unseen.into_iter().chain(found).collect();
    if found.is_empty() {
        return Err(first_refusal.unwrap_or_else(|| Error::NothingToForward {
            component: component.to_owned(),
        }));
    }
    Ok(found)
}

/// The first of `candidates` that is in the cluster; a single one is not looked for.
///
/// # Errors
/// When none is there, in the words of the last.
pub async fn find(cluster: &Cluster, candidates: Vec<To>) -> Result<To, Error> {
    let mut candidates = candidates.into_iter().peekable();
    loop {
        let Some(to) = candidates.next() else {
            return Err(Error::NothingToForward {
                component: "the component".to_owned(),
            });
        };
        if candidates.peek().is_none() {
            return Ok(to);
        }
        match source::look(cluster, &to).await {
            Ok(_) => return Ok(to),
            Err(Error::NotFound { .. } | Error::NoPort { .. } | Error::NoPods { .. }) => {}
            Err(error) => return Err(error),
        }
    }
}

fn workload(object: &Object) -> Option<What> {
    let name = object.name().to_owned();
    match (object.group(), object.kind()) {
        ("apps", "Deployment") => Some(What::Deployment(name)),
        ("apps", "StatefulSet") => Some(What::StatefulSet(name)),
        ("apps", "DaemonSet") => Some(What::DaemonSet(name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn objects(documents: &[Value]) -> Vec<Object> {
        documents
            .iter()
            .map(|document| Object::new(document.clone()).unwrap())
            .collect()
    }

    fn service(name: &str, port: u16) -> Value {
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"selector": {"app": name}, "ports": [{"name": "http", "port": port}]}})
    }

    fn names(component: &str, documents: &[Value], port: &Port) -> Vec<String> {
        let found = candidates(component, "n", &objects(documents), port);
        found.map_or_else(
            |error| vec![error.to_string()],
            |found| found.iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn the_service_that_is_called_like_the_component_comes_first() {
        let documents = [service("metrics", 9090), service("proxy", 8080)];
        assert_eq!(names("proxy", &documents, &Port::First), ["n/proxy", "n/metrics"]);
        assert_eq!(
            names("proxy", &documents, &Port::Number(9090)),
            ["n/metrics:9090"]
        );
        assert_eq!(
            names("proxy", &documents, &Port::Number(1)),
            ["Service n/proxy has no port 1; it has 8080 (http)"]
        );
    }

    #[test]
    fn a_gateway_is_reached_by_the_service_that_has_its_name() {
        let gateway = json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": {"name": "http", "namespace": "g"}});
        let documents = [service("controller", 9977), gateway];
        assert_eq!(
            names("gateway", &documents, &Port::First),
            ["g/http", "n/controller"]
        );
        let mut ours = service("http", 8080);
        ours["metadata"]["namespace"] = json!("g");
        let documents = [documents.as_slice(), &[ours]].concat();
        assert_eq!(
            names("gateway", &documents, &Port::First),
            ["g/http", "n/controller"]
        );
    }

    #[test]
    fn without_a_service_a_workload_does() {
        let worker = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "worker"}, "spec": {
            "selector": {"matchLabels": {"app": "worker"}},
            "template": {"spec": {"containers": [{"name": "w", "ports": [{"containerPort": 9091, "name": "admin"}]}]}}}});
        assert_eq!(names("service", &[worker], &Port::First), ["deployment n/worker"]);
        assert_eq!(
            names("service", &[], &Port::First),
            ["the manifests of service have no Service and no workload with ports"]
        );
    }
}
