//! The side that is compared with: the same node image by nothing but `docker network create`, `create` and `start`.

use std::fs;
use std::path::Path;
use std::time::Instant;

use bollard::Docker;
use e2e::visitor;
use tempfile::TempDir;

use crate::command;
use crate::error::Error;
use crate::poll::{self, Moments};

/// A registry that runs all the time, and the names of what a round makes.
pub(crate) struct Bare {
    name: String,
    label: String,
    node_image: String,
    port: u16,
    files: TempDir,
}

impl Bare {
    /// Nothing yet but names; everything is made with `label`, by which it is found and removed in the end.
    pub(crate) fn new(name: &str, label: &str, node_image: &str) -> Result<Self, Error> {
        Ok(Self {
            name: name.to_owned(),
            label: format!("--label={label}"),
            node_image: node_image.to_owned(),
            port: 0,
            files: tempfile::tempdir()?,
        })
    }

    /// Starts the registry and puts the pod's image into it.
    pub(crate) async fn prepare(&mut self, registry_image: &str) -> Result<(), Error> {
        let registry = self.registry();
        let run = [
            "docker",
            "run",
            "--detach",
            &self.label,
            "--publish=127.0.0.1::5000",
            "--name",
            &registry,
        ];
        command::run(&[&run[..], &[registry_image]].concat()).await?;
        let address = command::run(&["docker", "port", &registry, "5000/tcp"]).await?;
        let port = address
            .trim()
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok());
        self.port = port.ok_or_else(|| Error::Failed(format!("no port of {registry} in {address}")))?;
        self.write_mirrors()?;
        visitor::push(self.port);
        Ok(())
    }

    /// What the pod's image is called on this side.
    pub(crate) fn pod_image(&self) -> String {
        format!("localhost:{}/visitor:1", self.port)
    }

    /// One round: the clock runs from the network's creation. The registry joins while the node already boots.
    pub(crate) async fn round(&self, docker: &Docker) -> Result<Moments, Error> {
        let (node, registry, network) = (self.node(), self.registry(), self.network());
        let image = self.pod_image();
        let since = Instant::now();
        let made = async {
            command::run(&["docker", "network", "create", &self.label, &network]).await?;
            let args = self.create_args();
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            command::run(&args).await?;
            let start = ["docker", "start", &node];
            let join = ["docker", "network", "connect", &network, &registry];
            tokio::try_join!(command::run(&start), command::run(&join))
        };
        let (_, moments) = tokio::try_join!(made, poll::usable(docker, &node, &image, since))?;
        self.remove_node().await?;
        Ok(moments)
    }

    /// Removes the node and its network.
    async fn remove_node(&self) -> Result<(), Error> {
        let (node, registry, network) = (self.node(), self.registry(), self.network());
        command::run(&["docker", "rm", "--force", "--volumes", &node]).await?;
        command::run(&["docker", "network", "disconnect", "--force", &network, &registry]).await?;
        command::run(&["docker", "network", "rm", &network]).await?;
        command::run(&["docker", "volume", "rm", "--force", &format!("{node}-images")]).await?;
        Ok(())
    }

    fn node(&self) -> String {
        format!("{}-node", self.name)
    }

    fn registry(&self) -> String {
        format!("{}-registry", self.name)
    }

    fn network(&self) -> String {
        format!("{}-network", self.name)
    }

    /// What k3d, and we, give a node.
    fn create_args(&self) -> Vec<String> {
        let node = self.node();
        let mirrors = self.files.path().join("registries.yaml");
        let mut args: Vec<String> = ["docker", "create", "--privileged", "--init", "--userns=host"]
            .map(str::to_owned)
            .into();
        args.extend([
            self.label.clone(),
            format!("--name={node}"),
            format!("--hostname={node}"),
            format!("--network={}", self.network()),
            "--tmpfs=/run".to_owned(),
            "--tmpfs=/var/run".to_owned(),
            "--publish=127.0.0.1::6443".to_owned(),
            "--env=K3S_KUBECONFIG_OUTPUT=/output/kubeconfig.yaml".to_owned(),
            "--env=K3S_TOKEN=bench".to_owned(),
            format!("--volume={node}-images:/k3d/images"),
            format!(
                "--volume={}:/etc/rancher/k3s/registries.yaml:ro",
                display(&mirrors)
            ),
            self.node_image.clone(),
            "server".to_owned(),
            "--tls-san".to_owned(),
            "127.0.0.1".to_owned(),
        ]);
        args
    }

    fn write_mirrors(&self) -> Result<(), Error> {
        let (registry, port) = (self.registry(), self.port);
        let mirrors =
            format!("mirrors:\n  \"localhost:{port}\":\n    endpoint:\n      - http://{registry}:5000\n");
        Ok(fs::write(self.files.path().join("registries.yaml"), mirrors)?)
    }
}

fn display(path: &Path) -> String {
    path.display().to_string()
}
