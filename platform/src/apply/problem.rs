//! Why one object could not be applied.

use std::fmt;

use kube::core::Status;
use serde::Serialize;

use super::api::Trouble;
use super::conflict::Conflict;
use crate::kubernetes::text;
use crate::manifest::Id;

/// An object, and why it could not be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// The object.
    pub id: Id,
    /// Why.
    pub problem: Problem,
    /// A command, or what to change; `None` when the problem says all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A field of an object that the API server does not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Its path, such as `spec.replicas`; empty when the server names none.
    pub field: String,
    /// What is wrong with it, in the server's words.
    pub message: String,
}

/// Why an object could not be applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Problem {
    /// Fields belong to somebody else and have other values.
    Conflict {
        /// Each field, never empty.
        fields: Vec<Conflict>,
    },
    /// Fields that cannot be changed once the object is there.
    Immutable {
        /// Each field, never empty.
        fields: Vec<Fault>,
    },
    /// The API server finds the object wrong.
    Invalid {
        /// What is wrong, never empty.
        faults: Vec<Fault>,
    },
    /// An admission webhook or policy refuses the object.
    Refused {
        /// The webhook or policy, when the server names it.
        by: Option<String>,
        /// What it says.
        message: String,
    },
    /// A quota does not leave room for it.
    Quota {
        /// What the server says: which quota, requested, used, limited.
        message: String,
    },
    /// Whoever we are to the API server may not do this.
    Forbidden {
        /// What the server says: who may not do what.
        message: String,
    },
    /// The API server knows no such kind.
    UnknownKind {
        /// Such as `jetstream.nats.io/v1beta2`.
        api_version: String,
        /// The versions in which it is served, if only the version is unknown.
        served: Vec<String>,
    },
    /// Its namespace is not there.
    NoNamespace {
        /// The namespace.
        namespace: String,
    },
    /// The object that is there is not ours, and would have to be deleted.
    Foreign,
    /// It is written in a way that has no place in a manifest.
    Unusable {
        /// What.
        reason: String,
    },
    /// It, or the object it replaces, was not where it should be in time.
    Timeout {
        /// What was waited for.
        waiting_for: String,
        /// Seconds.
        limit_seconds: u64,
    },
    /// Anything else.
    Other {
        /// What the server says.
        message: String,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.problem)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.field, self.message)
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict { fields } => write!(f, "{}", Listed(fields)),
            Self::Immutable { fields } => write!(f, "cannot be changed in place: {}", Listed(fields)),
            Self::Invalid { faults } => write!(f, "{}", Listed(faults)),
            Self::Refused {
                by: Some(by),
                message,
            } => write!(f, "refused by {by}: {message}"),
            Self::Refused { by: None, message } => write!(f, "refused: {message}"),
            Self::Quota { message } | Self::Forbidden { message } | Self::Other { message } => {
                f.write_str(message)
            }
            Self::UnknownKind { api_version, served } if served.is_empty() => {
                write!(f, "the cluster has no such kind in {api_version}")
            }
            Self::UnknownKind { api_version, served } => {
                write!(
                    f,
                    "the cluster does not serve {api_version}, only {}",
                    served.join(", ")
                )
            }
            Self::NoNamespace { namespace } => write!(f, "there is no namespace {namespace}"),
            Self::Foreign => f.write_str("would have to be deleted and made anew, and is not ratectl's"),
            Self::Unusable { reason } => f.write_str(reason),
            Self::Timeout {
                waiting_for,
                limit_seconds,
            } => write!(f, "waited {limit_seconds} s for {waiting_for}"),
        }
    }
}

