//! The screens. Each has a table (or a page), which is drawn from the report and from what a person has chosen.

mod chrome;
mod consumers;
mod detail;
mod events;
mod help;
mod log;
mod panel;
mod pods;
mod proxy;
mod pulse;
mod streams;
mod workers;

use ratatui::{buffer::Buffer, layout::Rect};
use snapshot::{
    ConsumerKey,
    report::{PodRow, Report, StreamRow},
    sample::{Source, SourceState},
};

use super::{
    app::App,
    keys::Screen,
    paint::{Painter, rows},
    table::{self, Column, Row, View},
    theme::Theme,
};

/// Draws everything.
pub(crate) fn draw(app: &App, report: &Report, buffer: &mut Buffer) {
    let area = buffer.area;
    let theme = app.theme;
    let mut painter = Painter { buffer, theme };
    if area.height < 4 || area.width < 24 {
        return chrome::tiny(&mut painter, area, report);
    }
    chrome::header(&mut painter, rows(area, 0, 1), app, report);
    chrome::footer(&mut painter, rows(area, area.height - 1, 1), app, report);
    let body = rows(area, 1, area.height - 2);
    if app.help {
        help::draw(&mut painter, body, app);
    } else if let Some(page) = &app.log {
        log::draw(&mut painter, body, page);
    } else if app.opened.is_some() {
        detail::draw(&mut painter, body, app, report);
    } else {
        page(&mut painter, body, app, report);
    }
    chrome::menu(&mut painter, body, app);
}

/// Rows that the page of a screen of this size has, for page up and down.
pub(crate) fn page_rows(app: &App, report: &Report, size: (u16, u16)) -> usize {
    let body = Rect::new(0, 1, size.0, size.1.saturating_sub(2));
    if app.help || app.opened.is_some() || app.log.is_some() {
        return usize::from(body.height);
    }
    let table = match app.screen {
        Screen::Pulse => pulse::table_area(body, report),
        _ => panel::split(body, app.screen).0,
    };
    usize::from(table.height.saturating_sub(1))
}

fn page(painter: &mut Painter<'_>, area: Rect, app: &App, report: &Report) {
    match app.screen {
        Screen::Pulse => pulse::draw(painter, area, app, report),
        Screen::Streams => streams::draw(painter, area, app, report),
        Screen::Consumers => consumers::draw(painter, area, app, report),
        Screen::Proxy => proxy::draw(painter, area, app, report),
        Screen::Workers => workers::draw(painter, area, app, report),
        Screen::Pods => pods::draw(painter, area, app, report),
        Screen::Events => events::draw(painter, area, app, report),
    }
}

/// The keys of the rows that are shown, in their order.
pub(crate) fn keys(app: &App, report: &Report) -> Vec<String> {
    let view = app.view();
    match app.screen {
        Screen::Pulse => keys_of(view, &report.problems, &pulse::columns()),
        Screen::Streams => keys_of(view, &report.streams, &streams::columns()),
        Screen::Consumers => keys_of(view, &consumers::lines(app, report), &consumers::columns()),
        Screen::Proxy => keys_of(view, &report.routes, &proxy::columns()),
        Screen::Workers => keys_of(view, &report.workers, &workers::columns()),
        Screen::Pods => keys_of(view, &report.pods, &pods::columns()),
        Screen::Events => keys_of(view, &events::lines(report), &events::columns()),
    }
}

fn keys_of<R: Row>(view: &View, all: &[R], columns: &[Column<R>]) -> Vec<String> {
    view.rows(all, columns).into_iter().map(Row::key).collect()
}

/// Sorts the table of `screen` by its next column.
pub(crate) fn sort_next(screen: Screen, view: &mut View) {
    match screen {
        Screen::Pulse => view.sort_next(&pulse::columns()),
        Screen::Streams => view.sort_next(&streams::columns()),
        Screen::Consumers => view.sort_next(&consumers::columns()),
        Screen::Proxy => view.sort_next(&proxy::columns()),
        Screen::Workers => view.sort_next(&workers::columns()),
        Screen::Pods => view.sort_next(&pods::columns()),
        Screen::Events => view.sort_next(&events::columns()),
    }
}

