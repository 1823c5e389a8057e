//! The flags of `http-to-nats-proxy`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use runtime::config::{self, Layers};

use crate::config::{Config, ConfigError};

/// Takes HTTP requests, queues them in a JetStream stream, and answers with what the workers say.
///
/// Every setting can be given in a YAML file (--config), as a variable (PROXY_LISTEN, PROXY_NATS__URLS: a key `a.b` is
/// PROXY_A__B), or as a flag; a flag is stronger than a variable, a variable stronger than the file. --check-config prints
/// the result. The proxy runs until SIGTERM or SIGINT, then finishes the requests in flight.
///
/// Exit codes: 0 stopped as asked, 1 failed, 2 wrong usage, 3 wrong configuration or routes.
#[derive(Debug, Default, Parser)]
#[expect(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]
#[command(name = "http-to-nats-proxy", version)]
pub struct Flags {
    /// Configuration file (YAML); may be repeated, a later one is stronger
    #[arg(long, value_name = "FILE")]
    pub config: Vec<PathBuf>,
    /// Where requests come in [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Where /livez, /readyz and /metrics are served [default: 127.0.0.1:9090]
    #[arg(long, value_name = "ADDRESS")]
    pub admin_listen: Option<SocketAddr>,
    /// Routes file (YAML): what is forwarded, and how [default: manifests/proxy/routes.yaml]
    #[arg(long, value_name = "FILE")]
    pub routes: Option<PathBuf>,
    /// NATS servers, separated by commas [default: nats://127.0.0.1:4222]
    #[arg(long, value_name = "URLS")]
    pub nats: Option<String>,
    /// What subjects start with [default: api]
    #[arg(long, value_name = "TOKENS")]
    pub prefix: Option<String>,
    /// Threads, each with a NATS connection of its own; 0 is one for each processor, up to four [default: 0]
    #[arg(long, value_name = "COUNT")]
    pub shards: Option<usize>,
    /// Log levels, overall and by target, such as info or warn,proxy=debug [default: info]
    #[arg(long, value_name = "LEVELS")]
    pub log: Option<String>,
    /// Any setting by its key, such as http.idle_timeout=30s; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Print the resolved configuration, without secrets, and check the routes; then exit
    #[arg(long)]
    pub check_config: bool,
}

/// Why there is no usable configuration.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file, variable or flag is wrong.
    #[error("the configuration cannot be read")]
    Read(#[source] config::Error),
    /// The whole makes no sense.
    #[error("the configuration cannot be used")]
    Check(#[source] ConfigError),
}

impl Flags {
    /// The configuration of file, variables and these flags, checked.
    ///
    /// # Errors
    /// [`LoadError`], which names who gave what is wrong.
    pub fn load(&self, variables: impl IntoIterator<Item = (String, String)>) -> Result<Config, LoadError> {
        let mut layers = Layers::new("PROXY");
        for file in &self.config {
            layers = layers.file(file);
        }
        layers = layers
            .environment(variables)
            .maybe_flag(
                "--listen",
                "listen",
                self.listen.map(|address| address.to_string()),
            )
            .maybe_flag(
                "--admin-listen",
                "admin_listen",
                self.admin_listen.map(|address| address.to_string()),
            )
            .maybe_flag(
                "--routes",
                "routes",
                self.routes.as_ref().map(|path| path.display().to_string()),
            )
            .maybe_flag("--nats", "nats.urls", self.nats.as_deref())
            .maybe_flag("--prefix", "prefix", self.prefix.as_deref())
            .maybe_flag("--shards", "shards", self.shards.map(|count| count.to_string()))
            .maybe_flag("--log", "log.filter", self.log.as_deref());
        for argument in &self.set {
            layers = layers.assignment("--set", argument).map_err(LoadError::Read)?;
        }
        let config: Config = layers.load().map_err(LoadError::Read)?;
        config.validate().map_err(LoadError::Check)?;
        Ok(config)
    }
}

#[cfg(test)]
mod tests;
