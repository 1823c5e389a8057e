use std::path::Path;

use proptest::prelude::*;
use ratatui::{buffer::Buffer, layout::Rect};
use snapshot::{ConsumerKey, Settings, State};
use test_case::test_case;

use super::*;
use crate::top::{
    app::Frozen,
    fixture,
    input::Key,
    picture::{plain_text, svg, with_styles},
    theme::{Depth, Theme},
};

const PLAIN: Theme = Theme::new(Depth::Sixteen, true, false);

fn picture(app: &App, report: &Report, (width, height): (u16, u16)) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    draw(app, report, &mut buffer);
    buffer
}

fn billing() -> ConsumerKey {
    ConsumerKey {
        account: None,
        stream: "ORDERS".to_owned(),
        consumer: "billing".to_owned(),
    }
}

fn opened(theme: Theme) -> App {
    let mut app = App::new(Screen::Consumers, theme);
    let state = fixture::state();
    app.opened = Some(billing());
    app.detail = state.detail(&billing(), state.now());
    assert!(app.detail.is_some());
    app
}

#[test_case(80, 24)]
#[test_case(120, 40)]
#[test_case(200, 50)]
fn every_screen(width: u16, height: u16) {
    let report = fixture::report();
    for screen in Screen::ALL {
        let app = App::new(screen, PLAIN);
        let name = format!("{}_{width}x{height}", screen.title().to_lowercase());
        insta::assert_snapshot!(name, with_styles(&picture(&app, &report, (width, height))));
    }
    let detail = picture(&opened(PLAIN), &report, (width, height));
    insta::assert_snapshot!(format!("consumer_{width}x{height}"), with_styles(&detail));
    let mut app = App::new(Screen::Pulse, PLAIN);
    app.help = true;
    insta::assert_snapshot!(
        format!("help_{width}x{height}"),
        plain_text(&picture(&app, &report, (width, height)))
    );
}

#[test]
fn in_ascii_there_is_nothing_else() {
    let report = fixture::report();
    let theme = Theme::new(Depth::None, true, true);
    let apps = Screen::ALL.map(|screen| App::new(screen, theme));
    for app in apps.iter().chain([&opened(theme)]) {
        let text = plain_text(&picture(app, &report, (200, 50)));
        assert!(text.is_ascii(), "{:?}: {text}", app.screen);
    }
}

#[test]
fn without_colours_every_state_still_has_its_word() {
    let report = fixture::report();
    let theme = Theme::new(Depth::None, true, true);
    let buffer = picture(&App::new(Screen::Consumers, theme), &report, (120, 40));
    let text = plain_text(&buffer);
    for row in report.consumers.iter().filter(|row| !row.ephemeral) {
        assert!(text.contains(row.state.name()), "{}: {text}", row.state.name());
    }
    for position in buffer.area.positions() {
        let cell = &buffer[position];
        assert_eq!((cell.fg, cell.bg), Default::default(), "{position:?}");
    }
}

#[test]
fn what_is_paused_says_for_how_long_and_what_it_misses() {
    let mut app = App::new(Screen::Consumers, PLAIN);
    app.frozen = Some(Frozen {
        age_ms: 12_000,
        missed: 6,
    });
    let text = plain_text(&picture(&app, &fixture::report(), (80, 24)));
    assert!(text.contains("PAUSED 12s, 6 polls missed"), "{text}");
}

#[test]
fn values_of_a_lost_connection_are_grey_and_have_an_age() {
    let mut state = fixture::state();
    let at = fixture::lose(&mut state);
    let report = state.report(at + 9_000);
    let buffer = picture(&App::new(Screen::Streams, PLAIN), &report, (100, 24));
    let text = plain_text(&buffer);
    assert!(text.contains("reconnecting, values 9.0s old"), "{text}");
    let orders = (0..24).find(|y| {
        text.lines()
            .nth(usize::from(*y))
            .is_some_and(|line| line.contains("ORDERS"))
    });
    let row = orders.unwrap();
    for x in 0..100 {
        let cell = &buffer[(x, row)];
        let grey = cell.modifier.contains(ratatui::style::Modifier::DIM);
        assert!(grey || cell.symbol() == " ", "column {x} of {text}");
    }
}