/// What the selected row opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// A consumer.
    Consumer(ConsumerKey),
    /// The ephemeral consumers of a stream, one by one or together.
    Fold(String),
    /// Another screen, with a filter.
    Filtered(Screen, String),
}

/// What the selected row opens; nothing for rows that are all there is.
pub(crate) fn opened(app: &App, report: &Report) -> Option<Opened> {
    let keys = keys(app, report);
    let key = keys.get(app.view().place_of_key(&keys))?;
    match app.screen {
        Screen::Pulse => pulse::opened(report, key),
        Screen::Streams => streams::opened(report, key),
        Screen::Consumers => consumers::opened(report, key),
        Screen::Workers => workers::opened(report, key),
        Screen::Proxy | Screen::Pods | Screen::Events => None,
    }
}

/// What the rows open that can be seen now.
pub(crate) fn visible(app: &App, report: &Report) -> Vec<Opened> {
    let view = app.view();
    let keys = keys(app, report);
    let offset = table::offset(view.offset, view.place_of_key(&keys), keys.len(), app.page);
    let shown = keys.iter().skip(offset).take(app.page);
    match app.screen {
        Screen::Consumers => shown.filter_map(|key| consumers::opened(report, key)).collect(),
        _ => Vec::new(),
    }
}

/// Every table there is, with its title, as plain text.
pub(crate) fn plain_tables(report: &Report, theme: Theme) -> [(&'static str, String); 6] {
    fn plain<R: Row>(all: &[R], columns: &[Column<R>], theme: Theme) -> String {
        let rows: Vec<&R> = all.iter().collect();
        table::plain(&rows, columns, 120, theme)
    }
    let app = App::new(Screen::Pulse, theme);
    let consumers = consumers::lines(&app, report);
    [
        ("PROBLEMS", plain(&report.problems, &pulse::columns(), theme)),
        ("STREAMS", plain(&report.streams, &streams::columns(), theme)),
        ("CONSUMERS", plain(&consumers, &consumers::columns(), theme)),
        ("ROUTES", plain(&report.routes, &proxy::columns(), theme)),
        ("WORKERS", plain(&report.workers, &workers::columns(), theme)),
        ("PODS", plain(&report.pods, &pods::columns(), theme)),
    ]
}

/// What a source is called.
pub(crate) fn source_name(source: Source) -> &'static str {
    chrome::name(source)
}

/// The key of a stream's row.
pub(crate) fn stream_key(row: &StreamRow) -> String {
    row.key()
}

/// The key of a pod's row.
pub(crate) fn pod_key(row: &PodRow) -> String {
    row.key()
}

/// A name within its account.
fn named(account: Option<&String>, name: &str) -> String {
    account.map_or_else(|| name.to_owned(), |account| format!("{account}:{name}"))
}

/// Whether what a source tells is out of date: it is not there any more, or not yet again.
fn is_lost(report: &Report, source: Source) -> bool {
    report
        .sources
        .iter()
        .any(|row| row.source == source && matches!(row.state, SourceState::Down | SourceState::Connecting))
}

/// Draws the table of the screen, or why there is none; the selected row.
fn table<'a, R: Row>(
    painter: &mut Painter<'_>,
    area: Rect,
    app: &App,
    (all, columns): (&'a [R], &[Column<R>]),
    (report, source): (&Report, Source),
) -> Option<&'a R> {
    let shown = app.view().rows(all, columns);
    if shown.is_empty() {
        chrome::nothing(painter, area, app, all.len(), (report, source));
        return None;
    }
    table::draw(
        painter,
        area,
        columns,
        &shown,
        app.view(),
        is_lost(report, source),
    );
    shown.get(app.view().place(&shown)).copied()
}

#[cfg(test)]
mod tests;
