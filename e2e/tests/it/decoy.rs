//! What must not be touched: objects and kubeconfig entries with names close to the cluster's.

use e2e::Bed;

use crate::listing::{self, Listing};

/// Made beside a cluster; looked at again at the end.
pub(crate) struct Decoys {
    names: Vec<String>,
    listing: Listing,
}

/// A person's kubeconfig: another cluster in use, names like ours, fields we know nothing of.
pub(crate) fn kubeconfig(bed: &Bed) -> String {
    let name = bed.cluster();
    format!(
        "\
apiVersion: v1
kind: Config
preferences: {{colors: true}}
x-unknown: kept
clusters:
- name: prod
  cluster: {{server: 'https://prod.example:6443', x-also: kept}}
- name: k3d-{name}x
  cluster: {{server: 'https://127.0.0.1:1'}}
- name: {name}
  cluster: {{server: 'https://127.0.0.1:2'}}
contexts:
- name: prod
  context: {{cluster: prod, user: boss, namespace: shop}}
- name: k3d-{name}x
  context: {{cluster: k3d-{name}x, user: admin@k3d-{name}x}}
current-context: prod
users:
- name: boss
  user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, command: login, interactiveMode: Never}}}}
- name: admin@k3d-{name}x
  user: {{token: abc}}
"
    )
}

impl Decoys {
    /// Containers, networks and volumes of other clusters, of nobody, and with names like this bed's.
    pub(crate) fn make(bed: &Bed) -> Self {
        let name = bed.cluster();
        let label = format!("--label={}", bed.label());
        let other = format!("--label=k3d.cluster={name}x");
        let container = format!("k3d-{name}x-server-0");
        let plain = format!("k3d-{name}-server-00");
        let network = format!("k3d-{name}x");
        let volume = format!("k3d-{name}x-images");
        let stray = format!("k3d-{name}-imagesx");
        let mounted = format!("--volume={volume}:/data");
        let k3d = ["--label=app=k3d", "--label=k3d.role=server", &other];
        let steps: [&[&str]; 5] = [
            &["network", "create", &label, "--label=app=k3d", &network],
            &["volume", "create", &label, "--label=app=k3d", &other, &volume],
            &["volume", "create", &label, &stray],
            &[
                &[
                    "run",
                    "-d",
                    &label,
                    "--name",
                    &container,
                    "--network",
                    &network,
                    &mounted,
                ],
                &k3d[..],
                &["registry:3"],
            ]
            .concat(),
            &["run", "-d", &label, "--name", &plain, "registry:3"],
        ];
        for step in steps {
            bed.docker(step).succeeded();
        }
        let mut decoys = Self {
            names: vec![container, plain, network, volume, stray],
            listing: Listing::new(),
        };
        decoys.listing = decoys.look(bed);
        decoys
    }

    /// They are as they were.
    #[track_caller]
    pub(crate) fn are_untouched(&self, bed: &Bed) {
        assert_eq!(self.look(bed), self.listing);
    }

    /// Without the decoys: what of a listing is the cluster's.
    pub(crate) fn taken_out_of(&self, mut listing: Listing) -> Listing {
        listing.retain(|key, _| !self.listing.contains_key(key));
        listing
    }

    fn look(&self, bed: &Bed) -> Listing {
        self.names
            .iter()
            .flat_map(|name| listing::of(bed, name))
            .collect()
    }
}
