//! Our side: `ratectl`, as a person runs it.

use std::time::{Duration, Instant};

use bollard::Docker;
use e2e::{Bed, Run, visitor};

use crate::error::Error;
use crate::poll::{self, Moments};

/// A command that takes longer hangs.
const LIMIT: Duration = Duration::from_mins(5);

/// A bed whose registry volume keeps the pod's image from round to round.
pub(crate) struct Ours<'a> {
    bed: &'a Bed,
    node_image: &'a str,
}

impl<'a> Ours<'a> {
    /// Makes the cluster once, to put the pod's image into its registry.
    pub(crate) fn prepare(bed: &'a Bed, node_image: &'a str) -> Result<Self, Error> {
        let ours = Self { bed, node_image };
        ours.timed(&ours.create_args())?;
        visitor::push(bed.registry_port());
        ours.timed(&["delete-cluster", bed.cluster()])?;
        Ok(ours)
    }

    /// What the pod's image is called on this side.
    fn pod_image(&self) -> String {
        format!("localhost:{}/visitor:1", self.bed.registry_port())
    }

    /// One create, watched by the poller from its start; and when it returned.
    pub(crate) async fn create(&self, docker: &Docker) -> Result<(Moments, Duration), Error> {
        let args = self.create_args();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let since = Instant::now();
        let process = self.bed.spawn(&args);
        let run = async {
            let ended = tokio::task::spawn_blocking(move || process.end(LIMIT)).await;
            successful(&ended.map_err(Error::cluster)?)
        };
        let (server, image) = (self.bed.server(0), self.pod_image());
        let (returned, moments) = tokio::try_join!(run, poll::usable(docker, &server, &image, since))?;
        Ok((moments, returned))
    }

    /// The same create again.
    pub(crate) fn again(&self) -> Result<Duration, Error> {
        self.timed(&self.create_args())
    }

    /// One of the other verbs.
    pub(crate) fn verb(&self, verb: &str) -> Result<Duration, Error> {
        self.timed(&[verb, self.bed.cluster()])
    }

    fn timed(&self, args: &[impl AsRef<str>]) -> Result<Duration, Error> {
        let args: Vec<&str> = args.iter().map(AsRef::as_ref).collect();
        successful(&self.bed.ratectl(&args))
    }

    fn create_args(&self) -> Vec<String> {
        let port = self.bed.registry_port().to_string();
        let cluster = self.bed.cluster();
        [
            "create-cluster",
            cluster,
            "--registry-port",
            &port,
            "--image",
            self.node_image,
        ]
        .map(str::to_owned)
        .into()
    }
}

/// How long it took, if it did what it should.
fn successful(run: &Run) -> Result<Duration, Error> {
    match run.code {
        0 => Ok(run.took),
        _ => Err(Error::Failed(run.to_string())),
    }
}
