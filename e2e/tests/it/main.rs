//! `ratectl` on a real Docker engine and a real Kubernetes. Run by `make e2e`.

mod agents;
mod apply;
mod astray;
mod bed;
mod bundle;
mod cluster;
mod crash;
mod decoy;
mod deploy;
mod diagnosis;
mod example;
mod foreign;
mod forward;
mod health;
mod images;
mod interface;
mod lifecycle;
mod listing;
mod logs;
mod manifests;
mod outage;
mod progress;
mod pull_through;
mod registry;
mod repair;
mod together;
