//! What a pod needs before its containers: volumes, network, what it refers to, a node that is there.

use super::View;
use crate::kubernetes::text;
use crate::rollout::Kind;
use crate::rollout::finding::{Finding, Look, MOMENT, OTHERS, Patience, SECOND_TRY};

/// What is wrong with a pod none of whose containers says so.
pub(super) fn examine(view: &View<'_>) -> Option<Finding> {
    let warning = view.warnings.iter().find(|warning| {
        let reason = warning.reason.as_deref().unwrap_or_default();
        matches!(
            reason,
            "FailedMount" | "FailedAttachVolume" | "FailedMapVolume" | "FailedCreatePodSandBox"
        )
    })?;
    let message = text::line(warning.message.as_deref().unwrap_or_default());
    if warning.reason.as_deref() == Some("FailedCreatePodSandBox") {
        let words = format!("it cannot be set up on its node: {message}");
        return Some(view.finding(Kind::Sandbox, Patience::For(OTHERS), "", &words));
    }
    let volume = message
        .split_once("for volume \"")
        .and_then(|(_, rest)| rest.split_once('"'));
    let (volume, why) = match volume {
        Some((volume, why)) => (
            format!("volume {volume}"),
            why.trim_start_matches([' ', ':']).to_owned(),
        ),
        None => ("a volume".to_owned(), message.clone()),
    };
    // What the mount program said comes after what it was called with.
    let said = why
        .split_once("Output: ")
        .map(|(_, said)| said.split(" dmesg(1)").next().unwrap_or(said));
    let why = said.map_or(why.clone(), |said| said.trim().to_owned());
    let Some(missing) = missing(&why) else {
        // A volume is attached and mounted in several tries as a rule.
        let words = format!("{volume} cannot be mounted: {why}");
        return Some(view.finding(Kind::Volume, Patience::For(SECOND_TRY * 2), "", &words));
    };
    let patience = Patience::For(if view.makers { OTHERS } else { MOMENT });
    let words = format!("{volume} cannot be mounted: {}", missing.words());
    let mut finding = view.finding(Kind::MissingConfig, patience, "", &words);
    finding.look = missing.look();
    Some(finding)
}

/// A pod whose node does not answer any more.
pub(super) fn lost_node(view: &View<'_>) -> Option<Finding> {
    let lost = view
        .warnings
        .first()
        .is_some_and(|warning| warning.reason.as_deref() == Some("NodeNotReady"));
    let node = view.pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
    let (true, Some(node)) = (lost, node) else {
        return None;
    };
    let words = format!("its node {node} is not ready");
    let mut finding = view.finding(Kind::Node, Patience::For(OTHERS), "", &words);
    finding.look = Look::Describe {
        kind: "node".to_owned(),
        name: node,
    };
    Some(finding)
}

/// A Secret or `ConfigMap` that is not there, or lacks a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Missing {
    /// `Secret` or `ConfigMap`.
    kind: &'static str,
    /// Its name; empty where the kubelet does not say it.
    name: String,
    key: Option<String>,
}

/// What the kubelet says is missing.
pub(super) fn missing(message: &str) -> Option<Missing> {
    for (word, kind) in [("secret", "Secret"), ("configmap", "ConfigMap")] {
        let lower = message.to_ascii_lowercase();
        if let Some(at) = lower.find(&format!("{word} \"")) {
            let rest = message.get(at + word.len() + 2..)?;
            let (name, after) = rest.split_once('"')?;
            if after.trim_start().starts_with("not found") {
                return Some(Missing {
                    kind,
                    name: bare(name),
                    key: None,
                });
            }
        }
        // "couldn't find key url in Secret rating/creds"
        if let Some((key, place)) = message.split_once(&format!(" in {kind} ")) {
            let key = key.rsplit_once("key ")?.1;
            let place = place.split([' ', ',']).next()?;
            return Some(Missing {
                kind,
                name: bare(place),
                key: Some(key.to_owned()),
            });
        }
        // "references non-existent secret key: tls.crt"
        let known = [
            format!("non-existent {word} key: "),
            "non-existent config key: ".to_owned(),
        ];
        if let Some((_, key)) = known.iter().find_map(|known| message.split_once(known.as_str())) {
            let kind = if message.contains("config key") {
                "ConfigMap"
            } else {
                kind
            };
            return Some(Missing {
                kind,
                name: String::new(),
                key: Some(key.to_owned()),
            });
        }
    }
    None
}

/// A name without its namespace.
fn bare(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).to_owned()
}

impl Missing {
    /// In words.
    pub(super) fn words(&self) -> String {
        let name = if self.name.is_empty() {
            self.kind.to_owned()
        } else {
            format!("{} {}", self.kind, self.name)
        };
        match &self.key {
            Some(key) if self.name.is_empty() => format!("its {name} has no key {key}"),
            Some(key) => format!("{name} has no key {key}"),
            None => format!("{name} is not there"),
        }
    }

    /// What shows what there is.
    pub(super) fn look(&self) -> Look {
        match (&self.key, self.name.as_str()) {
            (Some(_), name) if !name.is_empty() => Look::Describe {
                kind: self.kind.to_ascii_lowercase(),
                name: name.to_owned(),
            },
            _ if self.kind == "Secret" => Look::Get("secrets"),
            _ => Look::Get("configmaps"),
        }
    }
}
