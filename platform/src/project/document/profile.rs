//! The section `profiles:`: places to deploy to.

use super::check::{self, checked, optional, web_url, word};
use super::overlays::Overlays;
use super::streams::{MAKERS, managed_by};
use crate::project::deployment::Profile;
use crate::project::yaml::{Complaint, Ordered, Spanned};

/// A place to deploy to. What it does not say is the program's default, never the value of another profile.
#[derive(Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ProfileDocument {
    /// The kubeconfig context. Default: that of the project's own cluster.
    context: Option<Spanned<String>>,
    /// The URL of the API server, which the context must have. Needed with a `context` of another cluster.
    #[schemars(extend("pattern" = check::URL_PATTERN))]
    server: Option<Spanned<String>>,
    /// The UID of the namespace `kube-system`, which the cluster must have. Default: the one seen at the first contact.
    #[schemars(extend("pattern" = check::UID_PATTERN))]
    uid: Option<Spanned<String>>,
    /// Where images are pushed to. Default: the registry that the cluster says it has (the `ConfigMap` `local-registry-hosting`).
    #[schemars(extend("pattern" = check::REGISTRY_PATTERN))]
    registry: Option<Spanned<String>>,
    /// The registry's name inside the cluster. Default: the same as `registry`.
    #[schemars(extend("pattern" = check::REGISTRY_PATTERN))]
    pull: Option<Spanned<String>>,
    /// Subfolders of manifest folders that are merged into the manifests, in this order. One that no component has is an error.
    #[schemars(extend("items" = check::name_items()))]
    overlays: Option<Vec<Spanned<String>>>,
    /// Whether the profile's name has to be typed, or given with `--confirm`, before anything is changed. Default: `false`.
    protected: Option<bool>,
    /// The Cargo profile of images with `build: cargo`. Default: `release`.
    cargo_profile: Option<Spanned<String>>,
    /// The gateway of this profile.
    gateway: Option<GatewayDocument>,
    /// The streams of this profile.
    streams: Option<ProfileStreams>,
}

/// The gateway.
#[derive(Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GatewayDocument {
    /// The class of gateways, which is an overlay of every component as well.
    #[schemars(extend("pattern" = check::NAME_PATTERN))]
    class: Option<Spanned<String>>,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct ProfileStreams {
    /// Who makes the streams: `nack` or `ratectl`. Default: as the project says.
    #[schemars(extend("enum" = MAKERS))]
    managed_by: Option<Spanned<String>>,
}

impl GatewayDocument {
    pub(super) fn class(&self) -> Result<Option<String>, Complaint> {
        optional(self.class.as_ref(), |text| check::name("a gateway class", text))
    }
}

/// The profiles in the order of the file; one called `dev` if the file has none.
pub(super) fn read_all(
    profiles: Option<Ordered<ProfileDocument>>,
    overlays: &Overlays,
) -> Result<Vec<Profile>, Complaint> {
    let mut read = Vec::new();
    for (name, profile) in profiles.map_or_else(Vec::new, |profiles| profiles.0) {
        let name = checked(&name, |text| check::name("a profile", text))?;
        read.push(profile.unwrap_or_default().read(name, overlays)?);
    }
    if read.is_empty() {
        read.push(Profile {
            name: "dev".to_owned(),
            ..Profile::default()
        });
    }
    Ok(read)
}

impl ProfileDocument {
    fn read(self, name: String, known: &Overlays) -> Result<Profile, Complaint> {
        if let (Some(pull), None) = (&self.pull, &self.registry) {
            let message = "'pull' needs a 'registry', which has another name here".to_owned();
            return Err((pull.referenced, message));
        }
        let mut overlays = Vec::new();
        for overlay in self.overlays.unwrap_or_default() {
            let name = checked(&overlay, |text| check::name("an overlay", text))?;
            if overlays.contains(&name) {
                return Err((overlay.referenced, format!("the overlay '{name}' is there twice")));
            }
            checked(&overlay, |text| known.check(text))?;
            overlays.push(name);
        }
        let streams_by = self.streams.and_then(|streams| streams.managed_by);
        Ok(Profile {
            name,
            context: optional(self.context.as_ref(), |text| word("a context", text))?,
            server: optional(self.server.as_ref(), web_url)?,
            uid: optional(self.uid.as_ref(), check::uid)?,
            registry: optional(self.registry.as_ref(), check::registry)?,
            pull: optional(self.pull.as_ref(), check::registry)?,
            overlays,
            protected: self.protected.unwrap_or(false),
            cargo_profile: optional(self.cargo_profile.as_ref(), |text| word("a Cargo profile", text))?,
            gateway_class: self.gateway.unwrap_or_default().class()?,
            streams_by: streams_by.as_ref().map(managed_by).transpose()?,
        })
    }
}
