//! The cells of a consumer's row.

use snapshot::{judge::Confidence, report::EphemeralsRow, sample::Mode};

use super::{super::streams::reason_span, Line};
use crate::top::{
    chart, look, number,
    paint::{Span, muted, plain},
    theme::{Role, Theme},
};

pub(super) fn states(row: &EphemeralsRow) -> String {
    let words: Vec<String> = row
        .states
        .iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    words.join(", ")
}

pub(super) fn state(line: &Line<'_>, theme: Theme) -> Span {
    match line {
        Line::One(row) => look::state(row.severity, row.state.name(), theme),
        Line::Folded(row) => look::state(row.severity, &states(row), theme),
    }
}

pub(super) fn name(line: &Line<'_>, theme: Theme) -> Span {
    match line {
        Line::One(row) => plain(row.consumer.clone()),
        Line::Folded(row) => Span::new(
            format!("{} {} ephemeral", theme.sign("⊞", "+"), row.count),
            Role::Accent,
        ),
    }
}

pub(super) fn mode(line: &Line<'_>, _: Theme) -> Span {
    line.raw().map_or_else(
        || muted(number::UNKNOWN),
        |raw| match raw.mode {
            Mode::Pull => muted("pull"),
            Mode::Push => muted("push"),
        },
    )
}

pub(super) fn inflight(line: &Line<'_>, _: Theme) -> Span {
    match line {
        Line::Folded(row) => look::count(row.num_ack_pending),
        Line::One(row) => row.raw.as_ref().map_or_else(
            || muted(number::UNKNOWN),
            |raw| {
                let mut span = look::count(raw.num_ack_pending);
                if let Some(most) = raw.max_ack_pending.filter(|most| *most > 0) {
                    if raw.num_ack_pending >= most {
                        span.role = Role::Critical;
                    } else if u128::from(raw.num_ack_pending) * 10 >= u128::from(most) * 9 {
                        span.role = Role::Warning;
                    }
                    span.text = format!("{}/{}", span.text, number::count(most));
                }
                span
            },
        ),
    }
}

pub(super) fn inflight_bar(line: &Line<'_>, theme: Theme) -> Span {
    let share = line.raw().and_then(|raw| {
        let most = raw.max_ack_pending.filter(|most| *most > 0)?;
        #[expect(clippy::cast_precision_loss, reason = "it becomes a bar of five characters")]
        let share = raw.num_ack_pending as f64 / most as f64;
        Some(share)
    });
    match share {
        Some(share) => Span::new(
            chart::gauge(share, 5, theme),
            if share >= 0.9 { Role::Warning } else { Role::First },
        ),
        None => muted(""),
    }
}

pub(super) fn age(line: &Line<'_>, _: Theme) -> Span {
    line.derived().map_or_else(
        || muted(number::UNKNOWN),
        |derived| {
            look::age(
                derived.time_lag_ms,
                derived.time_lag_confidence.or(Some(Confidence::Estimated)),
            )
        },
    )
}

pub(super) fn trend(line: &Line<'_>, theme: Theme) -> Span {
    match line {
        Line::One(row) => {
            #[expect(clippy::cast_precision_loss, reason = "it becomes a bar of eight heights")]
            let values: Vec<Option<f64>> = row
                .trend_num_pending
                .iter()
                .map(|value| Some(*value as f64))
                .collect();
            Span::new(chart::spark(&values, 10, theme), Role::First)
        }
        Line::Folded(_) => muted(""),
    }
}

pub(super) fn redelivered(line: &Line<'_>, _: Theme) -> Span {
    look::share(
        line.derived().and_then(|derived| derived.redeliver_share),
        0.1,
        0.5,
    )
}

pub(super) fn eta(line: &Line<'_>, theme: Theme) -> Span {
    let Some(derived) = line.derived() else {
        return muted("");
    };
    match (derived.eta_s, derived.drain_per_s) {
        (Some(seconds), _) if seconds.is_finite() && seconds > 0.0 => {
            Span::new(number::latency_ms(seconds * 1000.0), Role::Busy)
        }
        (None, Some(drain)) if drain < -0.05 && line.pending() > Some(0) => Span::new(
            format!("{}{}/s", theme.sign("↗", "+"), number::rate(-drain)),
            Role::Warning,
        ),
        _ => muted(number::UNKNOWN),
    }
}

pub(super) fn parked(line: &Line<'_>, _: Theme) -> Span {
    match line.derived().and_then(|derived| derived.parked) {
        Some(0) => muted("0"),
        Some(parked) => Span::new(number::count(parked), Role::Warning),
        None => muted(number::UNKNOWN),
    }
}

pub(super) fn leader(line: &Line<'_>, _: Theme) -> Span {
    let leader = line.raw().and_then(|raw| raw.cluster.as_ref()?.leader.clone());
    look::known(leader, |leader| leader)
}

pub(super) fn reason(line: &Line<'_>, _: Theme) -> Span {
    match line {
        Line::One(row) => reason_span(row.severity, &row.reason),
        Line::Folded(_) => muted(""),
    }
}
