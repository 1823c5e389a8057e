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

/// A report in which every pod is of a component called after its Deployment.
fn of_components() -> Report {
    let mut report = fixture::report();
    for pod in &mut report.pods {
        pod.component = pod.owner.as_ref().map(|owner| owner.name.clone());
    }
    report
}

#[test]
fn a_component_is_scaled_to_the_number_that_was_chosen_and_confirmed() {
    let (mut app, report) = (app(Screen::Pods), of_components());
    press(&mut app, &report, "/rating-5f6b-abc");
    app.key(Key::Enter, &report);
    press(&mut app, &report, "a");
    let menu = app.menu.clone().unwrap();
    let scale = menu
        .items
        .iter()
        .position(|item| matches!(item, Item::Scale { .. }));
    for _ in 0..scale.unwrap() {
        press(&mut app, &report, "j");
    }
    press(&mut app, &report, "++-----+");
    app.key(Key::Enter, &report);
    let request = press(&mut app, &report, "y");
    let Some(Request::Do(Item::Scale {
        component,
        workload,
        from,
        to,
    })) = request
    else {
        panic!("{request:?}");
    };
    assert_eq!((component.as_str(), from, to), ("rating", 2, 2));
    assert_eq!(workload.to_string(), "Deployment default/rating");
    let notice = app.notice.unwrap();
    assert!(notice.contains("from 2 to 2 pods"), "{notice}");
}

#[test]
fn logs_are_shown_without_a_question_from_pods_workers_and_consumers() {
    let report = of_components();
    for (screen, filter) in [
        (Screen::Pods, "/rating-5f6b-xyz\r"),
        (Screen::Workers, "/RS2\r"),
        (Screen::Consumers, "/workers\r"),
    ] {
        let mut app = app(screen);
        for c in filter.chars() {
            app.key(if c == '\r' { Key::Enter } else { Key::Char(c) }, &report);
        }
        let request = press(&mut app, &report, "l");
        let Some(Request::FollowLogs(logs)) = request else {
            panic!("{screen:?} {request:?}");
        };
        assert_eq!(
            (logs.pod.as_str(), logs.previous),
            ("rating-5f6b-xyz", false),
            "{screen:?}"
        );
        app.key(Key::Esc, &report);
        assert_eq!(app.log, None);
    }
}

#[test]
fn what_would_be_sent_again_is_looked_up_before_it_is_asked_about() {
    let (mut app, mut report) = (app(Screen::Streams), fixture::report());
    let row = report
        .streams
        .iter_mut()
        .find(|row| row.stream == "ORDERS")
        .unwrap();
    row.raw.as_mut().unwrap().subjects = vec!["dead.>".to_owned()];
    press(&mut app, &report, "/ORDERS");
    app.key(Key::Enter, &report);
    press(&mut app, &report, "a");
    let request = app.key(Key::Enter, &report);
    let Some(Request::Preview(Item::SendAgain {
        stream,
        messages,
        sequences,
    })) = request
    else {
        panic!("{request:?}");
    };
    assert_eq!((stream.as_str(), sequences.len()), ("ORDERS", 0));
    assert_eq!(
        press(&mut app, &report, "y"),
        None,
        "nobody knows yet what is asked"
    );
    let item = Item::SendAgain {
        stream,
        messages,
        sequences: vec![4, 9],
    };
    app.previewed(Ok((item.clone(), vec!["2 x api.a: no JSON".to_owned()])));
    assert_eq!(press(&mut app, &report, "y"), Some(Request::Do(item)));
    press(&mut app, &report, "a");
    app.key(Key::Enter, &report);
    app.previewed(Err("nothing can be sent again".to_owned()));
    assert_eq!(
        (app.menu, app.notice.as_deref()),
        (None, Some("nothing can be sent again"))
    );
}

#[test]
fn a_log_stays_where_it_is_read_and_is_bounded() {
    let (mut app, report) = (app(Screen::Pods), of_components());
    press(&mut app, &report, "l");
    let log = app.log.as_mut().unwrap();
    for number in 0..5_000 {
        log.push(&format!("line {number}"));
    }
    assert_eq!((log.lines.len(), log.below), (2_000, 0));
    app.key(Key::Up, &report);
    app.log.as_mut().unwrap().push("another");
    assert_eq!(app.log.as_ref().unwrap().below, 2);
    app.key(Key::Home, &report);
    app.key(Key::End, &report);
    assert_eq!(app.log.as_ref().unwrap().below, 0);
    press(&mut app, &report, "3");
    assert_eq!(app.log, None, "another screen is another page");
}

#[test]
fn only_what_changes_something_needs_the_confirmation_of_a_protected_profile() {
    let logs = Logs {
        component: "a".to_owned(),
        pod: "a-1".to_owned(),
        previous: false,
    };
    assert!(!Item::Logs(logs).changes() && !Item::Forward("a".to_owned()).changes());
    assert!(Item::Restart("a".to_owned()).changes());
}
