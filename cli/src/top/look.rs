//! How states look: a sign, a word and a role each.

use snapshot::{
    judge::{Confidence, Severity},
    report::{Cause, LinkKind},
    sample::SourceState,
};

use super::{
    number,
    paint::{Span, muted, plain},
    theme::{Role, Theme},
};

/// The role of how bad something is.
pub(crate) fn role(severity: Severity) -> Role {
    match severity {
        Severity::Ok => Role::Good,
        Severity::Info => Role::Busy,
        Severity::Unknown => Role::Unknown,
        Severity::Warn => Role::Warning,
        Severity::Crit => Role::Critical,
    }
}

/// The sign of how bad something is.
pub(crate) fn sign(severity: Severity, theme: Theme) -> &'static str {
    match severity {
        Severity::Ok => theme.sign("●", "."),
        Severity::Info => theme.sign("◆", "i"),
        Severity::Unknown => theme.sign("◌", "?"),
        Severity::Warn => theme.sign("▲", "!"),
        Severity::Crit => theme.sign("✖", "X"),
    }
}

/// Sign and word of a state.
pub(crate) fn state(severity: Severity, word: &str, theme: Theme) -> Span {
    Span::new(format!("{} {word}", sign(severity, theme)), role(severity))
}

/// Sign, role and word of how a source is.
pub(crate) fn source(state: SourceState, theme: Theme) -> (&'static str, Role, &'static str) {
    match state {
        SourceState::Up => (theme.sign("●", "."), Role::Good, "up"),
        SourceState::Connecting => (theme.sign("◌", "?"), Role::Warning, "reconnecting"),
        SourceState::Down => (theme.sign("✖", "X"), Role::Critical, "down, reconnecting"),
        SourceState::Absent => (theme.sign("○", "o"), Role::Muted, "absent"),
    }
}

/// A number, or the sign that it is unknown.
pub(crate) fn known<T>(value: Option<T>, words: impl FnOnce(T) -> String) -> Span {
    value.map_or_else(|| muted(number::UNKNOWN), |value| plain(words(value)))
}

/// As [`known`]; 0 matters less.
pub(crate) fn rate(value: Option<f64>) -> Span {
    match value {
        None => muted(number::UNKNOWN),
        Some(value) => {
            let words = number::rate(value);
            if words == "0" { muted(words) } else { plain(words) }
        }
    }
}

/// A count; 0 matters less.
pub(crate) fn count(value: u64) -> Span {
    if value == 0 {
        muted("0")
    } else {
        plain(number::count(value))
    }
}

/// A time span; nothing for one that is not known.
pub(crate) fn span(milliseconds: Option<i64>) -> Span {
    known(milliseconds, |value| {
        number::span_ms(u64::try_from(value).unwrap_or(0))
    })
}

/// An age, with `~` if it is an estimate.
pub(crate) fn age(milliseconds: Option<i64>, confidence: Option<Confidence>) -> Span {
    let mark = if confidence == Some(Confidence::Exact) {
        ""
    } else {
        "~"
    };
    match milliseconds {
        Some(0) => muted("0"),
        other => known(other, |value| {
            format!("{mark}{}", number::span_ms(u64::try_from(value).unwrap_or(0)))
        }),
    }
}

/// A share of one that is bad from `warning` on, and worse from `critical` on.
pub(crate) fn share(value: Option<f64>, warning: f64, critical: f64) -> Span {
    let Some(value) = value else {
        return muted(number::UNKNOWN);
    };
    let role = if value >= critical {
        Role::Critical
    } else if value >= warning {
        Role::Warning
    } else if value <= 0.0 {
        Role::Muted
    } else {
        Role::Text
    };
    Span::new(number::percent(value), role)
}

/// The way of a message, on one line; the first part of it that is not healthy is marked.
pub(crate) fn chain(cause: &Cause, theme: Theme) -> Vec<Span> {
    let arrow = theme.sign(" → ", " -> ");
    let first = cause.first_unhealthy.and_then(|at| usize::try_from(at).ok());
    let mut spans = Vec::new();
    for (at, link) in cause.links.iter().enumerate() {
        if at > 0 {
            spans.push(muted(arrow));
        }
        spans.push(muted(format!("{} ", kind(link.kind))));
        let several = if link.count > 1 {
            format!(" (of {})", link.count)
        } else {
            String::new()
        };
        let healthy = link.severity <= Severity::Info;
        let role = if healthy { Role::Text } else { role(link.severity) };
        if first == Some(at) {
            let (left, right) = (theme.sign("⟦", "["), theme.sign("⟧", "]"));
            let sign = sign(link.severity, theme);
            let words = format!("{left}{sign} {} {}{several}{right}", link.name, link.state);
            spans.push(Span::new(words, role));
        } else if healthy {
            spans.push(Span::new(format!("{}{several}", link.name), role));
        } else {
            spans.push(Span::new(format!("{} {}{several}", link.name, link.state), role));
        }
    }
    spans
}

fn kind(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Route => "route",
        LinkKind::Subject => "subject",
        LinkKind::Stream => "stream",
        LinkKind::Consumer => "consumer",
        LinkKind::Worker => "worker",
        LinkKind::Pod => "pod",
    }
}
