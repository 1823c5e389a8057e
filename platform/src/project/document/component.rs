//! One entry of `components:`.

use std::path::Path;

use serde_saphyr::Location;

use super::check::{self, checked, duration, optional, pinned_url, sha256, word};
use super::dev::{self, ComponentDev};
use super::image::{self, ImageDocument};
use crate::cluster::spec::quoted;
use crate::project::Component;
use crate::project::deployment::{Chart, Deployment, Download};
use crate::project::yaml::{Complaint, Spanned};

/// One part of the system.
#[derive(Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ComponentDocument {
    /// Other names that people may type for it.
    #[schemars(extend("items" = check::name_items()))]
    pub(super) aliases: Option<Vec<Spanned<String>>>,
    /// How `ratectl dev` runs it.
    dev: Option<Spanned<ComponentDev>>,
    /// The folder of its manifests. Its `*.yaml` files are what `kubectl apply -f` takes; each subfolder is an overlay of that name.
    manifests: Option<Spanned<String>>,
    /// Manifests that lie elsewhere, each known by its SHA-256.
    downloads: Option<Vec<DownloadDocument>>,
    /// Helm charts whose objects belong to it; `helm template` renders them.
    charts: Option<Vec<Spanned<ChartDocument>>>,
    /// The namespace of objects that name none. Default: `default`.
    #[schemars(extend("pattern" = check::NAME_PATTERN))]
    namespace: Option<Spanned<String>>,
    /// The image that is built for it.
    image: Option<Spanned<ImageDocument>>,
    /// Components that must run before it.
    #[schemars(extend("items" = check::name_items()))]
    pub(super) needs: Option<Vec<Spanned<String>>>,
    /// How long its rollout may take, such as `5m`.
    #[schemars(extend("pattern" = check::DURATION_PATTERN))]
    wait: Option<Spanned<String>>,
    /// It is the controller that makes the streams, and is left out where `streams.managedBy` is `ratectl`. Default: `false`.
    manages_streams: Option<bool>,
}

/// A file of manifests.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct DownloadDocument {
    /// Its address; never one that moves, such as that of a latest release.
    #[schemars(extend("pattern" = check::URL_PATTERN))]
    url: Spanned<String>,
    /// Its SHA-256, 64 hexadecimal digits.
    #[schemars(extend("pattern" = check::SHA256_PATTERN))]
    sha256: Spanned<String>,
    /// The overlay it belongs to. Default: it is always applied.
    #[schemars(extend("pattern" = check::NAME_PATTERN))]
    overlay: Option<Spanned<String>>,
}

/// A Helm chart.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChartDocument {
    /// The name of the release.
    #[schemars(extend("pattern" = check::NAME_PATTERN))]
    name: Spanned<String>,
    /// `oci://…`, the `https://` address of an archive, or a folder.
    chart: Spanned<String>,
    /// The exact version; needed with `oci://`.
    version: Option<Spanned<String>>,
    /// The SHA-256 of the chart's archive, 64 hexadecimal digits; needed with `https://`. With `oci://` the version alone says which
    /// one it is if this is missing.
    #[schemars(extend("pattern" = check::SHA256_PATTERN))]
    sha256: Option<Spanned<String>>,
    /// The namespace it is rendered for. Default: the component's.
    #[schemars(extend("pattern" = check::NAME_PATTERN))]
    namespace: Option<Spanned<String>>,
    /// Files of values, the last one the strongest.
    values: Option<Vec<Spanned<String>>>,
    /// The overlay it belongs to. Default: it is always applied.
    #[schemars(extend("pattern" = check::NAME_PATTERN))]
    overlay: Option<Spanned<String>>,
}

impl ComponentDocument {
    /// The component, but for what it needs.
    pub(super) fn read(self, root: &Path, name: String) -> Result<Component, Complaint> {
        let has_deployment = self.has_deployment();
        let dev = self.dev.map(|dev| dev::read(root, dev)).transpose()?;
        let downloads = self.downloads.iter().flatten().map(download);
        let charts = self
            .charts
            .iter()
            .flatten()
            .map(|chart| chart.value.read(root, chart.referenced));
        let deployment = Deployment {
            manifests: self.manifests.map(|folder| root.join(folder.value)),
            downloads: downloads.collect::<Result<_, _>>()?,
            charts: charts.collect::<Result<_, _>>()?,
            namespace: optional(self.namespace.as_ref(), namespace)?,
            image: self.image.map(|image| image::read(root, image)).transpose()?,
            needs: Vec::new(),
            wait: optional(self.wait.as_ref(), duration)?,
            manages_streams: self.manages_streams.unwrap_or(false),
        };
        Ok(Component {
            name,
            aliases: Vec::new(),
            dev,
            deployment: has_deployment.then_some(deployment),
        })
    }

    /// Whether it says anything about a cluster.
    pub(super) fn has_deployment(&self) -> bool {
        self.manifests.is_some()
            || self.downloads.is_some()
            || self.charts.is_some()
            || self.namespace.is_some()
            || self.image.is_some()
            || self.needs.is_some()
            || self.wait.is_some()
            || self.manages_streams.is_some()
    }
}

fn namespace(text: &str) -> Result<String, crate::cluster::spec::Invalid> {
    check::name("a namespace", text)
}

fn overlay(text: Option<&Spanned<String>>) -> Result<Option<String>, Complaint> {
    optional(text, |text| check::name("an overlay", text))
}

fn download(document: &DownloadDocument) -> Result<Download, Complaint> {
    Ok(Download {
        url: checked(&document.url, pinned_url)?,
        sha256: checked(&document.sha256, sha256)?,
        overlay: overlay(document.overlay.as_ref())?,
    })
}

impl ChartDocument {
    fn read(&self, root: &Path, place: Location) -> Result<Chart, Complaint> {
        let chart = checked(&self.chart, |text| word("a chart", text))?;
        let oci = chart.starts_with("oci://");
        let archive = oci || chart.contains("://");
        if archive && !oci && self.sha256.is_none() {
            let message = "the chart needs the 'sha256' of its archive".to_owned();
            return Err((place, message));
        }
        if oci && self.version.is_none() {
            return Err((place, "a chart of oci:// needs a 'version'".to_owned()));
        }
        let foreign = [
            ("version", self.version.as_ref(), oci),
            ("sha256", self.sha256.as_ref(), archive),
        ];
        if let Some((key, Some(value), _)) = foreign
            .into_iter()
            .find(|(_, value, fits)| value.is_some() && !fits)
        {
            let message = format!("'{key}' has no meaning for the chart {}", quoted(&chart));
            return Err((value.referenced, message));
        }
        if archive && !oci {
            checked(&self.chart, pinned_url)?;
        }
        let values = self.values.iter().flatten();
        Ok(Chart {
            name: checked(&self.name, |text| check::name("a release", text))?,
            chart: if archive {
                chart
            } else {
                root.join(chart).to_string_lossy().into_owned()
            },
            version: optional(self.version.as_ref(), |text| word("a version", text))?,
            sha256: optional(self.sha256.as_ref(), sha256)?,
            namespace: optional(self.namespace.as_ref(), namespace)?,
            values: values.map(|file| root.join(&file.value)).collect(),
            overlay: overlay(self.overlay.as_ref())?,
        })
    }
}
