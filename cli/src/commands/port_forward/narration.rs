//! What happens to forwards, told so that one can follow it: a pod that is missing for a moment only is no news.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use platform::forward::Event;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::ui::{Output, Paint, Report, Ui, plain_line};

/// How long no pod must be ready, for the same reason, until it is told.
const PATIENCE: Duration = Duration::from_millis(400);

/// Tells events.
pub(super) struct Narration<'a> {
    ui: &'a Ui,
    /// Reasons that have not been told yet.
    pending: BTreeMap<Arc<str>, (String, Instant)>,
}

/// An event of one forward, for programs.
#[derive(Serialize)]
struct Told<'a> {
    forward: &'a str,
    #[serde(flatten)]
    event: &'a Event,
}

impl Report for Told<'_> {
    fn text(&self, _paint: Paint) -> String {
        String::new()
    }
}

impl<'a> Narration<'a> {
    pub(super) fn new(ui: &'a Ui) -> Self {
        Self {
            ui,
            pending: BTreeMap::new(),
        }
    }

    /// Tells everything until nothing can happen any more.
    pub(super) async fn tell(mut self, happened: &mut mpsc::UnboundedReceiver<(Arc<str>, Event)>) {
        loop {
            let next = self.pending.values().map(|(_, at)| *at).min();
            let patience = async {
                match next {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                event = happened.recv() => match event {
                    Some((forward, event)) => self.take(forward, event),
                    None => return,
                },
                () = patience => self.tell_pending(),
            }
        }
    }

    fn take(&mut self, forward: Arc<str>, event: Event) {
        if self.ui.output() == Output::Json {
            let forward = &forward;
            return self.ui.event(&Told {
                forward,
                event: &event,
            });
        }
        if let Event::Waiting { reason } = event {
            self.pending.insert(forward, (reason, Instant::now() + PATIENCE));
            return;
        }
        self.pending.remove(&forward);
        if let Some(sentence) = sentence(&forward, &event, self.ui.verbose() > 0) {
            self.ui.status(sentence);
        }
    }

    fn tell_pending(&mut self) {
        let now = Instant::now();
        let ui = self.ui;
        self.pending.retain(|forward, (reason, at)| {
            if *at <= now {
                let reason = plain_line(reason);
                ui.status(format!("{forward}: no pod is ready, connections wait: {reason}"));
            }
            *at > now
        });
    }
}

/// An event for people; `None` for what only few want to know.
fn sentence(forward: &str, event: &Event, verbose: bool) -> Option<String> {
    let seconds = |milliseconds: u64| {
        let tenths = milliseconds / 100;
        format!("{}.{} s", tenths / 10, tenths % 10)
    };
    Some(match event {
        Event::Waiting { .. } => return None,
        Event::Serving {
            pod,
            previous: None,
            gap_ms,
        } => {
            if !verbose && *gap_ms == 0 {
                return None;
            }
            format!("{forward}: pod {} is ready", plain_line(pod))
        }
        Event::Serving { pod, gap_ms: 0, .. } => {
            format!("{forward}: new connections go to pod {}", plain_line(pod))
        }
        Event::Serving { pod, gap_ms, .. } => format!(
            "{forward}: new connections go to pod {}, after {} without one",
            plain_line(pod),
            seconds(*gap_ms)
        ),
        Event::GivenUp { reason, after_ms } => format!(
            "{forward}: gave a connection up after {}: {}",
            seconds(*after_ms),
            plain_line(reason)
        ),
        Event::Broken { pod, reason } => {
            let (pod, reason) = (plain_line(pod), plain_line(reason));
            format!("{forward}: a connection to pod {pod} broke off: {reason}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_is_told_with_the_time_without_a_pod() {
        let serving = |previous: Option<&str>, gap_ms| Event::Serving {
            pod: "b".to_owned(),
            previous: previous.map(str::to_owned),
            gap_ms,
        };
        assert_eq!(sentence("n/web:80", &serving(None, 0), false), None);
        assert_eq!(
            sentence("n/web:80", &serving(Some("a"), 0), false).unwrap(),
            "n/web:80: new connections go to pod b"
        );
        assert_eq!(
            sentence("n/web:80", &serving(Some("a"), 2651), false).unwrap(),
            "n/web:80: new connections go to pod b, after 2.6 s without one"
        );
    }

    #[test]
    fn a_name_cannot_act_on_the_terminal() {
        let event = Event::Broken {
            pod: "a\u{1b}[2J".to_owned(),
            reason: "x\ny".to_owned(),
        };
        assert_eq!(
            sentence("n/web:80", &event, false).unwrap(),
            "n/web:80: a connection to pod a broke off: x\\u{a}y"
        );
    }
}
