//! Ways in which work on one profile could reach the cluster of the other.

use std::fs;
use std::path::PathBuf;

use e2e::Bed;
use serde_json::{Value, json};

use super::clusters::{name, server};
use crate::lifecycle::kubeconfig;

/// One of them: what is different from how it should be.
#[derive(Clone, Default)]
pub(super) struct Way {
    pub(super) name: &'static str,
    /// Flags of the command.
    pub(super) words: Vec<&'static str>,
    pub(super) variables: Vec<(&'static str, String)>,
    /// Whether what changes nothing is allowed: it is a matter of consent.
    pub(super) may_look: bool,
    kubeconfig: Option<Value>,
    project: Option<Value>,
    used: Option<&'static str>,
}

impl Way {
    /// On the protected profile, with consent.
    pub(super) fn to_prod(name: &'static str) -> Self {
        Self {
            name,
            words: vec!["--profile=prod", "--confirm=prod"],
            ..Self::default()
        }
    }

    fn to_dev(name: &'static str) -> Self {
        Self {
            name,
            words: vec!["--profile=dev"],
            ..Self::default()
        }
    }
}

/// How everything should be: a kubeconfig and a project that lead each profile to its cluster.
pub(super) struct Ways<'a> {
    bed: &'a Bed,
    kubeconfig: Value,
    project: Value,
    dev: String,
    prod: String,
}

impl<'a> Ways<'a> {
    pub(super) fn new(bed: &'a Bed, other: &Bed, project: Value) -> Self {
        Self {
            bed,
            kubeconfig: kubeconfig(bed),
            project,
            dev: name(bed),
            prod: name(other),
        }
    }

    pub(super) fn project(&self) -> Value {
        self.project.clone()
    }

    /// Brings it about.
    pub(super) fn prepare(&self, way: &Way) {
        self.write(
            way.kubeconfig.as_ref().unwrap_or(&self.kubeconfig),
            way.project.as_ref().unwrap_or(&self.project),
        );
        if let Some(used) = way.used {
            self.bed.ratectl(&["use", used]).succeeded();
        }
    }

    /// Makes everything as it should be again.
    pub(super) fn undo(&self, way: &Way) {
        self.write(&self.kubeconfig, &self.project);
        if way.used.is_some() {
            self.bed.ratectl(&["use", "--clear"]).succeeded();
        }
    }

    fn write(&self, kubeconfig: &Value, project: &Value) {
        fs::write(self.bed.kubeconfig(), kubeconfig.to_string()).expect("the kubeconfig can be written");
        self.bed.write("ratectl.yaml", &project.to_string());
    }

    /// All of them, but for a cluster that is made anew.
    pub(super) fn all(&self) -> Vec<Way> {
        let mut ways = self.of_dev();
        ways.extend(self.of_prod());
        ways.extend(Self::of_consent());
        ways
    }

    /// Work on the own cluster would go to production.
    fn of_dev(&self) -> Vec<Way> {
        let repointed = self.with(|kubeconfig| {
            let theirs = entry(kubeconfig, "contexts", &self.prod)["context"].clone();
            entry(kubeconfig, "contexts", &self.dev)["context"] = theirs;
        });
        let swapped = self.with(|kubeconfig| {
            let theirs = entry(kubeconfig, "clusters", &self.prod)["cluster"]["server"].clone();
            entry(kubeconfig, "clusters", &self.dev)["cluster"]["server"] = theirs;
        });
        let certified = self.with(|kubeconfig| {
            let key = "certificate-authority-data";
            let theirs = entry(kubeconfig, "clusters", &self.prod)["cluster"][key].clone();
            entry(kubeconfig, "clusters", &self.dev)["cluster"][key] = theirs;
        });
        let before = self.file("before.json", &repointed);
        let both = format!("{}:{}", before.display(), self.bed.kubeconfig().display());
        vec![
            Way {
                kubeconfig: Some(repointed),
                ..Way::to_dev("dev's context leads to the other cluster")
            },
            Way {
                kubeconfig: Some(swapped),
                ..Way::to_dev("dev's server was swapped")
            },
            Way {
                kubeconfig: Some(certified),
                ..Way::to_dev("dev's server is known by the other's certificates")
            },
            Way {
                variables: vec![("KUBECONFIG", before.display().to_string())],
                ..Way::to_dev("KUBECONFIG is another file")
            },
            Way {
                variables: vec![("KUBECONFIG", both)],
                ..Way::to_dev("another file comes first in KUBECONFIG")
            },
        ]
    }

