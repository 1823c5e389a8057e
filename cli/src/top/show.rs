//! The show: events become reports, reports become frames, keys change what is shown.

mod picture;

use std::io;
use std::time::{Duration, Instant};

use snapshot::{
    Action, ConsumerKey,
    sample::{Body, Event},
    update,
};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    app::{App, Frozen, Item, Logs, Preview, Request},
    feed::{Feed, Record},
    input::{self, Input},
    pace::Pace,
    screen,
    terminal::{Canvas, End, Guard, Jobs, Notice, Writer, size, stop},
};
use crate::{error::Error, exit::Exit};
pub(crate) use picture::Picture;

/// How often labels of age are looked at.
const AGE: Duration = Duration::from_secs(1);
/// Consumers that are not well and are looked at often, beside those that can be seen.
const WORST: usize = 8;
/// Lines of a log that are taken at once.
const BURST: usize = 200;

/// What is done for keys, and what comes of it.
pub(crate) trait Hands: Send + Sync {
    /// Fetches the payload of the next message of a consumer, as text that can be shown.
    fn payload(&self, key: ConsumerKey, seq: u64) -> Answer;
    /// Does what was confirmed, and says what came of it.
    fn act(&self, item: Item) -> Answer;
    /// Looks up what `item` would do.
    fn preview(&self, item: Item) -> Coming<Preview>;
    /// Reads what is logged, line by line, until nobody listens.
    fn logs(&self, logs: Logs) -> mpsc::Receiver<String>;
    /// Ports of this machine that lead into the cluster.
    fn forwards(&self) -> Vec<String>;
    /// Why `item` may not be done here; none: it may.
    fn refuses(&self, item: &Item) -> Option<String>;
}

/// Text that comes later.
pub(crate) type Answer = Coming<String>;

/// Something that comes later.
pub(crate) type Coming<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send>>;

/// What came of something that was asked for.
enum Came {
    Payload(ConsumerKey, String),
    Preview(Preview),
    Notice(String),
}

async fn next(logs: &mut Option<mpsc::Receiver<String>>) -> Option<String> {
    match logs {
        Some(logs) => logs.recv().await,
        None => std::future::pending().await,
    }
}

/// Everything that the show has.
pub(crate) struct Show {
    feed: Feed,
    record: Option<Record>,
    picture: Picture,
    app: App,
    canvas: Canvas,
    writer: Writer,
    guard: Guard,
    pace: Pace,
    hands: Box<dyn Hands>,
    came: (mpsc::Sender<Came>, mpsc::Receiver<Came>),
    logs: Option<mpsc::Receiver<String>>,
    focused: bool,
    frozen_at: Option<Instant>,
    ended: bool,
}

impl Show {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn open(
        feed: Feed,
        record: Option<Record>,
        app: App,
        hands: Box<dyn Hands>,
        panicked: &CancellationToken,
    ) -> Result<Self, Error> {
        let cannot =
            |error: io::Error| Error::new(Exit::Failure, "cannot take the terminal over").caused_by(error);
        Ok(Show {
            picture: Picture::new(feed.recorded),
            feed,
            record,
            canvas: Canvas::default(),
            writer: Writer::start().map_err(cannot)?,
            guard: Guard::take(app.theme.wants_background(), panicked).map_err(cannot)?,
            pace: Pace::default(),
            app,
            hands,
            came: mpsc::channel(8),
            logs: None,
            focused: true,
            frozen_at: None,
            ended: false,
        })
    }

    /// Runs until somebody ends it. The terminal is as it was when this returns.
    pub(crate) async fn run(mut self, panicked: CancellationToken) -> Result<End, Error> {
        let failed =
            |error: io::Error| Error::new(Exit::Failure, "cannot listen to the terminal").caused_by(error);
        let mut jobs = Jobs::listen().map_err(failed)?;
        let mut inputs = input::read().map_err(failed)?;
        let mut age = interval(AGE);
        age.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.pace.data_changed();
        let end = loop {
            let due = self.pace.next(Instant::now()).filter(|_| !self.writer.is_busy());
            let ages = self.focused && self.frozen_at.is_none() && !self.feed.recorded;
            tokio::select! {
                biased;
                input = inputs.recv() => if let Some(end) = self.input(input.unwrap_or(Input::Gone)).await? {
                    break end;
                },
                notice = jobs.next() => if let Some(end) = self.notice(notice).await? {
                    break end;
                },
                () = panicked.cancelled() => return Err(Error::new(Exit::Failure, "a part of the program has failed")),
                outcome = self.writer.written(), if self.writer.is_busy() => if outcome.is_err() {
                    break End::HungUp;
                },
                () = sleep_until(due.unwrap_or_else(Instant::now).into()), if due.is_some() => self.draw(),
                Some(came) = self.came.1.recv() => self.came(came),
                line = next(&mut self.logs), if self.logs.is_some() => self.logged(line),
                event = self.feed.events.recv(), if !self.ended => self.event(event)?,
                _ = age.tick(), if ages => {
                    let tick = Event { at: self.picture.now(), body: Body::Tick };
                    self.event(Some(tick))?;
                }
            }
        };
        self.writer.settle().await;
        if let Some(record) = self.record {
            record.finish()?;
        }
        Ok(end)
    }

    fn event(&mut self, event: Option<Event>) -> Result<(), Error> {
        let Some(event) = event else {
            self.ended = true;
            return Ok(());
        };
        if let Some(record) = &mut self.record {
            record.event(&event)?;
        }
        let is_poll = matches!(event.body, Body::Consumers(_) | Body::Services(_) | Body::Pods(_));
        self.picture.heard(event.at);
        if let Some(Action::Ask(query)) = update(&mut self.picture.state, event) {
            self.feed.put(query);
        }
        match (self.frozen_at, &mut self.app.frozen) {
            (Some(since), Some(frozen)) => {
                if is_poll {
                    frozen.missed += 1;
                    frozen.age_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
                    self.pace.view_changed();
                }
            }
            _ => self.pace.data_changed(),
        }
        Ok(())
    }

