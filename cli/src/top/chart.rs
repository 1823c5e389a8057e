//! Charts of one or more rows of characters. What is not known is a gap, never 0.

use ratatui::layout::Rect;

use super::{
    paint::Painter,
    theme::{Role, Theme},
};

/// Heights of a bar within one character, the empty one first.
const BARS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// The same in ASCII.
const ASCII_BARS: [&str; 9] = [" ", ".", ".", ":", ":", "-", "=", "+", "#"];
/// What stands where nothing is known.
const GAP: (&str, &str) = ("·", "'");

/// A line of values, the oldest first; `None`: not known.
pub(crate) type Series = [Option<f64>];

/// The largest value; at least `least`.
pub(crate) fn highest(values: &Series, least: f64) -> f64 {
    values
        .iter()
        .flatten()
        .copied()
        .filter(|value| value.is_finite())
        .fold(least, f64::max)
}

/// Values as one line of `width` characters, the newest at the right. There are fewer if there are fewer values.
pub(crate) fn spark(values: &Series, width: usize, theme: Theme) -> String {
    let values = squeezed(values, width);
    let top = highest(&values, 1e-9);
    values.iter().map(|value| bar(*value, top, 0, 1, theme)).collect()
}

/// Draws `values` as an area from the lower edge of `area`, up to `top`, the newest at the right.
pub(crate) fn area(painter: &mut Painter<'_>, area: Rect, values: &Series, top: f64, role: Role) {
    let width = usize::from(area.width);
    let values = squeezed(values, width);
    let left = u16::try_from(width - values.len().min(width)).unwrap_or(0);
    let style = painter.theme.style(role);
    let muted = painter.theme.style(Role::Muted);
    for (column, value) in (left..).zip(&values) {
        for row in 0..area.height {
            let symbol = bar(*value, top, row, area.height, painter.theme);
            let style = if value.is_some() { style } else { muted };
            painter.styled(area, column, area.height - 1 - row, symbol, style);
        }
    }
}

/// The character of `value` in the row `row` (from below) of `rows`.
fn bar(value: Option<f64>, top: f64, row: u16, rows: u16, theme: Theme) -> &'static str {
    let Some(value) = value.filter(|value| value.is_finite()) else {
        return if row == 0 { theme.sign(GAP.0, GAP.1) } else { " " };
    };
    let filled = (value / top).clamp(0.0, 1.0) * 8.0 * f64::from(rows) - 8.0 * f64::from(row);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 8"
    )]
    let mut level = filled.clamp(0.0, 8.0).round() as usize;
    if level == 0 && row == 0 && value > 0.0 {
        // Little is not nothing.
        level = 1;
    }
    if theme.is_ascii() {
        ASCII_BARS[level]
    } else {
        BARS[level]
    }
}

/// As many values as there are columns: several become their largest.
fn squeezed(values: &Series, width: usize) -> Vec<Option<f64>> {
    if values.len() <= width || width == 0 {
        return if width == 0 { Vec::new() } else { values.to_vec() };
    }
    (0..width)
        .map(|column| {
            let from = column * values.len() / width;
            let to = ((column + 1) * values.len() / width).max(from + 1);
            values[from..to].iter().flatten().copied().reduce(f64::max)
        })
        .collect()
}

/// A bar of `width` characters, filled by a share of one: `████░░`.
pub(crate) fn gauge(share: f64, width: usize, theme: Theme) -> String {
    let share = if share.is_finite() {
        share.clamp(0.0, 1.0)
    } else {
        0.0
    };
    let cells = u32::try_from(width).unwrap_or(u32::MAX);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the width"
    )]
    let mut filled = (share * f64::from(cells)).round() as usize;
    if filled == 0 && share > 0.0 && width > 0 {
        filled = 1;
    }
    let filled = filled.min(width);
    let (full, empty) = (theme.sign("█", "#"), theme.sign("░", "."));
    format!("{}{}", full.repeat(filled), empty.repeat(width - filled))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::top::{paint::on_buffer, picture::plain_text, theme::Depth};

    const THEME: Theme = Theme::new(Depth::None, true, false);

    #[test]
    fn a_gap_is_not_zero() {
        let values = [Some(0.0), None, Some(4.0), Some(8.0)];
        assert_eq!(spark(&values, 10, THEME), " ·▄█");
        assert_eq!(spark(&values, 10, Theme::new(Depth::None, true, true)), " ':#");
    }

    #[test]
    fn many_values_keep_their_peaks() {
        let mut values = vec![Some(0.0); 100];
        values[50] = Some(1.0);
        values[51] = None;
        assert_eq!(spark(&values, 4, THEME), "  █ ");
        assert_eq!(spark(&values, 0, THEME), "");
    }

    #[test]
    fn an_area_stands_on_its_lower_edge_and_ends_at_the_right() {
        let values = [Some(1.0), Some(2.0), None, Some(4.0)];
        let buffer = on_buffer(6, 2, THEME, |painter, rect| {
            area(painter, rect, &values, 4.0, Role::First);
        });
        insta::assert_snapshot!(plain_text(&buffer), @r"
             █
          ▄█·█
        ");
    }

    #[test_case(0.0 => "░░░░"; "nothing")]
    #[test_case(0.01 => "█░░░"; "little is not nothing")]
    #[test_case(0.5 => "██░░"; "half")]
    #[test_case(7.0 => "████"; "no more than all")]
    #[test_case(f64::NAN => "░░░░"; "no number")]
    fn gauges(share: f64) -> String {
        gauge(share, 4, THEME)
    }
}
