//! Tables: as many columns as there is room for, and only the rows that can be seen.

mod layout;

use std::cmp::Ordering;

use ratatui::layout::Rect;
use snapshot::judge::Severity;

use super::{
    paint::{Painter, Span},
    text,
    theme::{Role, Theme},
};
pub(crate) use layout::widths;

/// Columns between two cells.
const GAP: u16 = 1;

/// How a column is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// So many columns, to the left.
    Left(u16),
    /// So many columns, to the right: numbers.
    Right(u16),
    /// At least so many, and as many as the longest cell needs.
    Content(u16),
    /// At least so many, and all that is left over.
    Rest(u16),
}

impl Fit {
    /// The least width.
    pub(crate) fn least(self) -> u16 {
        match self {
            Fit::Left(width) | Fit::Right(width) | Fit::Content(width) | Fit::Rest(width) => width,
        }
    }
}

/// A column of rows of type `R`.
pub(crate) struct Column<R> {
    /// Its heading.
    pub(crate) title: &'static str,
    /// How wide it is.
    pub(crate) fit: Fit,
    /// It is shown where at least so many columns are.
    pub(crate) from: u16,
    /// A cell of it.
    pub(crate) cell: fn(&R, Theme) -> Span,
    /// The order of rows by it, the first first. None: one cannot sort by it.
    pub(crate) order: Option<fn(&R, &R) -> Ordering>,
}

impl<R> Column<R> {
    /// A column that is always shown.
    pub(crate) const fn new(title: &'static str, fit: Fit, cell: fn(&R, Theme) -> Span) -> Self {
        Column {
            title,
            fit,
            from: 0,
            cell,
            order: None,
        }
    }

    /// Only where there are so many columns.
    pub(crate) const fn from(mut self, columns: u16) -> Self {
        self.from = columns;
        self
    }

    /// One can sort by it.
    pub(crate) const fn by(mut self, order: fn(&R, &R) -> Ordering) -> Self {
        self.order = Some(order);
        self
    }
}

/// Something that has a row.
pub(crate) trait Row {
    /// What it is, whatever row it is in.
    fn key(&self) -> String;
    /// How bad it is.
    fn severity(&self) -> Severity;
    /// All that a filter looks at.
    fn words(&self) -> String;
    /// It is out of date.
    fn is_stale(&self) -> bool;
}

/// Which rows are shown, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct View {
    /// The key of the selected row.
    pub(crate) selected: Option<String>,
    /// The row it was in, for when it is gone.
    pub(crate) at: usize,
    /// The first row that is shown.
    pub(crate) offset: usize,
    /// The column sorted by; none: the order rows come in.
    pub(crate) sort: Option<usize>,
    /// The other way round.
    pub(crate) reverse: bool,
    /// Words that rows must (or with `!` must not) have.
    pub(crate) filter: String,
    /// Only what is not as it should be.
    pub(crate) faults: bool,
}

impl View {
    /// The rows that are shown, in their order.
    pub(crate) fn rows<'a, R: Row>(&self, all: &'a [R], columns: &[Column<R>]) -> Vec<&'a R> {
        let filter = self.filter.to_lowercase();
        let mut rows: Vec<&R> = all
            .iter()
            .filter(|row| !self.faults || row.severity() >= Severity::Unknown)
            .filter(|row| filter.trim().is_empty() || matches(&row.words().to_lowercase(), &filter))
            .collect();
        if let Some(order) = self.sort.and_then(|at| columns.get(at)?.order) {
            // Stable: equal rows stay where they were.
            rows.sort_by(|one, other| order(one, other));
        }
        if self.reverse {
            rows.reverse();
        }
        rows
    }

    /// The place of the selected row among `rows`: where its key is, or near where it was.
    pub(crate) fn place<R: Row>(&self, rows: &[&R]) -> usize {
        self.place_by(rows.len(), |key| rows.iter().position(|row| row.key() == key))
    }

    /// As [`View::place`], of rows of which only the keys are known.
    pub(crate) fn place_of_key(&self, keys: &[String]) -> usize {
        self.place_by(keys.len(), |key| keys.iter().position(|other| other == key))
    }

    fn place_by(&self, length: usize, find: impl Fn(&str) -> Option<usize>) -> usize {
        self.selected
            .as_deref()
            .and_then(find)
            .unwrap_or(self.at)
            .min(length.saturating_sub(1))
    }

    /// Selects the row at `place`, of rows with these keys.
    pub(crate) fn select(&mut self, keys: &[String], place: usize) {
        self.at = place.min(keys.len().saturating_sub(1));
        self.selected = keys.get(self.at).cloned();
    }

    /// Sorts by the next column that one can sort by.
    pub(crate) fn sort_next<R>(&mut self, columns: &[Column<R>]) {
        let after = self.sort.map_or(0, |at| at + 1);
        self.sort = (after..columns.len()).find(|at| columns[*at].order.is_some());
        self.reverse = false;
    }
}