    async fn input(&mut self, input: Input) -> Result<Option<End>, Error> {
        match input {
            Input::Gone => return Ok(Some(End::HungUp)),
            Input::Key(key) => {
                let request = self.app.key(key, &self.picture.report);
                if self.app.log.is_none() {
                    self.logs = None;
                }
                if let Some(request) = request {
                    return self.request(request).await;
                }
            }
            Input::Pasted(text) => self.app.paste(&text),
            Input::Focus(focused) => self.focused = focused,
            Input::Background(dark) => self.app.theme = self.app.theme.on(dark),
        }
        self.pace.view_changed();
        Ok(None)
    }

    async fn request(&mut self, request: Request) -> Result<Option<End>, Error> {
        match request {
            Request::Quit => return Ok(Some(End::Quit)),
            Request::Stop => return self.stop().await,
            Request::Redraw => self.canvas.forget(),
            Request::Freeze(freeze) => self.freeze(freeze),
            Request::Follow(key) => {
                self.picture.state.select(key.clone());
                self.app.detail = key.and_then(|key| self.picture.detail(&key));
            }
            Request::Payload(key) => self.fetch(key),
            Request::Preview(item) => self.preview(item),
            Request::Do(item) => self.act(item),
            Request::FollowLogs(logs) => self.logs = Some(self.hands.logs(logs)),
        }
        self.pace.view_changed();
        Ok(None)
    }

    fn freeze(&mut self, freeze: bool) {
        self.frozen_at = freeze.then(Instant::now);
        self.app.frozen = freeze.then_some(Frozen { age_ms: 0, missed: 0 });
        self.pace.data_changed();
    }

    fn fetch(&mut self, key: ConsumerKey) {
        let next = self.app.detail.as_ref().and_then(|detail| detail.next.as_ref());
        let Some(seq) = next.map(|message| message.seq) else {
            self.app.payload = Some("there is no next message that is known".to_owned());
            return;
        };
        let answer = self.hands.payload(key.clone(), seq);
        let came = self.came.0.clone();
        tokio::spawn(async move { drop(came.send(Came::Payload(key, answer.await)).await) });
    }

    fn preview(&mut self, item: Item) {
        if let Some(why) = self.hands.refuses(&item) {
            return self.app.previewed(Err(why));
        }
        let preview = self.hands.preview(item);
        let came = self.came.0.clone();
        tokio::spawn(async move { drop(came.send(Came::Preview(preview.await)).await) });
    }

    /// Takes what has come of a log, but not more than a screen can show at once.
    fn logged(&mut self, line: Option<String>) {
        let (Some(page), Some(logs)) = (&mut self.app.log, &mut self.logs) else {
            return;
        };
        if let Some(line) = line {
            page.push(&line);
            for _ in 0..BURST {
                let Ok(line) = logs.try_recv() else { break };
                page.push(&line);
            }
        } else {
            page.ended = true;
            self.logs = None;
        }
        self.pace.view_changed();
    }

    fn act(&mut self, item: Item) {
        if let Some(why) = self.hands.refuses(&item) {
            self.app.notice = Some(why);
            return;
        }
        let answer = self.hands.act(item);
        let came = self.came.0.clone();
        tokio::spawn(async move { drop(came.send(Came::Notice(answer.await)).await) });
    }

    fn came(&mut self, came: Came) {
        match came {
            Came::Payload(key, text)
                if self.app.opened.as_ref() == Some(&key) && self.app.payload.is_some() =>
            {
                self.app.payload = Some(text);
            }
            Came::Payload(..) => {}
            Came::Preview(preview) => self.app.previewed(preview),
            Came::Notice(text) => {
                self.app.notice = Some(text);
                self.app.forwards = self.hands.forwards();
            }
        }
        self.pace.view_changed();
    }

    async fn notice(&mut self, notice: Notice) -> Result<Option<End>, Error> {
        match notice {
            Notice::End(end) => return Ok(Some(end)),
            Notice::Resized => {}
            Notice::Stop => return self.stop().await,
            Notice::GoOn => {
                self.canvas.forget();
                if self.guard.reassert().is_err() {
                    return Ok(Some(End::HungUp));
                }
            }
        }
        self.pace.view_changed();
        Ok(None)
    }

    async fn stop(&mut self) -> Result<Option<End>, Error> {
        // Half a frame would go on in the middle of what the shell writes.
        self.writer.settle().await;
        stop(&self.guard)
            .map_err(|error| Error::new(Exit::Failure, "cannot take the terminal again").caused_by(error))?;
        self.canvas.forget();
        self.pace.view_changed();
        self.pace.data_changed();
        Ok(None)
    }

    fn draw(&mut self) {
        let size = size();
        let started = Instant::now();
        if self.frozen_at.is_none() && self.pace.takes_data(started) {
            self.picture.renew();
            self.app.detail = self.app.opened.as_ref().and_then(|key| self.picture.detail(key));
            self.pace.built(started, started.elapsed());
            self.feed.follow(self.picture.interest(&self.app, WORST));
        }
        self.app.page = screen::page_rows(&self.app, &self.picture.report, size).max(1);
        let (app, report) = (&self.app, &self.picture.report);
        let frame = self
            .canvas
            .frame(size, |buffer| screen::draw(app, report, buffer));
        self.writer.write(frame);
        self.pace.drawn(started);
    }
}
