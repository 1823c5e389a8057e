//! One consumer looked at closely: a page that is longer than most screens, and scrolls.

mod facts;

use ratatui::{buffer::Buffer, layout::Rect};
use snapshot::report::{ConsumerDetail, MessageRow, Report, SeriesPoint};

use super::{consumers, panel, streams::replicas_span};
use crate::top::{
    app::App,
    chart, look, number,
    paint::{Painter, Span, columns as part, muted, plain, rows},
    theme::{Role, Theme},
};

/// The longest page.
const LONGEST: u16 = 240;
/// Rows of one chart, with its title.
const CHART: u16 = 6;

/// Draws the page, from the row that it is scrolled to.
pub(super) fn draw(painter: &mut Painter<'_>, area: Rect, app: &App, report: &Report) {
    let Some(detail) = &app.detail else {
        let name = app
            .opened
            .as_ref()
            .map(|key| format!("{}/{}", key.stream, key.consumer))
            .unwrap_or_default();
        painter.line(area, 0, &[plain(format!("{name} is not there (any more)."))]);
        return;
    };
    let mut page = Buffer::empty(Rect::new(0, 0, area.width, LONGEST));
    let mut onto = Painter {
        buffer: &mut page,
        theme: painter.theme,
    };
    let height = compose(&mut onto, app, detail, report);
    let most = height.saturating_sub(area.height);
    let from = u16::try_from(app.scroll).unwrap_or(u16::MAX).min(most);
    for y in 0..area.height.min(height) {
        for x in 0..area.width {
            if let (Some(to), Some(cell)) = (
                painter.buffer.cell_mut((area.x + x, area.y + y)),
                page.cell((x, from + y)),
            ) {
                *to = cell.clone();
            }
        }
    }
    if from < most {
        let more = format!(" {} more rows {} ", most - from, painter.theme.sign("↓", "v"));
        let last = rows(area, area.height - 1, 1);
        painter.line_right(last, 0, &[Span::new(more, Role::Active)]);
    }
}

/// Draws all of it and returns how many rows that took.
fn compose(painter: &mut Painter<'_>, app: &App, detail: &ConsumerDetail, report: &Report) -> u16 {
    let area = painter.buffer.area;
    let mut y = 0;
    panel::draw(
        painter,
        rows(area, y, 5),
        &consumers::told(&detail.consumer),
        report,
    );
    y += 5;
    y = charts(painter, area, y, app, &detail.series);
    y = messages(painter, area, y, app, detail);
    y = facts::draw(painter, area, y, detail);
    y = instances(painter, area, y, detail);
    y = replicas(painter, area, y, detail);
    pods_and_events(painter, area, y, detail).min(LONGEST)
}

/// What a chart shows.
type Line = (
    &'static str,
    fn(&SeriesPoint) -> Option<f64>,
    Role,
    fn(f64) -> String,
);

#[expect(clippy::cast_precision_loss, reason = "it becomes the height of a bar")]
const LINES: [Line; 4] = [
    (
        "queued",
        |point| Some(point.num_pending as f64),
        Role::First,
        gauge,
    ),
    (
        "in flight",
        |point| Some(point.num_ack_pending as f64),
        Role::Third,
        gauge,
    ),
    (
        "delivered/s",
        |point| point.deliver_per_s,
        Role::Second,
        number::rate,
    ),
    (
        "acknowledged/s",
        |point| point.ack_per_s,
        Role::Busy,
        number::rate,
    ),
];

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it was a count before"
)]
fn gauge(value: f64) -> String {
    number::count(value.max(0.0) as u64)
}

fn charts(painter: &mut Painter<'_>, area: Rect, y: u16, app: &App, series: &[SeriesPoint]) -> u16 {
    let shown = &series[series.len().saturating_sub(app.samples)..];
    let each: u16 = match area.width {
        0..60 => 1,
        60..140 => 2,
        _ => 4,
    };
    let lasted = shown
        .first()
        .zip(shown.last())
        .map(|(first, last)| last.ts_ms - first.ts_ms);
    let lasted = look::span(lasted).text;
    painter.heading(area, y, &format!("Last {lasted} (+ - zoom)"));
    let width = area.width / each;
    let mut lines = 0;
    for (at, (title, value, role, words)) in (0_u16..).zip(LINES) {
        let place = part(area, at % each * width, width.saturating_sub(1));
        let place = rows(place, y + 1 + at / each * CHART, CHART - 1);
        lines = at / each + 1;
        let values: Vec<Option<f64>> = shown.iter().map(value).collect();
        let top = chart::highest(&values, 1.0);
        let now = values
            .last()
            .copied()
            .flatten()
            .map_or_else(|| number::UNKNOWN.to_owned(), words);
        let title = [
            Span::new(title, Role::Title),
            plain(format!(" {now} ")),
            muted(format!("most {}", words(top))),
        ];
        painter.line(place, 0, &title);
        chart::area(painter, rows(place, 1, place.height), &values, top, role);
    }
    y + 1 + lines * CHART
}

