//! A cluster's status as a person reads it: one part below the other, each with its heading.

use platform::cluster::State;
use platform::kubernetes::{Health, RunningImage};
use platform::status::{
    Autoscaler, Component, Condition, Deployed, Known, Node, Profile, Registry, Status, Target, Url,
};
use platform::streams::Difference;

use crate::differences;
use crate::ui::{Paint, Table, Tint, plain_line, wrap};

/// Columns of a terminal nobody has made wider.
const WIDTH: usize = 80;
/// Hex digits of a digest that tell it from others.
const DIGEST: usize = 12;

/// All parts that there are.
pub(super) fn text(status: &Status, paint: Paint) -> String {
    let mut parts = vec![head(status, paint)];
    if status.condition != Condition::Absent {
        parts.push(nodes(&status.nodes));
        parts.push(registries(&status.registries));
        parts.push(profile(&status.profile));
        // Nothing runs in one that is stopped, which is no news.
        if status.condition != Condition::Stopped {
            parts.push(components(&status.components));
            parts.push(deployed(&status.deployed));
            parts.push(autoscalers(&status.autoscalers));
            parts.push(streams(status.streams.as_ref(), paint));
        }
        parts.push(urls(&status.urls));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// What to do next, or that there is nothing to do.
pub(super) fn closing(status: &Status) -> String {
    if let Some(next) = &status.next {
        return plain_line(next);
    }
    let found = status.streams.as_ref().and_then(Known::known);
    let drifted = found.is_some_and(|found| found.iter().any(Difference::differs));
    let drift = "streams differ from their definition: see `ratectl streams diff`.";
    let well = match (&status.undeployed[..], drifted) {
        ([], false) => "Everything is as it should be.".to_owned(),
        ([], true) => format!("Everything runs, but {drift}"),
        (undeployed, drifted) => {
            let all = if status.deployed.is_empty() {
                "Nothing of the project is deployed: `ratectl deploy all` does it.".to_owned()
            } else {
                let names = undeployed.join(" ");
                format!("What is deployed runs; not deployed: `ratectl deploy {names}`.")
            };
            if drifted {
                format!("{all} Also, {drift}")
            } else {
                all
            }
        }
    };
    plain_line(&well)
}

fn head(status: &Status, paint: Paint) -> String {
    let (tint, word) = match (status.condition, status.healthy) {
        (Condition::Running, true) => (Tint::Green, "running and healthy"),
        (Condition::Running, false) => (Tint::Yellow, "running, not healthy"),
        (Condition::Stopped, _) => (Tint::Yellow, "stopped"),
        (Condition::HalfMade, _) => (Tint::Red, "half there"),
        (Condition::Absent, _) => (Tint::Red, "absent"),
    };
    let maker = status
        .made_by
        .as_ref()
        .map(|maker| format!(", made by {}", plain_line(&maker.to_string())));
    let since = status
        .since
        .as_deref()
        .map(|since| format!(", since {}", plain_line(&seconds(since))));
    let mut text = format!(
        "Cluster {}: {}{}{}\n",
        status.name,
        paint.bold(tint, word),
        maker.unwrap_or_default(),
        since.unwrap_or_default()
    );
    // Of one that is absent or stopped the head has said it.
    if !matches!(status.condition, Condition::Absent | Condition::Stopped) {
        for problem in &status.problems {
            for (number, line) in wrap::words(&plain_line(problem), WIDTH - 4).iter().enumerate() {
                let mark = if number == 0 {
                    paint.bold(tint, "!")
                } else {
                    " ".to_owned()
                };
                text = text + "  " + &mark + " " + line + "\n";
            }
        }
    }
    text
}

/// A time in RFC 3339 without the parts of a second.
fn seconds(time: &str) -> String {
    match time.split_once('.') {
        Some((whole, _)) => format!("{whole}Z"),
        None => time.to_owned(),
    }
}

fn nodes(nodes: &[Node]) -> String {
    if nodes.is_empty() {
        return String::new();
    }
    let mut table = Table::with_heading(["NODE", "CONTAINER", "READY", "VERSION", "ADDRESS", "RESTARTS"]);
    for node in nodes {
        let ready = match (node.ready, node.cordoned) {
            (None, _) => "unknown",
            (Some(false), _) => "no",
            (Some(true), true) => "yes, cordoned",
            (Some(true), false) => "yes",
        };
        table.row([
            plain_line(&node.name),
            node.container.to_string(),
            ready.to_owned(),
            shown(node.version.as_deref()),
            shown(node.address.as_deref()),
            node.restarts
                .map_or_else(|| "-".to_owned(), |restarts| restarts.to_string()),
        ]);
    }
    table.text()
}

fn registries(registries: &[Registry]) -> String {
    if registries.is_empty() {
        return String::new();
    }
    let mut table = Table::with_heading(["REGISTRY", "STATE", "IMAGES", "PUSH AND PULL", "IN PODS"]);
    for registry in registries {
        let (state, images) = match &registry.repositories {
            Known::Known(count) => ("answers".to_owned(), count.to_string()),
            Known::Unknown { .. } if registry.container == State::Running => {
                ("silent".to_owned(), "-".to_owned())
            }
            Known::Unknown { .. } => (registry.container.to_string(), "-".to_owned()),
        };
        table.row([
            plain_line(&registry.name),
            state,
            images,
            shown(registry.address.as_deref()),
            plain_line(&registry.network),
        ]);
    }
    table.text()
}

fn profile(profile: &Known<Profile>) -> String {
    let mut table = Table::with_heading(["PROFILE", ""]);
    match profile {
        Known::Unknown { unknown } => table.row(["unknown".to_owned(), plain_line(unknown)]),
        Known::Known(profile) => {
            let current = if profile.current { "yes" } else { "no" };
            table.row(["context".to_owned(), plain_line(&profile.context)]);
            table.row(["current".to_owned(), current.to_owned()]);
            table.row(["server".to_owned(), shown(profile.server.as_deref())]);
            table.row([
                "kubeconfig".to_owned(),
                plain_line(&profile.kubeconfig.display().to_string()),
            ]);
        }
    }
    table.text()
}

fn components(components: &Known<Vec<Component>>) -> String {
    let components = match components {
        Known::Unknown { unknown } => return format!("COMPONENTS\nunknown: {}\n", plain_line(unknown)),
        Known::Known(components) if components.is_empty() => return String::new(),
        Known::Known(components) => components,
    };
    let mut table = Table::with_heading(["COMPONENT", "NAMESPACE", "READY", "HEALTH", "DIGEST"]);
    for Component { workload, of_project } in components {
        let mark = if *of_project { " *" } else { "" };
        table.row([
            format!("{}{mark}", plain_line(&workload.name)),
            plain_line(&workload.namespace),
            format!("{}/{}", workload.ready, workload.wanted),
            word(&workload.health).to_owned(),
            digests(&workload.images),
        ]);
    }
    let note = components.iter().any(|component| component.of_project);
    table.text() + if note { "* of this project\n" } else { "" }
}

fn word(health: &Health) -> &'static str {
    match health {
        Health::Ready => "ready",
        Health::Progressing(_) => "progressing",
        Health::Degraded(_) => "degraded",
    }
}

fn deployed(deployed: &[Deployed]) -> String {
    if deployed.is_empty() {
        return String::new();
    }
    let mut table = Table::with_heading(["DEPLOYED", "REVISION", "APPLIED", "HEALTH", "BUILT IMAGE"]);
    for component in deployed {
        let images = component.images.iter();
        let digests: Vec<String> = images
            .filter_map(|image| Some(short(image.split_once('@')?.1)))
            .collect();
        table.row([
            plain_line(&component.component),
            component.revision.to_string(),
            plain_line(&seconds(&component.time)),
            component.health.as_ref().map_or("-", word).to_owned(),
            if digests.is_empty() {
                "-".to_owned()
            } else {
                digests.join(" ")
            },
        ]);
    }
    table.text()
}

fn autoscalers(autoscalers: &[Autoscaler]) -> String {
    if autoscalers.is_empty() {
        return String::new();
    }
    let mut table = Table::with_heading(["AUTOSCALER", "NOW", "TARGET", "REPLICAS", "WANTED", "FROM-TO"]);
    for scaler in autoscalers {
        let metrics = |text: &dyn Fn(&platform::status::Metric) -> String| {
            let texts: Vec<String> = scaler.metrics.iter().map(text).collect();
            plain_line(&texts.join(", "))
        };
        let unmeasured = || "unknown".to_owned();
        table.row([
            plain_line(&format!("{}/{}", scaler.namespace, scaler.name)),
            metrics(&|metric| metric.current.clone().unwrap_or_else(unmeasured)),
            metrics(&|metric| format!("{} {}", metric.name, metric.target)),
            scaler.replicas.to_string(),
            scaler.wanted.to_string(),
            format!("{}-{}", scaler.min, scaler.max),
        ]);
    }
    table.text()
}

fn streams(found: Option<&Known<Vec<Difference>>>, paint: Paint) -> String {
    let found = match found {
        None => return String::new(),
        Some(Known::Unknown { unknown }) => return format!("STREAMS\nunknown: {}\n", plain_line(unknown)),
        Some(Known::Known(found)) => found,
    };
    let count = differences::count(found);
    let (defined, differing) = (count.defined, count.differing);
    let head = match differing {
        0 => format!("STREAMS\n{defined} streams and consumers are as defined\n"),
        _ => {
            format!("STREAMS\n{differing} of {defined} streams and consumers differ from their definition\n")
        }
    };
    head + &differences::text(found, paint)
}

/// So much of a digest that it differs from others.
fn short(digest: &str) -> String {
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    plain_line(&hex.chars().take(DIGEST).collect::<String>())
}

fn digests(images: &[RunningImage]) -> String {
    let digests: Vec<String> = images
        .iter()
        .filter_map(|image| Some(short(image.digest.as_deref()?)))
        .collect();
    if digests.is_empty() {
        "-".to_owned()
    } else {
        digests.join(" ")
    }
}

fn urls(urls: &[Url]) -> String {
    if urls.is_empty() {
        return String::new();
    }
    let mut table = Table::with_heading(["URL", "LEADS TO", "ANSWERS"]);
    for url in urls {
        let (target, asked) = match &url.target {
            Target::KubernetesApi => ("Kubernetes API".to_owned(), false),
            Target::Registry { name } => (format!("registry {}", plain_line(name)), false),
            Target::Port { node, port } => (
                format!("port {port} of {}", plain_line(node)),
                url.url.starts_with("http"),
            ),
            Target::Path { path } => (format!("{path} behind it"), true),
        };
        let answers = match url.answers {
            Some(status) => status.to_string(),
            None if asked => "no".to_owned(),
            None => String::new(),
        };
        table.row([plain_line(&url.url), target, answers]);
    }
    table.text()
}

fn shown(value: Option<&str>) -> String {
    value.map_or_else(|| "-".to_owned(), plain_line)
}

#[cfg(test)]
mod tests;
