//! Progress for a log: a line when a step ends, and one now and then about a step that keeps everybody waiting.

use std::time::Duration;

use platform::event::Event;

use super::{
    Rendering,
    folded::Folded,
    steps::{Doing, Ending, Live, Steps},
    words,
};
use crate::ui::{Ui, plain_line};

/// A step is nothing to talk about before it has lasted this long, and again after each such span if there is news.
const PATIENCE: Duration = Duration::from_secs(5);
/// Without news it is mentioned at least this often, so that a log does not look dead.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// Writes lines.
pub(super) struct Plain {
    ui: Ui,
    steps: Steps,
    /// Where a CI system folds what a component's build says, lines wait for its end.
    folded: Option<Folded>,
}

impl Plain {
    /// Lines written through `ui`.
    pub(super) fn new(ui: Ui) -> Self {
        Plain {
            folded: ui.host().map(|_| Folded::default()),
            ui,
            steps: Steps::default(),
        }
    }

    /// Writes the groups that are complete.
    fn unfold(&mut self, complete: impl FnOnce(&mut Folded) -> Vec<(String, Vec<String>)>) {
        let groups = self.folded.as_mut().map(complete);
        for (title, lines) in groups.into_iter().flatten() {
            self.ui.group(&title, &lines);
        }
    }

    /// Mentions the steps that are due.
    fn mention(&mut self, at: Duration) {
        for live in self.steps.all_mut() {
            let words = words::doing(&live.step, &live.doing);
            if !is_due(live, &words, at) {
                continue;
            }
            let lasted = words::time(at.saturating_sub(live.began));
            self.ui.status(match live.doing {
                Doing::Moving { .. } => format!("{words} after {lasted}"),
                Doing::Working | Doing::Waiting(_) => format!("waiting for {lasted}: {words}"),
            });
            live.told = Some((at, words));
        }
    }
}

/// Whether it is time to say `words` about a step.
fn is_due(live: &Live, words: &str, at: Duration) -> bool {
    match &live.told {
        None => at.saturating_sub(live.began) >= PATIENCE,
        Some((told_at, told)) => {
            let silent = at.saturating_sub(*told_at);
            silent >= HEARTBEAT || (told != words && silent >= PATIENCE)
        }
    }
}

impl Rendering for Plain {
    fn event(&mut self, event: Event, at: Duration) {
        match event {
            Event::Step { step, state } => {
                if let Some(ended) = self.steps.heed(step, state, at) {
                    self.unfold(|folded| folded.end_of(&ended.step));
                    let words = words::ended(&ended.step, &ended.ending);
                    let took = words::time(ended.took);
                    self.ui.status(match ended.ending {
                        Ending::Done(_) => format!("{words} ({took})"),
                        Ending::Failed(_) | Ending::Cancelled => format!("{words} (after {took})"),
                    });
                }
            }
            Event::Line { component, line, .. } => {
                let line = plain_line(&line);
                match &mut self.folded {
                    Some(folded) => folded.add(component, line),
                    None => self.ui.status(format!("{component} | {line}")),
                }
            }
            // Not of operations that are shown here.
            _ => {}
        }
    }

    fn notice(&mut self, words: &str) {
        self.ui.status(words);
    }

    fn tick(&mut self, at: Duration) {
        self.mention(at);
    }

    fn end(&mut self) {
        self.unfold(Folded::rest);
    }
}
