//! The configuration of a consumer, the numbers that the server has for it, and the thresholds that its owner has set.

use ratatui::layout::Rect;
use snapshot::{
    report::{ConsumerDerived, ConsumerDetail, ConsumerRaw},
    sample::{AckPolicy, Mode},
};

use crate::top::{
    look, number,
    paint::{Painter, Span, columns as part, muted, plain},
    theme::Role,
};

/// A name and what it is.
type Fact = (&'static str, String);

/// Draws them in as many columns as there is room for, and returns the next free row.
pub(super) fn draw(painter: &mut Painter<'_>, area: Rect, y: u16, detail: &ConsumerDetail) -> u16 {
    let Some(raw) = &detail.consumer.raw else {
        return y;
    };
    painter.heading(area, y, "Configuration and numbers");
    let facts: Vec<Fact> = configuration(raw)
        .into_iter()
        .chain(numbers(raw, &detail.consumer.derived))
        .collect();
    let each = usize::from((area.width / 44).max(1));
    let deep = facts.len().div_ceil(each);
    let width = area.width / u16::try_from(each).unwrap_or(1);
    for (at, (name, value)) in facts.iter().enumerate() {
        let column = u16::try_from(at / deep).unwrap_or(0);
        let line = u16::try_from(at % deep).unwrap_or(0);
        let place = part(area, column * width, width.saturating_sub(1));
        painter.line(
            place,
            y + 1 + line,
            &[muted(format!("{name:<16}")), plain(value.clone())],
        );
    }
    let mut y = y + 2 + u16::try_from(deep).unwrap_or(0);
    if !detail.thresholds.is_empty() {
        painter.heading(area, y, "Thresholds set by its owner");
        y += 1;
        for (name, meaning) in detail.thresholds.iter().take(16) {
            painter.line(
                area,
                y,
                &[
                    muted(format!("{name:<28}")),
                    Span::new(meaning.clone(), Role::Text),
                ],
            );
            y += 1;
        }
        y += 1;
    }
    y
}

fn configuration(raw: &ConsumerRaw) -> Vec<Fact> {
    let span = |time: Option<u64>| time.map_or_else(|| "none".to_owned(), number::span_ms);
    let limit = |limit: Option<u64>| limit.map_or_else(|| "no limit".to_owned(), |limit| limit.to_string());
    let mode = match raw.mode {
        Mode::Pull => "pull".to_owned(),
        Mode::Push => format!(
            "push to {}",
            raw.deliver_subject.as_deref().unwrap_or(number::UNKNOWN)
        ),
    };
    let kept = if raw.durable {
        "durable"
    } else if raw.ordered {
        "ordered, ephemeral"
    } else {
        "ephemeral"
    };
    let filter = if raw.filter_subjects.is_empty() {
        "all".to_owned()
    } else {
        raw.filter_subjects.join(", ")
    };
    let ack = match raw.ack_policy {
        Some(AckPolicy::Explicit) => "explicit",
        Some(AckPolicy::All) => "all",
        Some(AckPolicy::None) => "none",
        Some(AckPolicy::FlowControl) => "flow control",
        None => number::UNKNOWN,
    };
    vec![
        ("mode", mode),
        ("kept", kept.to_owned()),
        ("subjects", filter),
        ("ack policy", ack.to_owned()),
        ("ack wait", span(raw.ack_wait_ms)),
        ("max deliver", limit(raw.max_deliver)),
        ("max ack pending", limit(raw.max_ack_pending)),
        ("max waiting", limit(raw.max_waiting)),
        ("inactive after", span(raw.inactive_threshold_ms)),
    ]
}

fn numbers(raw: &ConsumerRaw, derived: &ConsumerDerived) -> Vec<Fact> {
    let words = |span: Span| span.text;
    let mut facts = vec![
        ("queued", raw.num_pending.to_string()),
        ("in flight", raw.num_ack_pending.to_string()),
        ("redelivered", raw.num_redelivered.to_string()),
        ("waiting pulls", raw.num_waiting.to_string()),
        (
            "parked",
            words(look::known(derived.parked, |parked| parked.to_string())),
        ),
        ("delivered up to", format!("#{}", raw.delivered_stream_seq)),
        ("acked up to", format!("#{}", raw.ack_floor_stream_seq)),
        ("last delivery", words(look::span(raw.last_delivery_ms))),
        ("last ack", words(look::span(raw.last_ack_ms))),
        (
            "age of next",
            words(look::age(derived.time_lag_ms, derived.time_lag_confidence)),
        ),
        (
            "oldest in flight",
            words(look::age(derived.ack_age_ms, derived.ack_age_confidence)),
        ),
        (
            "allowed to queue",
            words(look::known(derived.allowed, |allowed| allowed.to_string())),
        ),
        (
            "drains by",
            words(look::known(derived.drain_per_s, |drain| {
                format!("{}/s", number::rate(drain))
            })),
        ),
        (
            "empty in",
            words(look::known(derived.eta_s, |eta| number::latency_ms(eta * 1000.0))),
        ),
        ("ack time p50/p99", ack_time(derived)),
    ];
    if let Some(bound) = raw.push_bound {
        facts.push(("listened to", if bound { "yes" } else { "no" }.to_owned()));
    }
    if raw.paused {
        let left = raw
            .pause_remaining_ms
            .map_or_else(String::new, |left| format!(" for {}", number::span_ms(left)));
        facts.push(("paused", format!("yes{left}")));
    }
    for group in raw.priority_groups.iter().take(4) {
        let pinned = group.pinned_client_id.as_deref().unwrap_or("nobody");
        facts.push(("priority group", format!("{} pinned to {pinned}", group.group)));
    }
    facts
}

fn ack_time(derived: &ConsumerDerived) -> String {
    match (derived.ack_time_p50_ms, derived.ack_time_p99_ms) {
        (Some(half), Some(most)) => format!("{} / {}", number::latency_ms(half), number::latency_ms(most)),
        _ => "not sampled (sample_freq)".to_owned(),
    }
}
