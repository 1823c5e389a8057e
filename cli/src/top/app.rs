//! What a person has chosen to see, and what keys change about it. Pure: no clock, no terminal.

mod item;
mod log;
mod menu;
mod offer;

use std::collections::BTreeSet;

use snapshot::{
    ConsumerKey,
    report::{ConsumerDetail, Report},
};

use super::{
    input::Key,
    keys::{self, Act, Screen},
    screen,
    table::View,
    theme::Theme,
};
pub(crate) use item::{Item, Logs};
pub(crate) use log::LogPage;
pub(crate) use menu::{Menu, Preview, Stage, Step};

/// Rows that a page is taken for before anything was drawn.
const PAGE: usize = 20;
/// The longest filter.
const LONGEST: usize = 200;

/// What is to be done, beyond drawing again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// End.
    Quit,
    /// Stop this process, as a shell does.
    Stop,
    /// Draw the whole screen anew.
    Redraw,
    /// A consumer was opened (or left): its messages are to be known exactly.
    Follow(Option<ConsumerKey>),
    /// The payload of the next message of the opened consumer is to be fetched.
    Payload(ConsumerKey),
    /// Take nothing new, or go on.
    Freeze(bool),
    /// Look up what this would do.
    Preview(Item),
    /// Do something; it was confirmed where that is needed.
    Do(Item),
    /// Read what is logged, for as long as there is a page for it.
    FollowLogs(Logs),
}

/// A picture that is not renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frozen {
    /// For how long.
    pub(crate) age_ms: u64,
    /// Polls that came in meanwhile.
    pub(crate) missed: u64,
}

/// Everything that a person has chosen.
#[derive(Clone, Debug)]
pub(crate) struct App {
    /// The screen.
    pub(crate) screen: Screen,
    /// How each screen's table is looked at.
    pub(crate) views: [View; Screen::ALL.len()],
    /// The consumer that is looked at closely.
    pub(crate) opened: Option<ConsumerKey>,
    /// What is known of it.
    pub(crate) detail: Option<ConsumerDetail>,
    /// The payload of its next message, or why there is none.
    pub(crate) payload: Option<String>,
    /// Rows by which what is longer than the screen is scrolled.
    pub(crate) scroll: usize,
    /// The help is shown.
    pub(crate) help: bool,
    /// A filter is being typed.
    pub(crate) typing: bool,
    /// What is shown is not renewed.
    pub(crate) frozen: Option<Frozen>,
    /// Charts show this many samples at most: 150 are five minutes.
    pub(crate) samples: usize,
    /// Streams whose ephemeral consumers are shown one by one.
    pub(crate) unfolded: BTreeSet<String>,
    /// A pod's log, while it is looked at.
    pub(crate) log: Option<LogPage>,
    /// Ports of this machine that lead into the cluster, as URLs and where to.
    pub(crate) forwards: Vec<String>,
    /// What can be done, while it is chosen from.
    pub(crate) menu: Option<Menu>,
    /// What came of the last thing that was done.
    pub(crate) notice: Option<String>,
    /// How things look.
    pub(crate) theme: Theme,
    /// Rows of the table or text, when it was last drawn.
    pub(crate) page: usize,
}

impl App {
    /// The beginning.
    pub(crate) fn new(screen: Screen, theme: Theme) -> Self {
        App {
            screen,
            views: Default::default(),
            opened: None,
            detail: None,
            payload: None,
            scroll: 0,
            help: false,
            typing: false,
            frozen: None,
            samples: 150,
            unfolded: BTreeSet::new(),
            log: None,
            forwards: Vec::new(),
            menu: None,
            notice: None,
            theme,
            page: PAGE,
        }
    }

    /// How the table of the screen is looked at.
    pub(crate) fn view(&self) -> &View {
        &self.views[self.screen.index()]
    }

    /// The same, to change it.
    pub(crate) fn view_mut(&mut self) -> &mut View {
        &mut self.views[self.screen.index()]
    }

    /// A key was pressed while `report` was shown.
    pub(crate) fn key(&mut self, key: Key, report: &Report) -> Option<Request> {
        self.notice = None;
        if key == Key::Ctrl('c') {
            return Some(Request::Quit);
        }
        if self.typing {
            self.type_filter(key);
            return None;
        }
        if let Some(menu) = self.menu.take() {
            return self.choose(menu, key);
        }
        let act = keys::act(key)?;
        self.act(act, report)
    }

    /// Text was pasted.
    pub(crate) fn paste(&mut self, text: &str) {
        if self.typing {
            for c in text.chars() {
                self.type_filter(Key::Char(c));
            }
        }
    }

    fn act(&mut self, act: Act, report: &Report) -> Option<Request> {
        match act {
            Act::Quit if self.help => self.help = false,
            Act::Quit => return Some(Request::Quit),
            Act::Stop => return Some(Request::Stop),
            Act::Redraw => return Some(Request::Redraw),
            Act::Freeze => return Some(Request::Freeze(self.frozen.is_none())),
            Act::Help => {
                self.help = !self.help;
                self.scroll = 0;
            }
            Act::Back => return self.back(),
            _ if self.log.is_some() && !self.help && !is_of_pages(act) => {}
            Act::Show(screen) => return self.show(screen),
            Act::NextScreen => return self.show(neighbour(self.screen, 1)),
            Act::PreviousScreen => return self.show(neighbour(self.screen, Screen::ALL.len() - 1)),
            Act::ZoomIn => self.samples = (self.samples / 2).max(15),
            Act::ZoomOut => self.samples = (self.samples * 2).min(150),
            Act::Move(_) | Act::Page(_) | Act::First | Act::Last => self.travel(act, report),
            _ if self.help => {}
            Act::Payload => return self.toggle_payload(),
            Act::Actions => {
                self.menu = Menu::of(self, report);
                if self.menu.is_none() {
                    self.notice = Some("nothing can be done with this row".to_owned());
                }
            }
            Act::Logs => match offer::logs(self, report) {
                Some(logs) => return Some(self.follow(logs)),
                None => self.notice = Some("no pod of a component is known to this row".to_owned()),
            },
            Act::Open => return self.open(report),
            Act::Filter => self.typing = self.opened.is_none(),
            Act::Faults => self.view_mut().faults ^= true,
            Act::Reverse => self.view_mut().reverse ^= true,
            Act::Sort => screen::sort_next(self.screen, self.view_mut()),
        }
        None
    }

