//! A summary of load as tables.

use platform::load::{Summary, Threshold};

use crate::ui::{Paint, Table, Tint, plain_line};

/// Times that are shown first, and how their numbers are called.
const TIMES: [(&str, &str); 2] = [
    ("http_req_duration", "requests"),
    ("iteration_duration", "iterations"),
];

/// All of it.
pub(super) fn text(summary: &Summary, paint: Paint) -> String {
    let mut text = String::new();
    text += &times(summary).text();
    text += "\n";
    text += &counts(summary);
    if !summary.thresholds.is_empty() {
        text += "\n";
        text += &thresholds(summary, paint);
    }
    if summary.interrupted {
        text += "\nended before its time\n";
    }
    text
}

/// A threshold and what was measured, in words.
pub(super) fn threshold(threshold: &Threshold) -> String {
    let rule = plain_line(&format!("{} {}", threshold.metric, threshold.threshold));
    match threshold.measured {
        Some(measured) => format!("{rule} (was {})", number(measured)),
        None => rule,
    }
}

fn times(summary: &Summary) -> Table {
    let mut table = Table::with_heading(["MILLISECONDS", "MEDIAN", "P95", "P99", "LONGEST"]);
    for (metric, name) in TIMES {
        if !summary.metrics.contains_key(metric) {
            continue;
        }
        let value = |name: &str| summary.number(metric, name).map_or("-".to_owned(), number);
        table.row([
            name.to_owned(),
            value("med"),
            value("p(95)"),
            value("p(99)"),
            value("max"),
        ]);
    }
    table
}

fn counts(summary: &Summary) -> String {
    let mut table = Table::with_heading(["", "COUNT", "A SECOND", "FAILED"]);
    let value = |metric: &str, name: &str| summary.number(metric, name).map_or("-".to_owned(), number);
    let failed = summary.number("http_req_failed", "value");
    let percent = |part: f64| format!("{:.2} %", part * 100.0);
    table.row([
        "requests".to_owned(),
        value("http_reqs", "count"),
        value("http_reqs", "rate"),
        failed.map_or("-".to_owned(), percent),
    ]);
    if let (Some(passes), Some(fails)) = (
        summary.number("checks", "passes"),
        summary.number("checks", "fails"),
    ) {
        let all = passes + fails;
        let share = if all > 0.0 { fails / all } else { 0.0 };
        table.row(["checks".to_owned(), number(all), String::new(), percent(share)]);
    }
    table.text()
}

fn thresholds(summary: &Summary, paint: Paint) -> String {
    let mut table = Table::with_heading(["THRESHOLD", "", "MEASURED", "VERDICT"]);
    for threshold in &summary.thresholds {
        table.row([
            plain_line(&threshold.metric),
            plain_line(&threshold.threshold),
            threshold.measured.map_or("-".to_owned(), number),
            if threshold.passed { "kept" } else { "crossed" }.to_owned(),
        ]);
    }
    // Painted when the columns are made: colour has no width.
    let tint = |line: &str| match line.strip_suffix("crossed") {
        Some(start) => format!("{start}{}\n", paint.bold(Tint::Red, "crossed")),
        None => format!("{line}\n"),
    };
    table.text().lines().map(tint).collect()
}

/// A number with as many digits as one wants to read.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return format!("{value:.0}");
    }
    match value.abs() {
        100.0.. => format!("{value:.0}"),
        1.0.. => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_summary_fits_a_narrow_terminal() {
        let metric = |numbers: &[(&str, f64)]| {
            let numbers = numbers.iter().map(|(name, value)| ((*name).to_owned(), *value));
            numbers.collect::<BTreeMap<_, _>>()
        };
        let metrics = [
            (
                "http_req_duration",
                metric(&[("med", 1.234), ("p(95)", 4.5), ("p(99)", 8.6), ("max", 153.2)]),
            ),
            ("http_reqs", metric(&[("count", 1842.0), ("rate", 920.41)])),
            ("http_req_failed", metric(&[("value", 0.0012)])),
            ("checks", metric(&[("passes", 1840.0), ("fails", 2.0)])),
        ];
        let limit = |threshold: &str, passed, measured| Threshold {
            metric: "http_req_duration".to_owned(),
            threshold: threshold.to_owned(),
            passed,
            measured,
        };
        let summary = Summary {
            scenario: "steady".to_owned(),
            url: "http://127.0.0.1:1".to_owned(),
            passed: false,
            interrupted: false,
            thresholds: vec![
                limit("p(95)<500", true, Some(4.5)),
                limit("p(99)<5", false, Some(8.6)),
            ],
            metrics: metrics.map(|(name, metric)| (name.to_owned(), metric)).into(),
        };
        let text = text(&summary, Paint::new(false));
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        insta::assert_snapshot!(text, @r"
        MILLISECONDS  MEDIAN  P95  P99  LONGEST
        requests      1.2     4.5  8.6  153

                  COUNT  A SECOND  FAILED
        requests  1842   920       0.12 %
        checks    1842             0.11 %

        THRESHOLD                     MEASURED  VERDICT
        http_req_duration  p(95)<500  4.5       kept
        http_req_duration  p(99)<5    8.6       crossed
        ");
    }
}
