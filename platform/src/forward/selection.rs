//! Which pods a thing of Kubernetes means, and which of their ports. Reads the objects as they are written, so that it does not matter
//! whether they come from a file or from the cluster.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::core::Selector;
use serde_json::Value;

use super::target::{Port, To, What};
use super::{Error, Remote};

/// Pods, and a port of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selection {
    /// How the pods are found.
    pub(super) pods: Pods,
    /// The port of the pods' containers.
    pub(super) port: Port,
    /// The port's number as one names it from outside: a Service's own, otherwise that of the container.
    pub(super) number: u16,
    /// Its name, if it has one.
    pub(super) name: Option<String>,
}

/// How pods are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pods {
    /// By a label selector.
    Labelled(String),
    /// By its name.
    Named(String),
}

impl Selection {
    /// The port as one sees it from outside.
    pub(super) fn remote(&self) -> Remote {
        Remote {
            number: self.number,
            name: self.name.clone(),
        }
    }
}

/// A port in an object.
struct Known {
    name: Option<String>,
    number: u16,
    target: Port,
}

/// What `object` selects, which is what `to` names.
pub(super) fn of(to: &To, object: &Value) -> Result<Selection, Error> {
    let (pods, known) = match &to.what {
        What::Service(_) => (labelled_by_map(to, object)?, service_ports(object)),
        What::Pod(name) => (
            Pods::Named(name.clone()),
            container_ports(object.pointer("/spec")),
        ),
        What::Pods(selector) => (labelled(to, selector.clone())?, Vec::new()),
        What::Deployment(_) | What::StatefulSet(_) | What::DaemonSet(_) => (
            labelled_by_selector(to, object)?,
            container_ports(object.pointer("/spec/template/spec")),
        ),
    };
    let chosen = known.iter().find(|known| match &to.port {
        Port::First => true,
        Port::Number(number) => known.number == *number,
        Port::Name(name) => known.name.as_ref() == Some(name),
    });
    let (port, number, name) = match (chosen, &to.port, &to.what) {
        (Some(known), ..) => (known.target.clone(), known.number, known.name.clone()),
        // Containers may listen on ports that they do not declare; a Service has those that it has.
        (None, Port::Number(number), what) if !matches!(what, What::Service(_)) => {
            (Port::Number(*number), *number, None)
        }
        _ => return Err(no_port(to, &known)),
    };
    Ok(Selection {
        pods,
        port,
        number,
        name,
    })
}

/// The port's number in a pod.
pub(super) fn in_pod(port: &Port, spec: Option<&k8s_openapi::api::core::v1::PodSpec>) -> Option<u16> {
    if let Port::Number(number) = port {
        return Some(*number);
    }
    let spec = spec?;
    let containers = spec
        .containers
        .iter()
        .chain(spec.init_containers.iter().flatten());
    let mut ports = containers.flat_map(|container| container.ports.iter().flatten());
    let found = ports.find(|known| match port {
        Port::Name(name) => known.name.as_ref() == Some(name),
        _ => true,
    });
    found.and_then(|found| u16::try_from(found.container_port).ok())
}

fn labelled_by_map(to: &To, object: &Value) -> Result<Pods, Error> {
    let map = object.pointer("/spec/selector").and_then(Value::as_object);
    let labels = map.into_iter().flatten();
    let labels = labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
    let selector = LabelSelector {
        match_labels: Some(labels.collect()),
        ..LabelSelector::default()
    };
    labelled(to, selector)
}

fn labelled_by_selector(to: &To, object: &Value) -> Result<Pods, Error> {
    let selector = object.pointer("/spec/selector").cloned().unwrap_or_default();
    let selector = serde_json::from_value(selector).unwrap_or_default();
    labelled(to, selector)
}

fn labelled(to: &To, selector: LabelSelector) -> Result<Pods, Error> {
    let none = |reason: &str| Error::NoPods {
        what: to.what.title(&to.namespace),
        reason: reason.to_owned(),
    };
    let selector = Selector::try_from(selector).map_err(|_| none("its selector is not valid"))?;
    if selector.selects_all() {
        return Err(none("it has no selector"));
    }
    Ok(Pods::Labelled(selector.to_string()))
}

