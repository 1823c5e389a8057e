//! The registry answers, asked from this machine and from inside a node.

use std::time::Duration;

use super::{RegistryTarget, Target};
use crate::cluster::Error;
use crate::cluster::context::Context;
use crate::cluster::spec::REGISTRY_INTERNAL_PORT;
use crate::cluster::steps::Running;
use crate::docker::exec;
use crate::event::{Outcome, Step, StepKind};
use crate::kubernetes::RegistryHosting;
use crate::supervise::{HttpProbe, Probe as _};

/// For each of the two.
const LIMIT: Duration = Duration::from_mins(1);
/// For one question.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Between two questions.
const POLL: Duration = Duration::from_millis(100);
/// Asks for `$1`, a host name, at port `$2` with what the node has: a program, or bash's own connections.
const ASK: &str = r#"
if command -v wget > /dev/null; then exec wget -q -T 5 -O /dev/null "http://$1:$2/v2/"; fi
if command -v curl > /dev/null; then exec curl -sf -m 5 -o /dev/null "http://$1:$2/v2/"; fi
exec 3<> "/dev/tcp/$1/$2" && printf 'GET /v2/ HTTP/1.0\r\nHost: %s:%s\r\n\r\n' "$1" "$2" >&3 && read -r version code rest <&3 &&
  { [ "$code" = 200 ] || { echo "it answers $code" >&2; exit 1; }; }
"#;

impl RegistryTarget {
    /// What other tools are told (KEP-1755). Images have the same name everywhere.
    pub(super) fn hosting(&self) -> RegistryHosting {
        RegistryHosting {
            host: Some(self.push.clone()),
            host_from_container_runtime: Some(self.push.clone()),
            host_from_cluster_network: Some(format!("{}:{REGISTRY_INTERNAL_PORT}", self.name)),
            help: None,
        }
    }
}

pub(super) async fn from_host(cx: &Context<'_>, registry: &RegistryTarget) -> Result<(), Error> {
    let step = Step::new(StepKind::RegistryFromHost, registry.push.clone());
    let failed = |cause: String| Error::Step {
        step: step.clone(),
        cause,
        log: Vec::new(),
        source: None,
    };
    let mut probe = HttpProbe::new(&format!("http://{}/v2/", registry.bound)).map_err(failed)?;
    let work = async |running: &Running| loop {
        match tokio::time::timeout(ANSWER_WITHIN, probe.ask()).await {
            Ok(Ok(_)) => return Ok((Outcome::Verified, ())),
            Ok(Err(reason)) => running.waiting(reason),
            Err(_) => running.waiting("it does not answer"),
        }
        tokio::time::sleep(POLL).await;
    };
    cx.steps.run(step.clone(), LIMIT, work).await
}

pub(super) async fn from_node(cx: &Context<'_>, target: &Target) -> Result<(), Error> {
    let Some(registry) = &target.registry else {
        return Ok(());
    };
    let port = REGISTRY_INTERNAL_PORT.to_string();
    let step = Step::new(StepKind::RegistryFromNode, format!("{}:{port}", registry.name));
    let command = ["/bin/sh", "-c", ASK, "sh", &registry.name, &port];
    let work = async |running: &Running| loop {
        let output = exec::run(cx.engine(), &target.server.id, &command, 2 * ANSWER_WITHIN).await?;
        if output.code == 0 {
            return Ok((Outcome::Verified, ()));
        }
        let said = output.stderr.lines().last().map(crate::plain_line::plain_line);
        running.waiting(said.unwrap_or_else(|| format!("exit code {}", output.code)));
        tokio::time::sleep(POLL).await;
    };
    cx.steps.run(step, LIMIT, work).await
}
