//! What `ratectl` does to machines: Docker, clusters, Kubernetes, JetStream, local processes.
//!
//! A library without a voice: it prints nothing and parses no command line. What happens is reported as typed
//! [`event`]s, what fails as typed errors; the command line turns both into words, plain lines or JSON.
//!
//! `ratectl dev` is composed of small steps: [`project::Project::load`], [`dev::prepare`] (lock, NATS server, streams),
//! [`dev::Environment::start_components`], and [`dev::Environment::stop`]. Clusters are [`cluster::create`], [`cluster::start`],
//! [`cluster::stop`], [`cluster::delete`] and [`cluster::list`] on a [`docker::Engine`].

pub mod apply;
pub mod bundle;
mod causes;
pub mod chart;
pub mod cluster;
mod connector;
pub mod deploy;
pub mod dev;
pub mod docker;
pub mod doctor;
pub mod download;
pub mod event;
mod executable;
pub mod forward;
pub mod guard;
pub mod http_request;
pub mod image;
pub mod inventory;
pub mod kubeconfig;
pub mod kubernetes;
pub mod load;
mod locked_file;
pub mod manifest;
pub mod nats_server;
mod no_proxy;
pub mod observe;
pub mod plain_line;
pub mod pod_logs;
pub mod port_owner;
pub mod profile;
pub mod project;
pub mod proxies;
mod random;
pub mod registry;
pub mod rollout;
pub mod status;
pub mod streams;
pub mod supervise;
pub mod watch;