fn service_ports(object: &Value) -> Vec<Known> {
    let ports = object.pointer("/spec/ports").and_then(Value::as_array);
    let tcp = ports.into_iter().flatten().filter(|port| is_tcp(port));
    tcp.filter_map(|port| {
        let number = number_of(port.get("port")?)?;
        let target = match port.get("targetPort") {
            Some(Value::String(name)) if !name.is_empty() => Port::Name(name.clone()),
            Some(target) => Port::Number(number_of(target).filter(|target| *target > 0).unwrap_or(number)),
            None => Port::Number(number),
        };
        Some(Known {
            name: name_of(port),
            number,
            target,
        })
    })
    .collect()
}

fn container_ports(spec: Option<&Value>) -> Vec<Known> {
    let containers = ["containers", "initContainers"].into_iter();
    let containers = containers
        .filter_map(|list| spec?.get(list)?.as_array())
        .flatten();
    let ports = containers.filter_map(|container| container.get("ports")?.as_array());
    let tcp = ports.flatten().filter(|port| is_tcp(port));
    tcp.filter_map(|port| {
        let number = number_of(port.get("containerPort")?)?;
        let name = name_of(port);
        // By name, as another version of the pod may have it elsewhere.
        let target = name.clone().map_or(Port::Number(number), Port::Name);
        Some(Known { name, number, target })
    })
    .collect()
}

fn is_tcp(port: &Value) -> bool {
    port.get("protocol")
        .and_then(Value::as_str)
        .is_none_or(|protocol| protocol == "TCP")
}

fn number_of(value: &Value) -> Option<u16> {
    value.as_u64().and_then(|number| u16::try_from(number).ok())
}

fn name_of(port: &Value) -> Option<String> {
    port.get("name").and_then(Value::as_str).map(str::to_owned)
}

fn no_port(to: &To, known: &[Known]) -> Error {
    let shown = |known: &Known| match &known.name {
        Some(name) => format!("{} ({name})", known.number),
        None => known.number.to_string(),
    };
    Error::NoPort {
        what: to.what.title(&to.namespace),
        port: to.port.to_string(),
        known: known.iter().map(shown).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn service() -> Value {
        json!({"spec": {
            "selector": {"app": "web", "tier": "front"},
            "ports": [
                {"name": "dns", "port": 53, "protocol": "UDP"},
                {"name": "http", "port": 80, "targetPort": "web"},
                {"name": "admin", "port": 9000, "targetPort": 9090},
                {"port": 7000},
            ],
        }})
    }

    fn select(port: Port) -> Result<(Port, u16), String> {
        let to = To::service("n", "web", port);
        let selection = of(&to, &service()).map_err(|error| error.to_string())?;
        assert_eq!(selection.pods, Pods::Labelled("app=web,tier=front".to_owned()));
        Ok((selection.port, selection.number))
    }

    #[test_case(Port::First => Ok((Port::Name("web".into()), 80)); "the first that is tcp")]
    #[test_case(Port::Name("admin".into()) => Ok((Port::Number(9090), 9000)); "by name")]
    #[test_case(Port::Number(9000) => Ok((Port::Number(9090), 9000)); "by number")]
    #[test_case(Port::Number(7000) => Ok((Port::Number(7000), 7000)); "without a target")]
    #[test_case(Port::Number(9090) => Err("Service n/web has no port 9090; it has 80 (http), 9000 (admin), 7000".into()); "a target is no port of the Service")]
    fn ports_of_a_service(port: Port) -> Result<(Port, u16), String> {
        select(port)
    }

    #[test]
    fn a_service_without_a_selector_has_no_pods() {
        let error = of(&To::service("n", "db", Port::First), &json!({"spec": {}})).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Service n/db has no pods of its own: it has no selector"
        );
    }

    #[test]
    fn a_workload_may_have_ports_that_it_does_not_declare() {
        let object = json!({"spec": {
            "selector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "b"]}]},
            "template": {"spec": {"containers": [{"name": "a", "ports": [{"containerPort": 80, "name": "http"}]}]}},
        }});
        let to = |port| To {
            namespace: "n".to_owned(),
            what: What::Deployment("web".to_owned()),
            port,
        };
        let first = of(&to(Port::First), &object).unwrap();
        assert_eq!((first.port, first.number), (Port::Name("http".to_owned()), 80));
        assert_eq!(first.pods, Pods::Labelled("app in (a,b)".to_owned()));
        let other = of(&to(Port::Number(8081)), &object).unwrap();
        assert_eq!(other.port, Port::Number(8081));
        let error = of(&to(Port::Name("grpc".to_owned())), &object).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Deployment n/web has no port grpc; it has 80 (http)"
        );
    }
}
