//! Which program this is, and where it runs.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use uuid::Uuid;

/// Variables that say where the program runs, as its Kubernetes manifest sets them, and their names in the metadata.
const PLACES: [(&str, &str); 3] = [
    ("POD_NAME", "pod"),
    ("POD_NAMESPACE", "namespace"),
    ("NODE_NAME", "node"),
];
/// The machine's own name, of which a container has one too.
const HOST: &str = "/proc/sys/kernel/hostname";

/// One running program among others of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) version: String,
    pub(super) description: String,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) started: OffsetDateTime,
}

impl Instance {
    /// This process. `name` is of letters, digits, `-` and `_` (ADR-32); `version` is a semantic version.
    ///
    /// Where it runs comes from the variables `POD_NAME`, `POD_NAMESPACE` and `NODE_NAME`, and from the machine's name.
    pub fn of_this_process(name: &str, version: &str, description: &str) -> Self {
        let variables = PLACES
            .iter()
            .filter_map(|(variable, key)| Some(((*key).to_owned(), std::env::var(variable).ok()?)));
        let host = std::fs::read_to_string(HOST).ok();
        let host = host.map(|host| ("host".to_owned(), host.trim().to_owned()));
        let process = ("pid".to_owned(), std::process::id().to_string());
        Self::new(
            name,
            version,
            description,
            variables.chain(host).chain([process]).collect(),
        )
    }

    /// A process that says this of itself.
    pub fn new(name: &str, version: &str, description: &str, metadata: BTreeMap<String, String>) -> Self {
        Self {
            name: name.to_owned(),
            id: Uuid::now_v7().simple().to_string(),
            version: version.to_owned(),
            description: description.to_owned(),
            metadata,
            started: OffsetDateTime::now_utc(),
        }
    }

    /// Its id, unlike any other's.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The program's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}
