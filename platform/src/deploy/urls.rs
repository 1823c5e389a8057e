//! Where a system answers, by its gateways and routes.

use serde::Serialize;
use serde_json::Value;

use crate::manifest::Object;

/// A place where a person or a program can knock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Url {
    /// As it is with the gateway forwarded to the same port of this machine.
    pub url: String,
    /// The component that has the gateway.
    pub gateway: String,
    /// The component that answers.
    pub component: String,
}

/// The URLs of all `HTTPRoute`s whose gateway is among the objects, by component.
pub fn urls(objects: &[(String, Vec<Object>)]) -> Vec<Url> {
    let mut urls = Vec::new();
    for (component, route) in of_kind(objects, "HTTPRoute") {
        for parent in items(route, "/spec/parentRefs") {
            let found = of_kind(objects, "Gateway").find(|(_, gateway)| {
                let namespace = text(parent, "/namespace").or(route.namespace());
                text(parent, "/name") == Some(gateway.name()) && namespace == gateway.namespace()
            });
            let Some((gateway_of, gateway)) = found else {
                continue;
            };
            let section = text(parent, "/sectionName");
            let listeners = items(gateway, "/spec/listeners")
                .filter(|listener| section.is_none() || text(listener, "/name") == section);
            for listener in listeners {
                for path in paths(route) {
                    let url = Url {
                        url: address(listener, route, path),
                        gateway: gateway_of.to_owned(),
                        component: component.to_owned(),
                    };
                    if !urls.contains(&url) {
                        urls.push(url);
                    }
                }
            }
        }
    }
    urls
}

fn of_kind<'a>(
    objects: &'a [(String, Vec<Object>)],
    kind: &str,
) -> impl Iterator<Item = (&'a str, &'a Object)> {
    let all = objects
        .iter()
        .flat_map(|(component, objects)| objects.iter().map(move |object| (component.as_str(), object)));
    all.filter(move |(_, object)| object.kind() == kind && object.group() == "gateway.networking.k8s.io")
}

fn address(listener: &Value, route: &Object, path: &str) -> String {
    let (scheme, usual) = match text(listener, "/protocol") {
        Some("HTTPS" | "TLS") => ("https", 443),
        _ => ("http", 80),
    };
    let host = text(listener, "/hostname").or_else(|| text(route.value(), "/spec/hostnames/0"));
    let port = match listener.pointer("/port").and_then(Value::as_u64) {
        Some(port) if port != usual => format!(":{port}"),
        _ => String::new(),
    };
    format!("{scheme}://{}{port}{path}", host.unwrap_or("localhost"))
}

fn paths(route: &Object) -> Vec<&str> {
    let rules = items(route, "/spec/rules");
    let matches = rules.flat_map(|rule| rule["matches"].as_array().into_iter().flatten());
    let mut paths: Vec<&str> = matches
        .map(|matched| text(matched, "/path/value").unwrap_or("/"))
        .collect();
    if paths.is_empty() {
        paths.push("/");
    }
    paths.dedup();
    paths
}

fn items<'a>(object: &'a Object, pointer: &str) -> impl Iterator<Item = &'a Value> {
    let list = object.value().pointer(pointer).and_then(Value::as_array);
    list.into_iter().flatten()
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn objects(component: &str, values: Vec<Value>) -> (String, Vec<Object>) {
        let objects = values.into_iter().filter_map(Object::new);
        (component.to_owned(), objects.collect())
    }

    fn gateway(listeners: &Value) -> (String, Vec<Object>) {
        let gateway = json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
            "metadata": {"name": "http", "namespace": "gateway"}, "spec": {"listeners": listeners}});
        objects("gateway", vec![gateway])
    }

    fn route(spec: &Value) -> (String, Vec<Object>) {
        let route = json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": {"name": "api", "namespace": "rating"}, "spec": spec});
        objects("proxy", vec![route])
    }

    fn shown(objects: &[(String, Vec<Object>)]) -> Vec<String> {
        urls(objects).into_iter().map(|url| url.url).collect()
    }

    #[test]
    fn a_route_answers_at_each_of_its_paths() {
        let parent = json!([{"name": "http", "namespace": "gateway"}]);
        let rules = json!([{"matches": [{"path": {"type": "PathPrefix", "value": "/api"}}]},
            {"matches": [{"path": {"value": "/v1"}}]}]);
        let system = [
            gateway(&json!([{"name": "http", "port": 8080, "protocol": "HTTP"}])),
            route(&json!({"parentRefs": parent, "rules": rules})),
        ];
        assert_eq!(
            shown(&system),
            ["http://localhost:8080/api", "http://localhost:8080/v1"]
        );
        let url = &urls(&system)[0];
        assert_eq!(
            (url.gateway.as_str(), url.component.as_str()),
            ("gateway", "proxy")
        );
    }

    #[test]
    fn host_names_and_usual_ports_are_written_as_people_do() {
        let parent = json!([{"name": "http", "namespace": "gateway", "sectionName": "tls"}]);
        let system = [
            gateway(&json!([{"name": "plain", "port": 80, "protocol": "HTTP"},
                {"name": "tls", "port": 443, "protocol": "HTTPS"}])),
            route(&json!({"parentRefs": parent, "hostnames": ["rate.example"]})),
        ];
        assert_eq!(shown(&system), ["https://rate.example/"]);
    }

    #[test]
    fn a_route_to_somebody_elses_gateway_tells_nothing() {
        let system = [
            gateway(&json!([{"name": "http", "port": 80}])),
            route(&json!({"parentRefs": [{"name": "http"}]})),
        ];
        assert!(urls(&system).is_empty());
    }
}