    fn back(&mut self) -> Option<Request> {
        if self.help {
            self.help = false;
        } else if self.log.is_some() {
            self.log = None;
        } else if self.opened.take().is_some() {
            self.close();
            return Some(Request::Follow(None));
        } else if !self.view().filter.is_empty() {
            self.view_mut().filter.clear();
        } else {
            self.view_mut().faults = false;
        }
        None
    }

    fn close(&mut self) {
        self.detail = None;
        self.payload = None;
        self.scroll = 0;
    }

    fn show(&mut self, screen: Screen) -> Option<Request> {
        self.screen = screen;
        self.help = false;
        self.log = None;
        self.close();
        self.opened.take().map(|_| Request::Follow(None))
    }

    fn travel(&mut self, act: Act, report: &Report) {
        let page = self.page.max(1);
        if let (false, Some(log)) = (self.help, &mut self.log) {
            return log.travel(act, page);
        }
        if self.help || self.opened.is_some() {
            self.scroll = step(act, self.scroll, usize::MAX, page);
            return;
        }
        let keys = screen::keys(self, report);
        let view = self.view_mut();
        let place = view.place_of_key(&keys);
        view.select(&keys, step(act, place, keys.len().saturating_sub(1), page));
        let place = view.place_of_key(&keys);
        view.offset = super::table::offset(view.offset, place, keys.len(), page);
    }

    fn open(&mut self, report: &Report) -> Option<Request> {
        if self.opened.is_some() {
            return None;
        }
        // The first row is selected until another one is.
        let keys = screen::keys(self, report);
        let place = self.view().place_of_key(&keys);
        self.view_mut().select(&keys, place);
        match screen::opened(self, report)? {
            screen::Opened::Consumer(key) => {
                self.close();
                self.opened = Some(key.clone());
                return Some(Request::Follow(Some(key)));
            }
            screen::Opened::Fold(stream) => {
                if !self.unfolded.remove(&stream) {
                    self.unfolded.insert(stream);
                }
            }
            screen::Opened::Filtered(screen, filter) => {
                self.screen = screen;
                self.view_mut().filter = filter;
                self.view_mut().faults = false;
            }
        }
        None
    }

    fn toggle_payload(&mut self) -> Option<Request> {
        let opened = self.opened.clone()?;
        if self.payload.take().is_some() {
            return None;
        }
        self.payload = Some("fetching...".to_owned());
        Some(Request::Payload(opened))
    }

    fn type_filter(&mut self, key: Key) {
        let filter = &mut self.view_mut().filter;
        match key {
            Key::Char(c) if filter.len() < LONGEST => filter.push(c),
            Key::Backspace => {
                filter.pop();
            }
            Key::Ctrl('u') => filter.clear(),
            Key::Enter => self.typing = false,
            Key::Esc => {
                filter.clear();
                self.typing = false;
            }
            _ => {}
        }
    }

    fn choose(&mut self, mut menu: Menu, key: Key) -> Option<Request> {
        match menu.key(key) {
            Step::Stay => self.menu = Some(menu),
            Step::Leave => {}
            Step::Preview(item) => {
                self.menu = Some(menu);
                return Some(Request::Preview(item));
            }
            Step::Do(Item::Logs(logs)) => return Some(self.follow(logs)),
            Step::Do(item) => {
                self.notice = Some(format!("{} ...", item.words()));
                return Some(Request::Do(item));
            }
        }
        None
    }

    /// What an item would do is known now.
    pub(crate) fn previewed(&mut self, preview: Preview) {
        match (preview, &mut self.menu) {
            (Ok((item, words)), Some(menu)) => menu.told(item, words),
            // Nobody waits for it any more.
            (_, None) => {}
            (Err(why), Some(_)) => {
                self.menu = None;
                self.notice = Some(why);
            }
        }
    }

    fn follow(&mut self, logs: Logs) -> Request {
        self.log = Some(LogPage::new(logs.clone()));
        Request::FollowLogs(logs)
    }
}

/// What is done on every page.
fn is_of_pages(act: Act) -> bool {
    matches!(
        act,
        Act::Show(_)
            | Act::NextScreen
            | Act::PreviousScreen
            | Act::Move(_)
            | Act::Page(_)
            | Act::First
            | Act::Last
    )
}

fn neighbour(screen: Screen, by: usize) -> Screen {
    Screen::ALL[(screen.index() + by) % Screen::ALL.len()]
}

/// Where `act` leads from `place`, if `last` is the last place.
fn step(act: Act, place: usize, last: usize, page: usize) -> usize {
    let by = |rows: i32, size: usize| {
        let distance = usize::try_from(rows.unsigned_abs())
            .unwrap_or(0)
            .saturating_mul(size);
        if rows < 0 {
            place.saturating_sub(distance)
        } else {
            place.saturating_add(distance).min(last)
        }
    };
    match act {
        Act::Move(rows) => by(rows, 1),
        Act::Page(pages) => by(pages, page),
        Act::First => 0,
        Act::Last => last,
        _ => place,
    }
}

#[cfg(test)]
mod tests;
