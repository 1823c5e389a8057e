//! What can be done with the row that is selected.

use snapshot::{
    ConsumerKey,
    report::{ConsumerRow, PodRow, Report, StreamRow},
};

use super::{
    App,
    item::{Item, Logs, Target, Workload},
};
use crate::top::{keys::Screen, screen};

/// What the subjects of dead letters begin with.
const DEAD: &str = "dead.";

/// All of it, what concerns the row itself first.
pub(super) fn items(app: &App, report: &Report) -> Vec<Item> {
    let mut items = Vec::new();
    match app.screen {
        Screen::Streams if app.opened.is_none() => items.extend(of_stream(app, report)),
        Screen::Pods if app.opened.is_none() => {}
        _ => items.extend(consumer(app, report).into_iter().flat_map(of_consumer)),
    }
    items.extend(pod(app, report).into_iter().flat_map(|pod| of_pod(pod, report)));
    items.extend(app.forwards.iter().cloned().map(Item::EndForward));
    items
}

/// The logs of the row's pod.
pub(super) fn logs(app: &App, report: &Report) -> Option<Logs> {
    let pod = pod(app, report)?;
    Some(Logs {
        component: pod.component.clone()?,
        pod: pod.pod.clone(),
        previous: false,
    })
}

fn selected_key(app: &App, report: &Report) -> Option<String> {
    let keys = screen::keys(app, report);
    keys.get(app.view().place_of_key(&keys)).cloned()
}

fn consumer<'a>(app: &App, report: &'a Report) -> Option<&'a ConsumerRow> {
    let key = app.opened.clone().or_else(|| match screen::opened(app, report) {
        Some(screen::Opened::Consumer(key)) => Some(key),
        _ => None,
    })?;
    let ConsumerKey {
        account,
        stream,
        consumer,
    } = &key;
    let is_it =
        |row: &&ConsumerRow| (&row.account, &row.stream, &row.consumer) == (account, stream, consumer);
    report.consumers.iter().find(is_it)
}

/// The pod that the row is, or that the row's worker is in, or one of those that work on the row's consumer: the worst of them.
fn pod<'a>(app: &App, report: &'a Report) -> Option<&'a PodRow> {
    let pods = report.pods.iter();
    if app.opened.is_none() {
        let key = selected_key(app, report)?;
        match app.screen {
            Screen::Pods => return pods.into_iter().find(|pod| screen::pod_key(pod) == key),
            Screen::Workers => {
                return pods
                    .into_iter()
                    .find(|pod| pod.worker.as_deref() == Some(key.as_str()));
            }
            _ => {}
        }
    }
    let row = consumer(app, report)?;
    let works = |pod: &&PodRow| {
        pod.worker
            .as_ref()
            .is_some_and(|worker| row.workers.contains(worker))
    };
    pods.filter(works).max_by_key(|pod| pod.severity)
}

fn of_stream(app: &App, report: &Report) -> Vec<Item> {
    let selected = selected_key(app, report);
    // Another account's cannot be changed from here.
    let row = report
        .streams
        .iter()
        .find(|row| selected.as_ref() == Some(&screen::stream_key(row)) && row.account.is_none());
    let Some((row, raw)) = row.and_then(|row| Some((row, row.raw.as_ref()?))) else {
        return Vec::new();
    };
    let mut items = Vec::new();
    if has_dead_letters(row) {
        items.push(Item::SendAgain {
            stream: row.stream.clone(),
            messages: raw.messages,
            sequences: Vec::new(),
        });
    }
    items.push(Item::Purge {
        stream: row.stream.clone(),
        messages: raw.messages,
    });
    items
}

fn has_dead_letters(row: &StreamRow) -> bool {
    let raw = row.raw.as_ref();
    raw.is_some_and(|raw| {
        raw.messages > 0
            && !raw.subjects.is_empty()
            && raw.subjects.iter().all(|subject| subject.starts_with(DEAD))
    })
}

fn of_consumer(row: &ConsumerRow) -> Vec<Item> {
    // Another account's cannot be changed from here.
    if row.account.is_some() {
        return Vec::new();
    }
    let target = Target {
        stream: row.stream.clone(),
        consumer: row.consumer.clone(),
    };
    let paused = row.raw.as_ref().is_some_and(|raw| raw.paused);
    let turn = if paused { Item::Resume } else { Item::Pause };
    vec![turn(target.clone()), Item::DeleteConsumer(target)]
}

/// What has pods and a number of them, and belongs to a component of the project, can be dealt with as a whole.
fn of_pod(pod: &PodRow, report: &Report) -> Vec<Item> {
    let Some(component) = &pod.component else {
        return Vec::new();
    };
    let logs = |previous| {
        Item::Logs(Logs {
            component: component.clone(),
            pod: pod.pod.clone(),
            previous,
        })
    };
    let mut items = vec![logs(false)];
    if pod.restarts > 0 {
        items.push(logs(true));
    }
    items.push(Item::Restart(component.clone()));
    let scaled = pod
        .owner
        .as_ref()
        .filter(|owner| matches!(owner.kind.as_str(), "Deployment" | "StatefulSet"));
    if let Some(owner) = scaled {
        let same = |other: &&PodRow| other.namespace == pod.namespace && other.owner.as_ref() == Some(owner);
        let running = |other: &&PodRow| other.status != "Terminating";
        let count = report.pods.iter().filter(same).filter(running).count();
        let from = u32::try_from(count).unwrap_or(u32::MAX);
        let workload = Workload {
            kind: owner.kind.clone(),
            namespace: pod.namespace.clone(),
            name: owner.name.clone(),
        };
        items.push(Item::Scale {
            component: component.clone(),
            workload,
            from,
            to: from.saturating_add(1),
        });
    }
    items.push(Item::Forward(component.clone()));
    items
}
