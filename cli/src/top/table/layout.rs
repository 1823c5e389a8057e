//! How wide columns are.

use super::{Column, Fit, GAP, Row};
use crate::top::{paint::Span, theme::Theme};

/// Columns wanted in tables this narrow stay, with their contents cut, as long as there is any room.
const ALWAYS: u16 = 60;

/// The columns that are shown in `room` columns, and how wide each is. What is wanted only in wider tables goes first, then the last.
pub(crate) fn widths<R: Row>(
    columns: &[Column<R>],
    rows: &[&R],
    room: u16,
    theme: Theme,
) -> Vec<(usize, u16)> {
    // What names a row and says how it is comes before what else can be said of it.
    let wanted = |at: usize| match columns[at].fit {
        Fit::Content(least) => content(&columns[at], rows, theme).clamp(least, least.max(room / 5)),
        fit => fit.least(),
    };
    let mut shown: Vec<(usize, u16)> = (0..columns.len())
        .filter(|at| columns[*at].from <= room)
        .map(|at| (at, wanted(at)))
        .collect();
    while taken(&shown) > u32::from(room) && shown.iter().any(|(at, _)| columns[*at].from > ALWAYS) {
        remove_last(&mut shown, columns);
    }
    if taken(&shown) > u32::from(room) {
        for (at, width) in &mut shown {
            *width = columns[*at].fit.least();
        }
    }
    while taken(&shown) > u32::from(room) && shown.len() > 1 {
        remove_last(&mut shown, columns);
    }
    spread(&mut shown, columns, rows, (room, theme));
    shown
}

/// Takes away the column that is wanted only in the widest tables; of several the last.
fn remove_last<R>(shown: &mut Vec<(usize, u16)>, columns: &[Column<R>]) {
    let last = shown
        .iter()
        .enumerate()
        .max_by_key(|(place, (at, _))| (columns[*at].from, *place))
        .map_or(0, |(place, _)| place);
    shown.remove(last);
}

/// Gives what is left over to those that can use it.
fn spread<R: Row>(
    shown: &mut [(usize, u16)],
    columns: &[Column<R>],
    rows: &[&R],
    (room, theme): (u16, Theme),
) {
    let mut left = u32::from(room).saturating_sub(taken(shown));
    for (at, width) in shown.iter_mut() {
        if matches!(columns[*at].fit, Fit::Content(_)) {
            let wanted = content(&columns[*at], rows, theme).saturating_sub(*width);
            grow(width, &mut left, wanted);
        }
    }
    if let Some((_, width)) = shown
        .iter_mut()
        .find(|(at, _)| matches!(columns[*at].fit, Fit::Rest(_)))
    {
        grow(width, &mut left, u16::MAX - *width);
    }
}

fn grow(width: &mut u16, left: &mut u32, wanted: u16) {
    let more = u16::try_from((*left).min(u32::from(wanted))).unwrap_or(wanted);
    *width += more;
    *left -= u32::from(more);
}

fn taken(shown: &[(usize, u16)]) -> u32 {
    let gaps = u32::from(GAP) * u32::try_from(shown.len().saturating_sub(1)).unwrap_or(0);
    shown.iter().map(|(_, width)| u32::from(*width)).sum::<u32>() + gaps
}

/// The width of the widest cell. Of very many rows only the first are asked.
fn content<R: Row>(column: &Column<R>, rows: &[&R], theme: Theme) -> u16 {
    const ASKED: usize = 500;
    let widest = rows
        .iter()
        .take(ASKED)
        .map(|row| Span::width(&(column.cell)(row, theme)))
        .max()
        .unwrap_or(0);
    u16::try_from(widest).unwrap_or(u16::MAX)
}
