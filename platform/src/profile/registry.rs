//! Where a profile's images go.

use super::Error;
use super::own::{is_here, is_loopback};
use crate::kubernetes::Cluster;
use crate::project::Project;
use crate::project::deployment::Profile;

/// A registry by both its names, each with a port or a path if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Registry {
    /// To push to from this machine.
    pub(super) push: String,
    /// In the image names of pods.
    pub(super) pull: String,
}

/// The registry that the profile names, or else the one that the cluster says it has; `None` if neither does.
pub(super) async fn find(
    project: &Project,
    profile: &Profile,
    server: &str,
    cluster: &Cluster,
) -> Result<Option<Registry>, Error> {
    if let Some(push) = &profile.registry {
        let pull = profile.pull.clone().unwrap_or_else(|| push.clone());
        return Ok(Some(Registry {
            push: push.clone(),
            pull,
        }));
    }
    let hosting = cluster.read_hosting().await?.unwrap_or_default();
    let Some(push) = hosting.host else { return Ok(None) };
    let registry = Registry {
        pull: hosting
            .host_from_container_runtime
            .unwrap_or_else(|| push.clone()),
        push,
    };
    check(project, profile, server, &registry)?;
    Ok(Some(registry))
}

/// What a cluster says of itself must not lead to the registry of another.
fn check(project: &Project, profile: &Profile, server: &str, registry: &Registry) -> Result<(), Error> {
    let refuse = |why: String| {
        Err(Error::OtherRegistry {
            profile: profile.name.clone(),
            registry: registry.push.clone(),
            why,
        })
    };
    let host = |registry: &str| {
        registry
            .split('/')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    let pushed = host(&registry.push);
    let others = project.profiles.iter().filter(|other| other.name != profile.name);
    for other in others {
        let names = [&other.registry, &other.pull].into_iter().flatten();
        if names.into_iter().any(|name| host(name) == pushed) {
            return refuse(format!("which is the registry of profile {}", other.name));
        }
    }
    let name = pushed.rsplit_once(':').map_or(pushed.as_str(), |(name, _)| name);
    if is_loopback(name) && !is_here(server) {
        return refuse(format!(
            "which is on this machine, and the cluster is at {server}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("localhost:5000", "https://127.0.0.1:6443" => None; "both on this machine")]
    #[test_case("localhost:5000", "https://prod.example" => Some("which is on this machine, and the cluster is at https://prod.example".into()); "a registry of this machine for another")]
    #[test_case("registry.example", "https://127.0.0.1:6443" => Some("which is the registry of profile prod".into()); "that of another profile")]
    #[test_case("cache.example:5000", "https://prod.example" => None; "elsewhere")]
    fn a_cluster_cannot_name_a_registry_that_is_not_its_own(push: &str, server: &str) -> Option<String> {
        let mut project = Project::default();
        project.profiles.push(Profile {
            name: "prod".to_owned(),
            registry: Some("registry.example/team".to_owned()),
            ..Profile::default()
        });
        let registry = Registry {
            push: push.to_owned(),
            pull: push.to_owned(),
        };
        match check(&project, &Profile::default(), server, &registry) {
            Err(Error::OtherRegistry { why, .. }) => Some(why),
            _ => None,
        }
    }
}