#[test]
fn one_line_is_enough_to_say_how_it_is() {
    let report = fixture::report();
    let text = plain_text(&picture(&App::new(Screen::Pulse, PLAIN), &report, (60, 1)));
    assert!(text.contains("crit"), "{text}");
}

#[test]
fn names_from_outside_cannot_move_the_cursor() {
    let mut report = fixture::report();
    let evil = "\u{1b}[2J\u{9b}31m\u{202e}evil\r\n";
    for row in &mut report.consumers {
        row.reason = evil.to_owned();
        row.consumer = evil.to_owned();
    }
    for row in &mut report.streams {
        row.reason = evil.to_owned();
    }
    for row in &mut report.events {
        row.text = evil.to_owned();
    }
    for screen in Screen::ALL {
        let buffer = picture(&App::new(screen, PLAIN), &report, (160, 40));
        for position in buffer.area.positions() {
            let symbol = buffer[position].symbol();
            assert!(
                !symbol.chars().any(char::is_control) && !symbol.contains('\u{202e}'),
                "{screen:?} {symbol:?}"
            );
        }
    }
}

fn any_key() -> impl Strategy<Value = Key> {
    prop_oneof![
        proptest::char::range(' ', '~').prop_map(Key::Char),
        proptest::sample::select(vec![
            Key::Enter,
            Key::Esc,
            Key::Tab,
            Key::Up,
            Key::Down,
            Key::Left,
            Key::Right,
            Key::PageUp,
            Key::PageDown,
            Key::Home,
            Key::End,
            Key::Backspace,
            Key::Char('日'),
        ]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_size_and_no_key_makes_it_panic(
        sizes in proptest::collection::vec((0_u16..=200, 0_u16..=60), 1..4),
        keys in proptest::collection::vec(any_key(), 0..25),
        part in 0_usize..=100,
        ascii in any::<bool>(),
    ) {
        // As much of what happened as came until some moment.
        let events = fixture::events();
        let mut state = State::new(Settings::default());
        for event in events.iter().take(events.len() * part / 100) {
            snapshot::update(&mut state, event.clone());
        }
        let report = state.report(state.now());
        let mut app = App::new(Screen::Pulse, Theme::new(Depth::True, false, ascii));
        for key in keys {
            if let Some(crate::top::app::Request::Follow(Some(key))) = app.key(key, &report) {
                app.detail = state.detail(&key, state.now());
            }
            for size in &sizes {
                app.page = page_rows(&app, &report, *size).max(1);
                picture(&app, &report, *size);
            }
        }
    }
}

#[test]
fn a_log_is_broken_to_the_width_and_cannot_act_on_the_terminal() {
    let mut app = App::new(Screen::Pods, PLAIN);
    let mut report = fixture::report();
    report
        .pods
        .iter_mut()
        .for_each(|pod| pod.component = Some("rating".to_owned()));
    app.key(Key::Char('l'), &report);
    let log = app.log.as_mut().unwrap();
    for number in 0..40 {
        log.push(&format!("{number} \u{1b}[2J {}", "word ".repeat(12)));
    }
    let text = plain_text(&picture(&app, &report, (40, 12)));
    assert!(text.contains("Logs of pod") && text.contains("39 ?[2J"), "{text}");
    assert!(!text.contains('\u{1b}'));
    for (width, height) in [(1, 1), (24, 4), (3, 9), (200, 3)] {
        picture(&app, &report, (width, height));
    }
}

/// What the documents show is what the screens are: `make pictures` writes it, and this says when that was forgotten.
#[test]
fn the_pictures_of_the_documents_are_those_of_now() {
    let theme = Theme::new(Depth::True, true, false);
    let report = fixture::report();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/images");
    for screen in [Screen::Pulse, Screen::Consumers] {
        let title = format!("ratectl top: {}", screen.title());
        let drawn = svg(&picture(&App::new(screen, theme), &report, (120, 34)), &title);
        let file = folder.join(format!("top-{}.svg", screen.title().to_lowercase()));
        if std::env::var_os("RATECTL_PICTURES").is_some() {
            std::fs::write(&file, &drawn).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            kept == drawn,
            "{} is out of date: `make pictures` draws it anew",
            file.display()
        );
    }
}
