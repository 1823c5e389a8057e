//! What has been logged up to now: the logs of all containers, merged in time order.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::Timestamp;
use tokio::sync::mpsc;

use super::container::{self, Container};
use super::item::Line;
use super::lines::{Lines, Part};
use super::{Item, Options, Pods};
use crate::kubernetes::Cluster;
use crate::kubernetes::error::brief;

/// Lines of a crashed container that are shown before those of the one that runs now.
pub(super) const OF_A_CRASH: u32 = 20;
/// How long ago a crash may be whose log is shown unasked, in seconds.
pub(super) const LATELY: i64 = 600;

/// Up to when each container's log has been read, and of which container it was.
pub(super) type Seen = BTreeMap<Container, (Option<String>, Option<Timestamp>)>;

/// One log among several.
struct Log {
    lines: Lines,
    head: Option<Line>,
}

/// Sends everything there is.
pub(super) async fn read(
    cluster: &Cluster,
    pods: &[(&Pods, Pod)],
    options: &Options,
    reader: &mpsc::Sender<Item>,
) -> Seen {
    let containers = pods.iter().flat_map(|(pods, pod)| {
        let all = Container::all(pods, pod).into_iter();
        all.map(|container| (container.state(pod), container))
    });
    let mut seen = Seen::new();
    let mut opening = Vec::new();
    for (state, container) in containers {
        if options.previous {
            opening.push(open(
                cluster,
                container,
                previous(options.tail),
                options,
                reader,
                None,
            ));
            continue;
        }
        // Of one that has crashed again the last crash tells enough.
        let crash = state.crashed_lately(LATELY).filter(|_| state.running);
        if let Some(crash) = crash.map(container::words) {
            let part = previous(options.tail.or(Some(OF_A_CRASH)));
            opening.push(open(
                cluster,
                container.clone(),
                part,
                options,
                reader,
                Some(crash),
            ));
        }
        if state.has_log() {
            let part = Part {
                tail: options.tail,
                ..Part::default()
            };
            let crash = state.ended.as_ref().filter(|ended| ended.exit_code != 0);
            let crash = crash.map(container::words);
            opening.push(open(cluster, container.clone(), part, options, reader, crash));
            seen.insert(container, (state.id, None));
        }
    }
    let logs = join_all(opening).await.into_iter().flatten().collect();
    merge(logs, &mut seen, reader).await;
    seen
}

fn previous(tail: Option<u32>) -> Part {
    Part {
        previous: true,
        tail,
        ..Part::default()
    }
}

/// Opens one log; `crash` is how its container has crashed.
async fn open(
    cluster: &Cluster,
    container: Container,
    part: Part,
    options: &Options,
    reader: &mpsc::Sender<Item>,
    crash: Option<String>,
) -> Option<Log> {
    let opened = Lines::open(cluster, &container, part, options).await;
    let message = match (&opened, crash) {
        (Err(kube::Error::Api(status)), _) if part.previous && status.code == 400 => {
            Some("has not run before".to_owned())
        }
        (Err(error), _) => Some(format!("its log cannot be read: {}", brief(error))),
        (Ok(_), Some(crash)) if part.previous => Some(format!("{crash} and was started again")),
        (Ok(_), Some(crash)) => Some(crash),
        (Ok(_), None) => None,
    };
    // Without a reader everything ends at the first line.
    if let Some(message) = message.filter(|_| options.id.is_none()) {
        drop(reader.send(container.notice(message)).await);
    }
    let mut lines = opened.ok()?;
    let head = lines.next().await;
    if head.as_ref().is_some_and(is_gone) {
        drop(
            reader
                .send(container.notice("its log is not kept any more".to_owned()))
                .await,
        );
        return None;
    }
    Some(Log { lines, head })
}

/// Whether the only line is kubelet's own, which stands there instead of a log that it has removed.
fn is_gone(line: &Line) -> bool {
    line.time.is_none() && line.line.starts_with("unable to retrieve container logs for ")
}

/// Sends the lines of all logs, the oldest first. Each log is in order by itself; only one line of each is held.
async fn merge(mut logs: Vec<Log>, seen: &mut Seen, reader: &mpsc::Sender<Item>) {
    loop {
        logs.retain(|log| log.head.is_some());
        let oldest = logs
            .iter_mut()
            .min_by_key(|log| log.head.as_ref().and_then(|line| line.time));
        let Some(log) = oldest else { return };
        let Some(line) = log.head.take() else { return };
        if let Some((_, until)) = seen.get_mut(log.lines.container()).filter(|_| !line.previous) {
            *until = line.time.or(*until);
        }
        if reader.send(line.into()).await.is_err() {
            return;
        }
        log.head = log.lines.next().await;
    }
}
