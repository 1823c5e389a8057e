//! The switches among k3d's options: what can be switched here, and what is always so.

use super::document::{Options, Text};
use super::read::Reader;
use crate::cluster::spec::quoted;
use crate::project::yaml::Complaint;

impl Reader<'_> {
    /// Checks the switches, and says whether the current context is to be switched.
    pub(super) fn check_options(&self, options: &Options) -> Result<bool, Complaint> {
        if let Some(k3d) = &options.k3d {
            self.must_be_true(
                "options.k3d.wait",
                &k3d.wait,
                "a cluster is always waited for; limit the time with `timeout`",
            )?;
            self.switch(&k3d.disable_loadbalancer)?;
        }
        let Some(kubeconfig) = &options.kubeconfig else {
            return Ok(false);
        };
        self.must_be_true(
            "options.kubeconfig.updateDefaultKubeconfig",
            &kubeconfig.update_default_kubeconfig,
            "the cluster's entries are always written, and no others touched; choose another kubeconfig file for them",
        )?;
        Ok(self.switch(&kubeconfig.switch_current_context)?.unwrap_or(false))
    }

    fn must_be_true(&self, key: &str, value: &Text, reason: &str) -> Result<(), Complaint> {
        match (self.switch(value)?, value) {
            (Some(false), Some(value)) => Err((
                value.referenced,
                format!("'{key}: false' cannot be honoured: {reason}"),
            )),
            _ => Ok(()),
        }
    }

    fn switch(&self, value: &Text) -> Result<Option<bool>, Complaint> {
        let Some(value) = value else { return Ok(None) };
        match self.expand(value)?.to_ascii_lowercase().as_str() {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            other => Err((
                value.referenced,
                format!("{} is neither true nor false", quoted(other)),
            )),
        }
    }
}
