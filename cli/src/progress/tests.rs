//! The three renderings of the same events.

use std::io::{self, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use platform::event::{Event, Outcome, Step, StepKind, StepState};
use serde_json::Value;
use test_case::test_case;

use super::{
    Rendering, TICK,
    plain::Plain,
    recorded::{self, Recorded},
    structured::Structured,
    terminal::Terminal,
};
use crate::ui::{ColorChoice, Manner, Output, Streams, Ui};

/// A terminal of the usual sort, as it looks.
#[derive(Clone)]
struct Screen(Arc<Mutex<vt100::Parser>>);

impl Screen {
    fn new(rows: u16, columns: u16) -> Self {
        let size = |cells: u16| NonZero::new(cells).unwrap();
        Screen(Arc::new(Mutex::new(vt100::Parser::new(
            size(rows),
            size(columns),
            200,
        ))))
    }

    /// The rows, without what is empty at the end.
    fn rows(&self) -> Vec<String> {
        let parser = self.0.lock().unwrap();
        let (_, columns) = parser.screen().size();
        let mut rows: Vec<String> = parser.screen().rows(0, columns.get()).collect();
        while rows.last().is_some_and(String::is_empty) {
            rows.pop();
        }
        rows
    }

    fn text(&self) -> String {
        self.rows().join("\n")
    }

    /// Everything that can be scrolled back to, page over page.
    fn history(&self) -> String {
        let mut pages = String::new();
        for back in (0..200).rev() {
            self.0.lock().unwrap().screen_mut().set_scrollback(back);
            pages += &self.text();
            pages.push('\n');
        }
        pages
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().process(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn ui(stderr: impl Write + Send + 'static, manner: Manner) -> Ui {
    Ui::new(Streams::captured(io::sink(), stderr), manner)
}

/// Plays events as they came, with the ticks in between, up to a moment.
fn play(rendering: &mut dyn Rendering, events: &[Recorded], until: Duration) {
    let mut tick = Duration::ZERO;
    for (at, event) in events.iter().filter(|(at, _)| *at <= until) {
        while tick < *at {
            rendering.tick(tick);
            tick += TICK;
        }
        rendering.event(event.clone(), *at);
    }
    while tick <= until {
        rendering.tick(tick);
        tick += TICK;
    }
}

fn whole(rendering: &mut dyn Rendering, events: &[Recorded]) {
    let until = events.last().map_or(Duration::ZERO, |(at, _)| *at);
    play(rendering, events, until);
    rendering.end();
}

fn terminal(screen: &Screen, rows: u16, columns: u16) -> Terminal<impl Fn() -> Option<(u16, u16)> + Send> {
    let manner = Manner {
        color: ColorChoice::Always,
        ..Manner::default()
    };
    Terminal::new(ui(screen.clone(), manner), move || Some((rows, columns)))
}

fn plain(events: &[Recorded]) -> String {
    let log = Buffer::default();
    whole(&mut Plain::new(ui(log.clone(), Manner::default())), events);
    log.text()
}

fn structured(events: &[Recorded]) -> Vec<Value> {
    let log = Buffer::default();
    let manner = Manner {
        output: Output::Json,
        ..Manner::default()
    };
    whole(&mut Structured::new(ui(log.clone(), manner)), events);
    log.text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_log_has_a_line_a_step_and_one_for_each_long_wait() {
    insta::assert_snapshot!(plain(&recorded::creation()));
}

#[test]
fn a_log_of_a_failure() {
    insta::assert_snapshot!(plain(&recorded::failure()));
}

#[test]
fn a_program_gets_the_events_as_they_are() {
    let lines: Vec<String> = structured(&recorded::creation())
        .iter()
        .map(Value::to_string)
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test_case(24, 80; "80x24")]
#[test_case(50, 200; "200x50")]
fn a_terminal_shows_what_is_under_way_below_what_is_done(rows: u16, columns: u16) {
    for (name, moment) in [("pull", 7_500), ("waiting", 17_000)] {
        let screen = Screen::new(rows, columns);
        play(
            &mut terminal(&screen, rows, columns),
            &recorded::creation(),
            Duration::from_millis(moment),
        );
        insta::assert_snapshot!(format!("{name} at {columns}x{rows}"), screen.text());
    }
}

#[test_case(24, 80; "80x24")]
#[test_case(50, 200; "200x50")]
fn at_the_end_a_terminal_shows_what_was_done_and_nothing_else(rows: u16, columns: u16) {
    for (name, events) in [
        ("creation", recorded::creation()),
        ("failure", recorded::failure()),
    ] {
        let screen = Screen::new(rows, columns);
        whole(&mut terminal(&screen, rows, columns), &events);
        insta::assert_snapshot!(format!("{name} done at {columns}x{rows}"), screen.text());
        let parser = screen.0.lock().unwrap();
        assert!(!parser.screen().hide_cursor());
        assert_eq!(parser.screen().cursor_position().1, 0);
    }
}

#[test]
fn every_rendering_tells_every_ending() {
    for events in [recorded::creation(), recorded::failure()] {
        let endings = events
            .iter()
            .filter(|(_, event)| {
                matches!(event, Event::Step { state, .. } if matches!(
                    state, StepState::Done { .. } | StepState::Failed { .. } | StepState::Cancelled))
            })
            .count();
        let screen = Screen::new(50, 200);
        whole(&mut terminal(&screen, 50, 200), &events);
        assert_eq!(screen.rows().len(), endings, "{}", screen.text());
        let log = plain(&events);
        let told = log.lines().filter(|line| line.ends_with(" s)"));
        assert_eq!(told.count(), endings, "{log}");
        assert_eq!(structured(&events).len(), events.len());
    }
}

#[test]
fn what_the_terminal_writes_for_ctrl_c_leaves_no_trace() {
    let (rows, columns) = (24, 80);
    let screen = Screen::new(rows, columns);
    let mut terminal = terminal(&screen, rows, columns);
    play(&mut terminal, &recorded::creation(), Duration::from_secs(17));
    screen.clone().write_all(b"^C").unwrap();
    terminal.notice("Stopping.");
    terminal.tick(Duration::from_millis(17_100));
    assert!(!screen.text().contains("^C"), "{}", screen.text());
    let kept = screen
        .rows()
        .iter()
        .filter(|row| row.contains("kube-system/coredns"))
        .count();
    assert_eq!(kept, 1, "{}", screen.text());
}

#[test]
fn a_terminal_that_becomes_narrower_keeps_no_scraps() {
    let screen = Screen::new(24, 100);
    let columns = Arc::new(Mutex::new(100_u16));
    let seen = Arc::clone(&columns);
    let mut terminal = Terminal::new(ui(screen.clone(), Manner::default()), move || {
        Some((24, *seen.lock().unwrap()))
    });
    play(&mut terminal, &recorded::creation(), Duration::from_secs(17));
    // What a terminal does that wraps its lines anew: two rows for each that has become too long.
    let widths: Vec<usize> = screen.rows().iter().map(|row| row.chars().count()).collect();
    assert!(widths.iter().any(|width| *width > 60), "{widths:?}");
    *columns.lock().unwrap() = 60;
    terminal.tick(Duration::from_millis(17_100));
    let narrow = screen.rows();
    assert!(
        narrow.iter().rev().take(2).all(|row| row.chars().count() <= 60),
        "{narrow:?}"
    );
}

#[test]
fn more_steps_than_rows_are_counted_instead_of_shown() {
    let (rows, columns) = (10, 80);
    let screen = Screen::new(rows, columns);
    let mut terminal = terminal(&screen, rows, columns);
    for number in 0..30 {
        let step = Step::new(StepKind::Node, format!("k3d-big-agent-{number}"));
        let state = StepState::Running { limit_ms: 1000 };
        terminal.event(Event::Step { step, state }, Duration::from_secs(1));
    }
    assert!(screen.text().ends_with("… and 23 more"), "{}", screen.text());
    for number in 0..30 {
        let step = Step::new(StepKind::Node, format!("k3d-big-agent-{number}"));
        let state = StepState::Done {
            outcome: Outcome::Created,
            after_ms: 10,
        };
        terminal.event(Event::Step { step, state }, Duration::from_secs(2));
    }
    terminal.end();
    let all = screen.history();
    for number in 0..30 {
        assert!(
            all.contains(&format!("agent-{number} created")),
            "{number}: {all}"
        );
    }
}

#[test_case(1, 1; "one cell")]
#[test_case(2, 9; "next to nothing")]
#[test_case(3, 12; "very little")]
fn no_size_is_too_small(rows: u16, columns: u16) {
    let screen = Screen::new(rows, columns);
    whole(&mut terminal(&screen, rows, columns), &recorded::creation());
}

#[test]
fn a_ci_system_gets_the_lines_of_each_build_as_one_group() {
    let log = Buffer::default();
    let streams = Streams::captured(io::sink(), log.clone()).read_by(crate::ui::Host::GitHub);
    let mut plain = Plain::new(Ui::new(streams, Manner::default()));
    for (component, line) in [("a", "one"), ("b", "two"), ("a", "three")] {
        let (component, line) = (component.to_owned(), line.to_owned());
        let event = Event::Line {
            component,
            output: platform::event::Output::Stdout,
            line,
            omitted_bytes: 0,
        };
        plain.event(event, Duration::ZERO);
    }
    let step = Step::new(StepKind::Build, "a");
    let state = StepState::Done {
        outcome: Outcome::Built,
        after_ms: 1000,
    };
    plain.event(Event::Step { step, state }, Duration::from_secs(1));
    plain.end();
    let expected = "::group::build of a\none\nthree\n::endgroup::\nimage of a built (1.0 s)\n::group::b\ntwo\n::endgroup::\n";
    assert_eq!(log.text(), expected);
}
