//! Which item of a list in an overlay is which item of the list beneath it.

use serde_json::{Map, Value};

/// Lists whose items are told apart by something other than a name.
const KEYS: [(&str, &str); 5] = [
    ("hostAliases", "ip"),
    ("topologySpreadConstraints", "topologyKey"),
    ("volumeDevices", "devicePath"),
    ("volumeMounts", "mountPath"),
    ("ports", ""),
];

/// How the items of a list are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// By one key, which all items have.
    Key(&'static str),
    /// Ports: by name, else by number and protocol.
    Port,
}

/// How the items of two lists under `key` can be told apart; `None` where one list replaces the other.
pub(super) fn identity(key: Option<&str>, base: &[Value], overlay: &[Value]) -> Option<Identity> {
    let special = KEYS.iter().find(|(list, _)| Some(*list) == key);
    let identity = match special {
        Some(("ports", _)) => Identity::Port,
        Some((_, by)) => Identity::Key(by),
        None => Identity::Key("name"),
    };
    let tells_apart = |items: &[Value]| {
        let names: Option<Vec<String>> = items
            .iter()
            .map(|item| name(identity, item.as_object()?))
            .collect();
        names.is_some_and(|mut names| {
            names.sort_unstable();
            names.windows(2).all(|pair| pair[0] != pair[1])
        })
    };
    // An empty list says that there is nothing.
    (!overlay.is_empty() && tells_apart(base) && tells_apart(overlay)).then_some(identity)
}

/// What people call an item: `name=proxy`, `port=8080/TCP`; `None` when nothing tells it apart.
pub(super) fn name(identity: Identity, item: &Map<String, Value>) -> Option<String> {
    match identity {
        Identity::Key(key) => item.get(key)?.as_str().map(|value| format!("{key}={value}")),
        Identity::Port => {
            let named = item.get("name").and_then(Value::as_str);
            named.map_or_else(|| numbered(item), |name| Some(format!("name={name}")))
        }
    }
}

/// The item of `base` that `wanted` is about.
pub(super) fn find(identity: Identity, base: &[Value], wanted: &Map<String, Value>) -> Option<usize> {
    let same = |has: &dyn Fn(&Map<String, Value>) -> Option<String>, of: Option<String>| {
        let of = of?;
        base.iter()
            .position(|item| item.as_object().and_then(has).as_ref() == Some(&of))
    };
    match identity {
        Identity::Key(_) => same(&|item| name(identity, item), name(identity, wanted)),
        Identity::Port => {
            let label = |item: &Map<String, Value>| item.get("name")?.as_str().map(str::to_owned);
            let is_named = label(wanted).is_some();
            // A port gets its name by an overlay, or is meant by its number alone; two different names are two ports.
            let nameless = |item: &Map<String, Value>| {
                if is_named && label(item).is_some() {
                    None
                } else {
                    numbered(item)
                }
            };
            same(&label, label(wanted)).or_else(|| same(&nameless, numbered(wanted)))
        }
    }
}

/// The number and protocol of a port, of a container's or of a Service's.
fn numbered(item: &Map<String, Value>) -> Option<String> {
    let number = item.get("containerPort").or_else(|| item.get("port"))?;
    let protocol = item.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
    match number {
        Value::Number(_) | Value::String(_) => Some(format!("port={number}/{protocol}")),
        _ => None,
    }
}