    /// Work on production would go to the own cluster, or elsewhere.
    fn of_prod(&self) -> Vec<Way> {
        let renamed = self.with(|kubeconfig| {
            entry(kubeconfig, "contexts", &self.prod)["name"] = json!("before");
            entry(kubeconfig, "contexts", &self.dev)["name"] = json!(self.prod);
        });
        let swapped = self.with(|kubeconfig| {
            let ours = entry(kubeconfig, "clusters", &self.dev)["cluster"].clone();
            entry(kubeconfig, "clusters", &self.prod)["cluster"] = ours;
        });
        let alone = self.with(|kubeconfig| {
            let contexts = kubeconfig["contexts"].as_array_mut().expect("it is a list");
            contexts.retain(|context| context["name"] == self.dev);
        });
        let own = server(&self.kubeconfig, &self.dev);
        // Another name for the same machine: as far as files tell, it is another server.
        let by_name = own.replace("127.0.0.1", "localhost");
        let around = self.with(|kubeconfig| {
            let ours = entry(kubeconfig, "contexts", &self.dev)["context"].clone();
            entry(kubeconfig, "contexts", &self.prod)["context"] = ours;
            entry(kubeconfig, "clusters", &self.dev)["cluster"]["server"] = json!(by_name);
        });
        vec![
            Way {
                kubeconfig: Some(renamed),
                ..Way::to_prod("dev's context got the other's name")
            },
            Way {
                kubeconfig: Some(swapped),
                ..Way::to_prod("prod's server was swapped")
            },
            Way {
                kubeconfig: Some(alone),
                ..Way::to_prod("prod's context is gone")
            },
            Way {
                project: Some(self.profile("server", json!(own))),
                ..Way::to_prod("prod's server in the project file is dev's")
            },
            Way {
                project: Some(self.profile("server", Value::Null)),
                ..Way::to_prod("the project file does not say prod's server")
            },
            Way {
                project: Some(self.profile("server", json!(by_name))),
                kubeconfig: Some(around),
                ..Way::to_prod("prod's server is dev's under another name")
            },
        ]
    }

    /// Nobody has said that production is meant, or not this.
    fn of_consent() -> Vec<Way> {
        let variable = || vec![("RATECTL_PROFILE", "prod".to_owned())];
        let of = |name, words: &[&'static str], variables| Way {
            name,
            words: words.to_vec(),
            variables,
            ..Way::default()
        };
        vec![
            of(
                "the other was confirmed",
                &["--profile=dev", "--confirm=prod"],
                Vec::new(),
            ),
            of(
                "RATECTL_PROFILE is not what was confirmed",
                &["--confirm=dev"],
                variable(),
            ),
            Way {
                used: Some("prod"),
                ..of(
                    "what `use` has set is not what was confirmed",
                    &["--confirm=dev"],
                    Vec::new(),
                )
            },
            Way {
                may_look: true,
                ..of("nobody confirmed --profile", &["--profile=prod"], Vec::new())
            },
            Way {
                may_look: true,
                ..of("nobody confirmed RATECTL_PROFILE", &[], variable())
            },
            Way {
                may_look: true,
                used: Some("prod"),
                ..of("nobody confirmed what `use` has set", &[], Vec::new())
            },
        ]
    }

    fn with(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut kubeconfig = self.kubeconfig.clone();
        change(&mut kubeconfig);
        kubeconfig
    }

    /// The project with another value in profile `prod`.
    fn profile(&self, key: &str, value: Value) -> Value {
        let mut project = self.project.clone();
        let prod = project["profiles"]["prod"]
            .as_object_mut()
            .expect("it is a mapping");
        if value.is_null() {
            prod.remove(key);
        } else {
            prod.insert(key.to_owned(), value);
        }
        project
    }

    fn file(&self, name: &str, kubeconfig: &Value) -> PathBuf {
        self.bed.write(name, &kubeconfig.to_string())
    }
}

/// The entry of this name in a list of the kubeconfig.
fn entry<'a>(kubeconfig: &'a mut Value, list: &str, name: &str) -> &'a mut Value {
    let entries = kubeconfig[list].as_array_mut().into_iter().flatten();
    let mut named = entries.filter(|entry| entry["name"] == name);
    named.next().expect("the entry is there")
}
