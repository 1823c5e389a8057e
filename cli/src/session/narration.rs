//! What the platform reports, put on the board and into words.

use platform::{
    event::{Event, Output},
    nats_server::NAME,
};
use serde_json::{Map, Value};

use super::line::Line;
use crate::{
    board::{Board, Component, Health},
    commands::installing,
    differences,
    ui::Paint,
};

/// Notes an event on the board; what is worth a line comes back, with `verbose` even what nats-server says when all is
/// well.
pub(super) fn heed(event: Event, board: &Board, verbose: bool) -> Option<Line> {
    match event {
        Event::Line { component, line, .. } if !verbose && component == NAME && is_routine(&line) => None,
        Event::Line {
            component,
            output,
            line,
            omitted_bytes,
        } => Some(log(component, output, line, omitted_bytes)),
        Event::Installing {
            program,
            version,
            command,
        } => status(installing(program, version, command)),
        Event::Installed {
            program,
            version,
            path,
        } => status(format!("{program} {version} is now at {}.", path.display())),
        Event::Stream { difference } => {
            let done = differences::done(&[difference], Paint::new(false));
            (!done.is_empty()).then(|| Line::Status {
                message: done.trim_end().to_owned(),
            })
        }
        Event::Building { component, command } => status(format!(
            "Building {component} with `{}`; this can take minutes.",
            command.join(" ")
        )),
        other => changed(other, board),
    }
}

/// Whether a line of nats-server is of level INF: banner, settings, and every stream it finds.
fn is_routine(line: &str) -> bool {
    line.contains(" [INF] ")
}

/// A component's change of state.
fn changed(event: Event, board: &Board) -> Option<Line> {
    let (component, health, detail, message) = match event {
        Event::Started {
            component, restarts, ..
        } => {
            board.update(&component, |shown| shown.restarts = restarts);
            (component, Health::Starting, None, None)
        }
        Event::Ready {
            component,
            url,
            after_ms,
        } => {
            board.update(&component, |shown| shown.url = url);
            (
                component,
                Health::Ready,
                None,
                Some(format!("after {}", seconds(after_ms))),
            )
        }
        Event::Unready { component, reason } => {
            let was_ready = is(board, &component, Health::Ready);
            let health = if was_ready {
                Health::Unready
            } else {
                Health::Starting
            };
            (component, health, Some(reason.clone()), Some(reason))
        }
        Event::Ended {
            component,
            ending,
            restart_in_ms,
        } => {
            let message = format!("{ending}; starting it again in {}", seconds(restart_in_ms));
            (component, Health::Restarting, Some(ending), Some(message))
        }
        Event::Failed { component, reason } => {
            (component, Health::Failed, Some(reason.clone()), Some(reason))
        }
        Event::Stopped { component } => (component, Health::Stopped, None, None),
        _ => return None,
    };
    board.update(&component, |shown| {
        (shown.health, shown.detail) = (health, detail);
    });
    message.map(|message| Line::Component {
        component,
        health,
        message,
    })
}

fn is(board: &Board, component: &str, health: Health) -> bool {
    let shown = |shown: &Component| shown.name == component && shown.health == health;
    board.status().components.iter().any(shown)
}

fn log(component: String, output: Output, line: String, omitted_bytes: u64) -> Line {
    let stream = match output {
        Output::Stdout => "stdout",
        Output::Stderr => "stderr",
    };
    let line = if omitted_bytes == 0 {
        line
    } else {
        format!("{line} … ({omitted_bytes} bytes more)")
    };
    Line::Log {
        component,
        stream,
        line,
        fields: Map::<String, Value>::new(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "reads as one arm among others")]
fn status(message: String) -> Option<Line> {
    Some(Line::Status { message })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of a start are far below 2^52"
)]
fn seconds(milliseconds: u64) -> String {
    format!("{:.2} s", milliseconds as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> Board {
        Board::new("orders", vec![Component::starting("worker", "process")])
    }

    fn worker() -> String {
        "worker".to_owned()
    }

    #[test]
    fn a_crash_is_told_with_the_time_of_the_next_start() {
        let board = board();
        let ended = Event::Ended {
            component: worker(),
            ending: "exit status 3".to_owned(),
            restart_in_ms: 250,
        };
        let line = heed(ended, &board, false).unwrap();
        let message = "exit status 3; starting it again in 0.25 s".to_owned();
        assert_eq!(
            line,
            Line::Component {
                component: worker(),
                health: Health::Restarting,
                message
            }
        );
        assert_eq!(board.status().components[0].health, Health::Restarting);
    }

    #[test]
    fn a_component_that_becomes_ready_loses_its_old_reason() {
        let board = board();
        heed(
            Event::Failed {
                component: worker(),
                reason: "no such file".to_owned(),
            },
            &board,
            false,
        );
        assert_eq!(
            board.status().components[0].detail.as_deref(),
            Some("no such file")
        );
        heed(
            Event::Ready {
                component: worker(),
                url: None,
                after_ms: 210,
            },
            &board,
            false,
        );
        assert_eq!(board.status().components[0].detail, None);
    }

    #[test]
    fn not_ready_yet_and_not_ready_any_more_are_told_apart() {
        let board = board();
        let unready = || Event::Unready {
            component: worker(),
            reason: "no database".to_owned(),
        };
        heed(unready(), &board, false);
        assert_eq!(board.status().components[0].health, Health::Starting);
        heed(
            Event::Ready {
                component: worker(),
                url: None,
                after_ms: 1,
            },
            &board,
            false,
        );
        heed(unready(), &board, false);
        assert_eq!(board.status().components[0].health, Health::Unready);
    }

    #[test]
    fn the_servers_routine_is_left_out_and_its_warnings_are_not() {
        let said = |line: &str, verbose| {
            let (component, line) = (NAME.to_owned(), line.to_owned());
            let event = Event::Line {
                component,
                output: Output::Stderr,
                line,
                omitted_bytes: 0,
            };
            heed(event, &board(), verbose).is_some()
        };
        assert!(!said(
            "[7] 2026/11/22 04:41:00.725231 [INF] Starting JetStream",
            false
        ));
        assert!(said(
            "[7] 2026/11/22 04:41:00.725231 [INF] Starting JetStream",
            true
        ));
        assert!(said("[7] 2026/11/22 04:41:00.725231 [WRN] low on space", false));
    }

    #[test]
    fn a_line_that_was_cut_says_so() {
        let line = Event::Line {
            component: worker(),
            output: Output::Stdout,
            line: "abc".to_owned(),
            omitted_bytes: 9,
        };
        let Some(Line::Log { line, .. }) = heed(line, &board(), false) else {
            panic!("a log line is expected")
        };
        assert_eq!(line, "abc … (9 bytes more)");
    }
}
