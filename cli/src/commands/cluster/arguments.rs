//! What the command line says about a cluster that is to be created.

use std::path::PathBuf;
use std::time::Duration;

use platform::cluster::{
    Spec, k3d_file,
    spec::{Draft, Overrides},
};

use crate::{app::Global, error::Error, project};

/// Which cluster, and how it should be.
#[derive(Debug, clap::Args)]
pub(super) struct Wanted {
    /// The cluster's name [default: that of the file, or the project's, or `localdevcluster`]
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// Take the cluster from this file of k3d (`k3d.io/v1alpha4` or `v1alpha5`) instead of `ratectl.yaml`
    ///
    /// What such a file says and cannot be honoured is an error. Environment variables in it are filled in.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    config: Option<PathBuf>,

    /// Nodes that run the control plane, an odd number [default: 1]
    #[arg(long, value_name = "N")]
    servers: Option<u32>,

    /// Nodes that only run pods [default: 0]
    #[arg(long, value_name = "N")]
    agents: Option<u32>,

    /// The node image
    #[arg(long, value_name = "REF", help = image_help())]
    image: Option<String>,

    /// The registry's port on this machine; 0 takes any free one [default: 5000]
    #[arg(long, value_name = "PORT")]
    registry_port: Option<u16>,

    /// Publish a port of a node on this machine, such as 8080:80 (can be repeated)
    ///
    /// Without an address it can be reached from this machine only; without a node it is that of the first server. Both ports may
    /// be ranges, such as 30000-30010:30000-30010.
    #[arg(long = "port", short, value_name = "[IP:]HOST:NODE[/udp][@server:0]")]
    ports: Vec<String>,

    /// The port of the API server on this machine; 0 takes any free one [default: any free one]
    #[arg(long, value_name = "PORT")]
    api_port: Option<u16>,
}

/// A cluster as it is wanted, and what the file says about its creation.
pub(super) struct Described {
    /// The cluster.
    pub(super) spec: Spec,
    /// How long its creation may take, unless a flag says so.
    pub(super) timeout: Option<Duration>,
    /// Whether to make it the current context, even without the flag.
    pub(super) switch_context: bool,
}

impl Wanted {
    /// The file, or the project, or neither, with the flags over it.
    pub(super) fn describe(&self, global: &Global) -> Result<Described, Error> {
        let (draft, timeout, switch_context) = match &self.config {
            Some(file) => {
                let file = k3d_file::read(&global.base()?.join(file))?;
                (file.draft, file.timeout, file.switch_context)
            }
            None => (project_draft(global)?, None, false),
        };
        Ok(Described {
            spec: draft.spec(&self.overrides())?,
            timeout,
            switch_context,
        })
    }

    fn overrides(&self) -> Overrides {
        Overrides {
            name: self.name.clone(),
            servers: self.servers,
            agents: self.agents,
            image: self.image.clone(),
            registry_port: self.registry_port,
            ports: self.ports.clone(),
            api_port: self.api_port,
        }
    }
}

fn project_draft(global: &Global) -> Result<Draft, Error> {
    let project = project::described(global)?;
    Ok(project.map(|project| project.cluster).unwrap_or_default())
}

fn image_help() -> String {
    format!(
        "The node image [default: {}]",
        platform::cluster::spec::DEFAULT_IMAGE
    )
}
