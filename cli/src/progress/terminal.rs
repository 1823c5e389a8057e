//! Progress on a terminal: a line for every step under way, which becomes one that stays when the step ends.

use std::time::Duration;

use platform::event::Event;
use unicode_width::UnicodeWidthStr as _;

use super::{
    Rendering,
    screen::{Line, Screen, cut},
    steps::{Doing, Ended, Ending, Live, Steps},
    words,
};
use crate::ui::{Paint, Tint, Ui, plain_line};

/// What a terminal is taken for that does not tell its size.
const USUAL_SIZE: (u16, u16) = (24, 80);
/// The signs of a step under way, one after the other.
const SPINNER: [&str; 8] = ["⣾", "⣽", "⣻", "⢿", "⡿", "⣟", "⣯", "⣷"];
/// What is shown before anything is reported.
const OPENING: &str = "looking at what is there";
/// How long each is shown.
const SPIN_MS: u128 = 100;
/// Columns of a time.
const TIME_WIDTH: usize = 7;
/// A bar is drawn if it can be this wide, and no wider than that.
const BAR_WIDTHS: (usize, usize) = (8, 30);

/// Draws through the `Ui`, as everything does.
pub(super) struct Terminal<S> {
    ui: Ui,
    size: S,
    steps: Steps,
    screen: Screen,
    now: Duration,
    /// Whether anything was reported yet.
    opened: bool,
}

impl<S: Fn() -> Option<(u16, u16)>> Terminal<S> {
    /// Draws through `ui`, on a terminal of so many rows and columns.
    pub(super) fn new(ui: Ui, size: S) -> Self {
        Terminal {
            ui,
            size,
            steps: Steps::default(),
            screen: Screen::default(),
            now: Duration::ZERO,
            opened: false,
        }
    }

    fn size(&self) -> (usize, usize) {
        let (rows, columns) = (self.size)().unwrap_or(USUAL_SIZE);
        (usize::from(rows), usize::from(columns))
    }

    fn draw(&mut self) {
        let (rows, columns) = self.size();
        let frame = self.frame(rows, columns);
        let text = self.screen.frame(&frame, columns);
        self.ui.draw(&text);
    }

    fn frame(&self, rows: usize, columns: usize) -> Vec<Line> {
        let paint = self.ui.stderr_paint();
        if !self.opened {
            let lasted = words::time(self.now);
            return vec![line(spinner(self.now), &lasted, OPENING, columns, paint)];
        }
        frame(self.steps.live(), self.now, rows, columns, paint)
    }

    /// Writes lines that stay, with what moves below them.
    fn stay(&mut self, words: &str) {
        let (rows, columns) = self.size();
        let mut text = self.screen.above(words, columns);
        let frame = self.frame(rows, columns);
        text += &self.screen.frame(&frame, columns);
        self.ui.draw(&text);
    }
}

impl<S: Fn() -> Option<(u16, u16)> + Send> Rendering for Terminal<S> {
    fn event(&mut self, event: Event, at: Duration) {
        self.now = at;
        self.opened = true;
        match event {
            Event::Step { step, state } => match self.steps.heed(step, state, at) {
                Some(ended) => {
                    let line = last_line(&ended, self.size().1, self.ui.stderr_paint());
                    self.stay(&line.painted);
                }
                None => self.draw(),
            },
            Event::Line { component, line, .. } => self.stay(&format!("{component} | {}", plain_line(&line))),
            // Not of operations that are shown here.
            _ => {}
        }
    }

    fn notice(&mut self, words: &str) {
        self.stay(words);
    }

    fn tick(&mut self, at: Duration) {
        self.now = at;
        self.draw();
    }

    fn end(&mut self) {
        let columns = self.size().1;
        let text = self.screen.frame(&[], columns);
        self.ui.draw(&text);
    }
}

/// The lines that move; never as high as the terminal.
fn frame(live: &[Live], now: Duration, rows: usize, columns: usize, paint: Paint) -> Vec<Line> {
    let room = rows.saturating_sub(2).max(1);
    let shown = if live.len() > room { room - 1 } else { live.len() };
    let mut lines: Vec<Line> = live[..shown]
        .iter()
        .map(|live| moving_line(live, now, columns, paint))
        .collect();
    if shown < live.len() {
        let words = cut(&format!("  … and {} more", live.len() - shown), columns);
        lines.push(Line {
            width: words.width(),
            painted: paint.dim(&words),
        });
    }
    lines
}

fn spinner(now: Duration) -> (&'static str, Tint) {
    let turn = now.as_millis() / SPIN_MS % SPINNER.len() as u128;
    (SPINNER[usize::try_from(turn).unwrap_or_default()], Tint::Cyan)
}

fn moving_line(live: &Live, now: Duration, columns: usize, paint: Paint) -> Line {
    let lasted = words::time(now.saturating_sub(live.began));
    let mut words = words::doing(&live.step, &live.doing);
    if 2 + TIME_WIDTH + 2 + words.width() > columns {
        words = words::doing_in_short(&live.step, &live.doing);
    }
    if let Doing::Moving {
        done,
        total: Some(total),
    } = live.doing
    {
        let used = 2 + TIME_WIDTH + 2 + words.width();
        words += &bar(done, total, columns.saturating_sub(used));
    }
    line(spinner(now), &lasted, &words, columns, paint)
}

/// The line a step leaves behind.
fn last_line(ended: &Ended, columns: usize, paint: Paint) -> Line {
    let sign = match ended.ending {
        Ending::Done(_) => ("✓", Tint::Green),
        Ending::Failed(_) => ("✗", Tint::Red),
        Ending::Cancelled => ("-", Tint::Yellow),
    };
    let words = words::ended(&ended.step, &ended.ending);
    line(sign, &words::time(ended.took), &words, columns, paint)
}

/// `✓   0.4 s  network k3d-demo created`, in colour, no wider than the terminal.
fn line((sign, tint): (&str, Tint), time: &str, words: &str, columns: usize, paint: Paint) -> Line {
    let time = format!("{time:>TIME_WIDTH$}");
    let words = cut(words, columns.saturating_sub(2 + TIME_WIDTH + 2));
    let width = 2 + TIME_WIDTH + 2 + words.width();
    let painted = format!("{} {}  {words}", paint.tint(tint, sign), paint.dim(&time));
    Line { painted, width }
}

/// ` ━━━━╌╌╌╌ 50 %`, or nothing where there is no room.
fn bar(done: u64, total: u64, room: usize) -> String {
    const PERCENT: usize = " 100 %".len();
    let width = room.saturating_sub(2 + PERCENT).min(BAR_WIDTHS.1);
    if width < BAR_WIDTHS.0 || total == 0 {
        return String::new();
    }
    let share = |of: u64| {
        u64::try_from(u128::from(done.min(total)) * u128::from(of) / u128::from(total)).unwrap_or(of)
    };
    let filled = usize::try_from(share(width as u64)).unwrap_or(width);
    format!(
        "  {}{} {:>3} %",
        "━".repeat(filled),
        "╌".repeat(width - filled),
        share(100)
    )
}