struct Listed<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for Listed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.iter().enumerate() {
            write!(f, "{}{item}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl Problem {
    /// What the server's refusal means.
    pub(crate) fn of(status: &Status) -> Self {
        let said = text::line(&status.message);
        match (status.code, status.reason.as_str()) {
            (409, _) => {
                let fields = Conflict::all(status);
                if fields.is_empty() {
                    Self::Other { message: said }
                } else {
                    Self::Conflict { fields }
                }
            }
            _ if status.message.contains("exceeded quota") => Self::Quota { message: said },
            _ if is_admission(&status.message) => {
                let (by, message) = by_whom(&said);
                Self::Refused { by, message }
            }
            (403, "Forbidden") => Self::Forbidden { message: said },
            (404, _) => match missing_namespace(status) {
                Some(namespace) => Self::NoNamespace { namespace },
                None => Self::Other { message: said },
            },
            _ if status.message.contains("typed patch object") => Self::Invalid {
                faults: typed(&status.message),
            },
            (422, _) => of_invalid(status, said),
            (400, _) => Self::Invalid {
                faults: strict(&said),
            },
            _ => Self::Other { message: said },
        }
    }

    /// What a request that brought nothing means, when it is the object's fault and not the connection's.
    pub(crate) fn of_trouble(trouble: Trouble) -> Result<Self, Trouble> {
        match trouble {
            Trouble::Refused(status) if status.code == 401 => Err(Trouble::Refused(status)),
            Trouble::Refused(status) => Ok(Self::of(&status)),
            Trouble::Silent(limit) => Ok(Self::Timeout {
                waiting_for: "the API server's answer".to_owned(),
                limit_seconds: limit.as_secs(),
            }),
            lost @ Trouble::Lost(_) => Err(lost),
        }
    }
}

fn is_admission(message: &str) -> bool {
    message.contains("admission webhook")
        || message.contains("ValidatingAdmissionPolicy")
        || message.contains("violates PodSecurity")
        || message.contains("failed calling webhook")
}

/// The first quoted name of a refusal, and what follows the words around it.
fn by_whom(message: &str) -> (Option<String>, String) {
    let name = message.split('"').nth(1);
    let what = if message.contains("webhook") {
        "webhook"
    } else {
        "policy"
    };
    let by = name.filter(|_| !message.contains("violates PodSecurity"));
    let rest = message
        .split_once("denied the request: ")
        .or_else(|| message.split_once("denied request: "))
        .map_or(message, |(_, rest)| rest);
    (by.map(|by| format!("{what} {by}")), rest.to_owned())
}

fn missing_namespace(status: &Status) -> Option<String> {
    let details = status.details.as_ref()?;
    (details.kind == "namespaces").then(|| text::line(&details.name))
}

/// A 422: each cause is a field. Some of them may only be set once.
fn of_invalid(status: &Status, said: String) -> Problem {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    let mut faults: Vec<Fault> = Vec::new();
    for cause in causes {
        let fault = Fault {
            field: text::line(cause.field.trim_start_matches('.')),
            message: without_value(&cause.message),
        };
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    if faults.is_empty() {
        let field = String::new();
        faults.push(Fault { field, message: said });
    }
    if faults.iter().any(|fault| is_immutable(&fault.message)) {
        faults.retain(|fault| is_immutable(&fault.message));
        return Problem::Immutable { fields: faults };
    }
    Problem::Invalid { faults }
}

fn is_immutable(message: &str) -> bool {
    let says = |words: &str| message.contains(words);
    says("field is immutable")
        || says("is immutable after creation")
        || says("may not change once set")
        || says("updates to statefulset spec for fields other than")
        || says("cannot change roleRef")
        || says("updates to parameters are forbidden")
        || says("updates to provisioner are forbidden")
        || says("updates to reclaimPolicy are forbidden")
        || says("field can not be changed")
}

/// What the server says about a field, without the value itself: that may be a whole template, or a secret.
fn without_value(message: &str) -> String {
    let Some((kind, rest)) = message.split_once(": ") else {
        return text::line(message);
    };
    match (kind, rest.rsplit_once(": ")) {
        ("Invalid value", Some((_, why))) => text::line(why),
        ("Forbidden", _) => text::line(rest),
        _ => text::line(message),
    }
}

/// A refusal of what does not fit the schema: `… (/name; v1, Kind=X): .spec.a: expected string`, or a line for each after `errors:`.
fn typed(message: &str) -> Vec<Fault> {
    let listed = message.split_once("): ").map_or(message, |(_, listed)| listed);
    let listed = listed.strip_prefix("errors:").unwrap_or(listed);
    let lines = listed.lines().map(str::trim).filter(|line| !line.is_empty());
    let each = lines.map(|line| {
        let (field, message) = line
            .strip_prefix('.')
            .and_then(|line| line.split_once(": "))
            .unwrap_or(("", line));
        Fault {
            field: text::line(field),
            message: text::line(message),
        }
    });
    each.collect()
}

/// A refusal for unknown or doubled fields names each in quotes: `unknown field "spec.replica"`.
fn strict(said: &str) -> Vec<Fault> {
    let listed = said.split_once("strict decoding error: ");
    let whole = || {
        vec![Fault {
            field: String::new(),
            message: said.to_owned(),
        }]
    };
    let Some((_, listed)) = listed else { return whole() };
    let each = listed.split(", ").map(|fault| {
        let mut parts = fault.split('"');
        let what = parts.next().unwrap_or_default().trim();
        Fault {
            field: parts.next().unwrap_or_default().to_owned(),
            message: what.to_owned(),
        }
    });
    each.collect()
}

#[cfg(test)]
mod tests;
