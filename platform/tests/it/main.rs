//! The platform with real processes and a real nats-server.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod bad_clusters;
mod cargo_images;
mod cluster;
mod dev;
mod docker;
mod family;
mod host;
mod image;
mod kubeconfig;
mod kubernetes;
mod manifests;
mod observe;
mod orphans;
mod provoked;
mod readiness;
mod schema;
mod script;
mod stopping;
mod streams;
mod supervision;