/// Whether `words` have every word of `filter`, and none of those that begin with `!`.
fn matches(words: &str, filter: &str) -> bool {
    filter
        .split_whitespace()
        .all(|word| match word.strip_prefix('!') {
            Some("") => true,
            Some(not) => !words.contains(not),
            None => words.contains(word),
        })
}

/// Draws a table: a heading and those of `rows` that there is room for. `stale`: all of them are out of date.
pub(crate) fn draw<R: Row>(
    painter: &mut Painter<'_>,
    area: Rect,
    columns: &[Column<R>],
    rows: &[&R],
    view: &View,
    stale: bool,
) {
    let shown = widths(columns, rows, area.width, painter.theme);
    heading(painter, area, columns, &shown, view);
    let height = usize::from(area.height.saturating_sub(1));
    let place = view.place(rows);
    let offset = offset(view.offset, place, rows.len(), height);
    for (line, row) in rows.iter().skip(offset).take(height).enumerate() {
        let y = u16::try_from(line + 1).unwrap_or(u16::MAX);
        draw_row(painter, area, y, (columns, &shown), (*row, stale));
        if offset + line == place {
            let selected = painter.theme.selected();
            painter.wash(super::paint::rows(area, y, 1), selected);
        }
    }
}

/// The table as text, with every column that is shown in tables `room` columns wide, each as wide as its widest cell.
pub(crate) fn plain<R: Row>(rows: &[&R], columns: &[Column<R>], room: u16, theme: Theme) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let shown: Vec<&Column<R>> = columns.iter().filter(|column| column.from <= room).collect();
    let heading = shown.iter().map(|column| column.title.to_owned()).collect();
    let cells = rows.iter().map(|row| {
        shown
            .iter()
            .map(|column| (column.cell)(row, theme).text)
            .collect()
    });
    aligned(&std::iter::once(heading).chain(cells).collect::<Vec<_>>())
}

/// Cells below each other, with two spaces between.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| text::clean(cell).into_owned()).collect())
        .collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let wide = |at: usize| {
        rows.iter()
            .filter_map(|row| row.get(at))
            .map(|cell| text::width(cell))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(wide).collect();
    let mut all = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line += cell;
            line += &" ".repeat(width - text::width(cell) + 2);
        }
        all += line.trim_end();
        all.push('\n');
    }
    all
}

/// The first row to show, so that the one at `place` can be seen and nothing is left empty that could be filled.
pub(crate) fn offset(wanted: usize, place: usize, rows: usize, height: usize) -> usize {
    let least = (place + 1).saturating_sub(height);
    wanted
        .min(rows.saturating_sub(height))
        .clamp(least.min(place), place)
}

fn heading<R>(
    painter: &mut Painter<'_>,
    area: Rect,
    columns: &[Column<R>],
    shown: &[(usize, u16)],
    view: &View,
) {
    let mut x = 0;
    for (at, width) in shown {
        let column = &columns[*at];
        let sorted = view.sort == Some(*at);
        let mut title = column.title.to_owned();
        if sorted {
            let theme = painter.theme;
            title.push_str(if view.reverse {
                theme.sign("▲", "^")
            } else {
                theme.sign("▼", "v")
            });
        }
        let role = if sorted { Role::Accent } else { Role::Title };
        cell(painter, area, (x, 0), column.fit, *width, &Span::new(title, role));
        x += width + GAP;
    }
}

fn draw_row<R: Row>(
    painter: &mut Painter<'_>,
    area: Rect,
    y: u16,
    (columns, shown): (&[Column<R>], &[(usize, u16)]),
    (row, stale): (&R, bool),
) {
    let mut x = 0;
    let stale = stale || row.is_stale();
    for (at, width) in shown {
        let column = &columns[*at];
        let mut span = (column.cell)(row, painter.theme);
        if stale && span.role != Role::Unknown {
            span.role = Role::Stale;
        }
        cell(painter, area, (x, y), column.fit, *width, &span);
        x += width + GAP;
    }
}

fn cell(painter: &mut Painter<'_>, area: Rect, (x, y): (u16, u16), fit: Fit, width: u16, span: &Span) {
    let place = super::paint::columns(area, x, width);
    let style = painter.theme.style(span.role);
    let taken = u16::try_from(text::width(&span.text)).unwrap_or(u16::MAX);
    let indent = match fit {
        Fit::Right(_) => width.saturating_sub(taken),
        _ => 0,
    };
    painter.styled(place, indent, y, &span.text, style);
}

#[cfg(test)]
mod tests;
