use snapshot::{Settings, State};

use super::*;
use crate::top::{
    fixture,
    theme::{Depth, Theme},
};

fn app(screen: Screen) -> App {
    App::new(screen, Theme::new(Depth::None, true, true))
}

fn press(app: &mut App, report: &Report, keys: &str) -> Option<Request> {
    keys.chars()
        .map(|c| app.key(Key::Char(c), report))
        .last()
        .flatten()
}

#[test]
fn digits_and_tab_choose_the_screen() {
    let (mut app, report) = (app(Screen::Pulse), fixture::report());
    press(&mut app, &report, "3");
    assert_eq!(app.screen, Screen::Consumers);
    app.key(Key::Tab, &report);
    assert_eq!(app.screen, Screen::Proxy);
    press(&mut app, &report, "1");
    app.key(Key::BackTab, &report);
    assert_eq!(app.screen, Screen::Events);
}

#[test]
fn a_filter_is_typed_and_keys_are_letters_meanwhile() {
    let (mut app, report) = (app(Screen::Consumers), fixture::report());
    let all = screen::keys(&app, &report).len();
    press(&mut app, &report, "/billq");
    assert!(app.typing);
    app.key(Key::Backspace, &report);
    app.paste("ing");
    app.key(Key::Enter, &report);
    assert_eq!(app.view().filter, "billing");
    let shown = screen::keys(&app, &report);
    assert!(!shown.is_empty() && shown.len() < all, "{shown:?}");
    assert!(shown.iter().all(|key| key.contains("billing")));
    app.key(Key::Esc, &report);
    assert_eq!(screen::keys(&app, &report).len(), all);
}

#[test]
fn ctrl_c_ends_it_whatever_is_shown() {
    let (mut app, report) = (app(Screen::Consumers), fixture::report());
    press(&mut app, &report, "/");
    assert_eq!(app.key(Key::Ctrl('c'), &report), Some(Request::Quit));
}

#[test]
fn faults_are_at_the_top_and_can_be_all_there_is() {
    let (mut app, report) = (app(Screen::Consumers), fixture::report());
    let keys = screen::keys(&app, &report);
    press(&mut app, &report, "f");
    let faults = screen::keys(&app, &report);
    assert!(!faults.is_empty() && faults.len() < keys.len());
    assert_eq!(keys[..faults.len()], faults[..]);
}

#[test]
fn a_consumer_is_opened_followed_and_left() {
    let (mut app, report) = (app(Screen::Consumers), fixture::report());
    press(&mut app, &report, "/billing");
    app.key(Key::Enter, &report);
    let Some(Request::Follow(Some(key))) = app.key(Key::Enter, &report) else {
        panic!("not opened");
    };
    assert_eq!(
        (key.stream.as_str(), key.consumer.as_str()),
        ("ORDERS", "billing")
    );
    assert_eq!(app.opened, Some(key.clone()));
    assert_eq!(press(&mut app, &report, "p"), Some(Request::Payload(key)));
    assert_eq!(press(&mut app, &report, "p"), None, "pressed again it goes");
    assert_eq!(app.payload, None);
    assert_eq!(app.key(Key::Esc, &report), Some(Request::Follow(None)));
    assert_eq!(app.opened, None);
}

#[test]
fn a_problem_opens_what_it_is_about() {
    let (mut app, report) = (app(Screen::Pulse), fixture::report());
    let consumer = report
        .problems
        .iter()
        .position(|problem| problem.object == "ORDERS/billing");
    for _ in 0..consumer.unwrap() {
        app.key(Key::Down, &report);
    }
    let request = app.key(Key::Enter, &report);
    assert!(matches!(request, Some(Request::Follow(Some(_)))), "{request:?}");
}

#[test]
fn what_changes_something_is_asked_for_by_name_first() {
    let (mut app, report) = (app(Screen::Consumers), fixture::report());
    press(&mut app, &report, "/billing");
    app.key(Key::Enter, &report);
    assert_eq!(press(&mut app, &report, "a"), None);
    let menu = app.menu.clone().unwrap();
    assert!(
        menu.items
            .iter()
            .all(|item| item.words().contains("ORDERS/billing")),
        "{menu:?}"
    );
    app.key(Key::Enter, &report);
    assert_eq!(press(&mut app, &report, "x"), None, "any other key is no");
    assert_eq!(app.menu, None);
    press(&mut app, &report, "a");
    app.key(Key::Enter, &report);
    let request = press(&mut app, &report, "y");
    assert!(
        matches!(request, Some(Request::Do(Item::Pause(_)))),
        "{request:?}"
    );
}

#[test]
fn a_purge_says_how_many_messages_it_deletes() {
    let (mut app, report) = (app(Screen::Streams), fixture::report());
    press(&mut app, &report, "/ORDERS");
    app.key(Key::Enter, &report);
    press(&mut app, &report, "a");
    let words = app.menu.unwrap().items[0].words();
    assert_eq!(words, "Purge stream ORDERS: delete its 5000 messages");
}

#[test]
fn the_selection_stays_within_the_rows() {
    let (mut app, report) = (app(Screen::Consumers), fixture::report());
    let keys = screen::keys(&app, &report);
    app.key(Key::End, &report);
    assert_eq!(app.view().selected.as_ref(), keys.last());
    app.key(Key::PageUp, &report);
    app.key(Key::Home, &report);
    assert_eq!(app.view().selected.as_ref(), keys.first());
}

#[test]
fn nothing_known_is_no_reason_to_fail() {
    let report = State::new(Settings::default()).report(0);
    for screen in Screen::ALL {
        let mut app = app(screen);
        for key in [
            Key::Enter,
            Key::Down,
            Key::End,
            Key::PageUp,
            Key::Char('s'),
            Key::Char('a'),
            Key::Char('p'),
        ] {
            app.key(key, &report);
        }
        assert_eq!(app.opened, None);
    }
}