fn messages(painter: &mut Painter<'_>, area: Rect, y: u16, app: &App, detail: &ConsumerDetail) -> u16 {
    painter.heading(area, y, "Messages (p shows the payload of the next one)");
    let mut y = y + 1;
    for (title, message) in [
        ("oldest unacknowledged", &detail.oldest_unacked),
        ("next to be delivered", &detail.next),
    ] {
        y = self::message(painter, area, y, title, message.as_ref());
    }
    if let Some(payload) = &app.payload {
        painter.line(area, y, &[Span::new("payload ", Role::Title)]);
        y += 1;
        for line in payload.lines().take(24) {
            painter.line(area, y, &[muted("  "), plain(line)]);
            y += 1;
        }
    }
    y + 1
}

fn message(painter: &mut Painter<'_>, area: Rect, y: u16, title: &str, message: Option<&MessageRow>) -> u16 {
    let title = Span::new(format!("{title:<22}"), Role::Title);
    let Some(message) = message else {
        painter.line(area, y, &[title, muted("none, or not known")]);
        return y + 1;
    };
    let size = number::bytes(message.payload_bytes);
    painter.line(
        area,
        y,
        &[
            title,
            plain(format!("#{} ", message.seq)),
            Span::new(message.subject.clone(), Role::Accent),
            plain(format!("  {} old  {size}", look::span(message.age_ms).text)),
        ],
    );
    let mut y = y + 1;
    for (name, value) in message.headers.iter().take(12) {
        painter.line(area, y, &[muted(format!("  {name}: ")), plain(value.clone())]);
        y += 1;
    }
    y
}

fn instances(painter: &mut Painter<'_>, area: Rect, y: u16, detail: &ConsumerDetail) -> u16 {
    painter.heading(area, y, "Instances that take from it");
    if detail.workers.is_empty() {
        painter.line(area, y + 1, &[muted("none has said so")]);
        return y + 3;
    }
    let mut y = y + 1;
    for worker in detail.workers.iter().take(30) {
        let theme = painter.theme;
        let rate = look::rate(worker.requests_per_s).text;
        let p99 = look::known(worker.p99_ms, number::latency_ms).text;
        let busy = look::share(worker.busy_share, 0.9, 2.0).text;
        let pod = worker.pod.as_deref().unwrap_or(number::UNKNOWN);
        painter.line(
            area,
            y,
            &[
                Span::new(look::sign(worker.severity, theme), look::role(worker.severity)),
                plain(format!(" {}/{} ", worker.service, worker.id)),
                muted(format!("{rate} req/s  p99 {p99}  busy {busy}  pod {pod}")),
            ],
        );
        y += 1;
    }
    y + 1
}

fn replicas(painter: &mut Painter<'_>, area: Rect, y: u16, detail: &ConsumerDetail) -> u16 {
    let cluster = detail.consumer.raw.as_ref().and_then(|raw| raw.cluster.as_ref());
    let Some(cluster) = cluster else {
        return y;
    };
    painter.heading(area, y, "Replicas");
    let theme = painter.theme;
    let leader = cluster
        .leader
        .clone()
        .unwrap_or_else(|| "nobody leads".to_owned());
    painter.line(
        area,
        y + 1,
        &[replicas_span(cluster, theme), plain(format!("  leader {leader}"))],
    );
    let mut y = y + 2;
    for replica in cluster.replicas.iter().take(9) {
        let word = if replica.offline {
            "offline"
        } else if replica.current {
            "current"
        } else {
            "behind"
        };
        let role = if replica.current && !replica.offline {
            Role::Good
        } else {
            Role::Warning
        };
        let lag = replica
            .lag
            .map_or_else(String::new, |lag| format!("  {lag} operations behind"));
        painter.line(
            area,
            y,
            &[
                plain(format!("  {} ", replica.name)),
                Span::new(word, role),
                muted(lag),
            ],
        );
        y += 1;
    }
    y + 1
}

fn pods_and_events(painter: &mut Painter<'_>, area: Rect, mut y: u16, detail: &ConsumerDetail) -> u16 {
    let theme = painter.theme;
    if !detail.pods.is_empty() {
        painter.heading(area, y, "Pods");
        y += 1;
        for pod in detail.pods.iter().take(30) {
            let name = format!(" {}/{} ", pod.namespace, pod.pod);
            let ready = format!(
                "{}/{} ready, {} restarts",
                pod.containers_ready, pod.containers, pod.restarts
            );
            painter.line(
                area,
                y,
                &[
                    look::state(pod.severity, &pod.status, theme),
                    plain(name),
                    muted(ready),
                ],
            );
            y += 1;
        }
        y += 1;
    }
    painter.heading(area, y, "What happened to it");
    y += 1;
    if detail.events.is_empty() {
        painter.line(area, y, &[muted("nothing yet")]);
        y += 1;
    }
    for event in detail.events.iter().take(40) {
        painter.line(area, y, &event_line(event, theme));
        y += 1;
    }
    y
}

fn event_line(event: &snapshot::report::EventRow, theme: Theme) -> Vec<Span> {
    let times = if event.count > 1 {
        format!(" x{}", event.count)
    } else {
        String::new()
    };
    vec![
        muted(format!("{} ", number::time_of_day(event.at_ms))),
        Span::new(look::sign(event.severity, theme), look::role(event.severity)),
        plain(format!(" {}{times}", event.text)),
    ]
}
