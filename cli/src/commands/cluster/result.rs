//! What the verbs answer, in words.

use std::fmt::Write as _;
use std::path::PathBuf;

use platform::{
    cluster::{Deleted, Kept, Stopped, Usable},
    deploy::Deployed,
    event::Outcome,
};
use serde::Serialize;

use crate::ui::{Paint, Report, Tint, amount::seconds, plain_line};

/// A cluster that is usable now, and how to reach it.
#[derive(Serialize)]
pub(super) struct Ready {
    #[serde(flatten)]
    usable: Usable,
    /// What `cluster.install` lists, deployed.
    #[serde(skip_serializing_if = "Option::is_none")]
    installed: Option<Deployed>,
    /// The file that was named on the command line, which kubectl has to be told too.
    #[serde(skip)]
    named_file: Option<PathBuf>,
}

impl Ready {
    /// What there is now; `named_file` is the kubeconfig of the command line.
    pub(super) fn new(usable: Usable, named_file: Option<PathBuf>) -> Self {
        Ready {
            usable,
            installed: None,
            named_file,
        }
    }

    /// With what has been deployed there.
    pub(super) fn with(self, installed: Option<Deployed>) -> Self {
        Ready { installed, ..self }
    }

    /// The command that shows the nodes.
    fn kubectl(&self) -> String {
        let mut command = "kubectl".to_owned();
        if let Some(file) = &self.named_file {
            command += " --kubeconfig ";
            command += &quoted(&file.display().to_string());
        }
        if !self.usable.current_context {
            command += " --context ";
            command += &self.usable.context;
        }
        command + " get nodes"
    }

    fn headline(&self, paint: Paint) -> String {
        let name = paint.strong(self.usable.name.as_str());
        let took = seconds(self.usable.after_ms);
        match self.usable.outcome {
            Outcome::Created => format!("Cluster {name} is created and ready after {took}.\n"),
            Outcome::Started => format!("Cluster {name} is started and ready after {took}.\n"),
            Outcome::Unchanged => format!("Cluster {name} is ready as it is; there was nothing to do.\n"),
            _ => format!("Cluster {name} is put right and ready after {took}.\n"),
        }
    }
}

impl Report for Ready {
    fn text(&self, paint: Paint) -> String {
        let mut text = self.headline(paint);
        // Whoever runs it again knows this already.
        if self.usable.outcome != Outcome::Unchanged {
            text += &self.reached(paint);
        }
        match &self.installed {
            Some(installed) if installed.is_changed() => text + &installed.text(paint),
            Some(installed) => {
                let names = installed
                    .components
                    .iter()
                    .map(|component| component.component.as_str());
                let names = names.collect::<Vec<_>>().join(", ");
                let after = seconds(installed.after_ms);
                text + &format!("What it lists to be installed is as it should be: {names} ({after}).\n")
            }
            None => text,
        }
    }
}

impl Ready {
    /// How to get at the cluster and its registry.
    fn reached(&self, paint: Paint) -> String {
        let mut text = String::new();
        let mut row = |name: &str, value: &str| {
            let name = paint.dim(&format!("{name:<10}"));
            let _ = writeln!(text, "  {name}  {}", plain_line(value));
        };
        row("Nodes", &self.kubectl());
        if let Some(registry) = &self.usable.registry {
            row(
                "Images",
                &format!("docker push {}/NAME; the same name in pods", registry.push),
            );
        }
        for port in self
            .usable
            .ports
            .iter()
            .filter(|port| port.container_port != API_PORT)
        {
            let protocol = port.protocol.to_string();
            row(
                "Port",
                &format!(
                    "{}:{} is {protocol} port {} of {}",
                    port.host_ip, port.host_port, port.container_port, port.container
                ),
            );
        }
        row("Kubeconfig", &self.usable.kubeconfig.display().to_string());
        text
    }
}

/// The port of the API server in its container; the kubeconfig has its address.
const API_PORT: u16 = 6443;

impl Report for Stopped {
    fn text(&self, paint: Paint) -> String {
        let name = paint.strong(self.name.as_str());
        let mut text = if self.outcome == Outcome::Unchanged {
            format!("Cluster {name} was stopped already.\n")
        } else {
            let took = seconds(self.after_ms);
            let again = paint.tint(Tint::Cyan, &format!("ratectl start-cluster {}", self.name));
            format!("Cluster {name} is stopped after {took}; `{again}` goes on from there.\n")
        };
        text += &kept(&self.kept);
        text
    }
}

impl Report for Deleted {
    fn text(&self, paint: Paint) -> String {
        let name = paint.strong(self.name.as_str());
        let mut text = if self.outcome == Outcome::Unchanged {
            format!("There is no cluster {name}; there was nothing to do.\n")
        } else {
            format!("Cluster {name} is deleted after {}.\n", seconds(self.after_ms))
        };
        if self.was_current_context {
            text += "It was kubectl's current context; there is none now.\n";
        }
        text += &kept(&self.kept);
        text
    }
}

fn kept(kept: &[Kept]) -> String {
    let line = |kept: &Kept| format!("  Kept {}: {}\n", plain_line(&kept.what), plain_line(&kept.why));
    kept.iter().map(line).collect()
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%:,=".contains(c);
    if path.chars().all(plain) && !path.is_empty() {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests;
