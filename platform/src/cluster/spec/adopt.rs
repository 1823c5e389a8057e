//! One wish in the words of another that means the same.

use super::differences::same_image;
use super::{RegistrySpec, Spec};

/// Ports of this machine that were picked for a cluster that left them open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Picked {
    /// That of the API server.
    pub api: Option<u16>,
    /// That of the registry.
    pub registry: Option<u16>,
}

impl Spec {
    /// This wish, said as `is` says it wherever that means the same, so that what was made from `is` fits: any free port is the
    /// one that is there, and the port that was picked is as good as named.
    #[must_use]
    pub fn adopting(mut self, is: &Self, picked: Picked) -> Self {
        adopt_port(&mut self.api.port, is.api.port, picked.api);
        adopt_image(&mut self.image, &is.image);
        if let (Some(wanted), Some(is)) = (&mut self.registry, &is.registry) {
            adopt_registry(wanted, is, picked.registry);
        }
        self
    }
}

fn adopt_registry(wanted: &mut RegistrySpec, is: &RegistrySpec, picked: Option<u16>) {
    adopt_port(&mut wanted.port, is.port, picked);
    adopt_image(&mut wanted.image, &is.image);
}

fn adopt_port(wanted: &mut Option<u16>, is: Option<u16>, picked: Option<u16>) {
    let fits = match (*wanted, is) {
        (None, _) => true,
        (Some(_), None) => *wanted == picked,
        (Some(_), Some(_)) => false,
    };
    if fits {
        *wanted = is;
    }
}

fn adopt_image(wanted: &mut String, is: &str) {
    if same_image(wanted, is) {
        is.clone_into(wanted);
    }
}
