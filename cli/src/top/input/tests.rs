use proptest::prelude::*;
use test_case::test_case;

use super::*;

fn keys(bytes: &[u8]) -> Vec<Input> {
    let mut parser = Parser::default();
    let mut found = parser.feed(bytes);
    found.extend(parser.flush());
    found
}

#[test_case(b"q", Key::Char('q'); "a letter")]
#[test_case("é".as_bytes(), Key::Char('é'); "a letter of two bytes")]
#[test_case(b"\r", Key::Enter; "enter")]
#[test_case(b"\x1b", Key::Esc; "escape alone")]
#[test_case(b"\t", Key::Tab; "tab")]
#[test_case(b"\x1b[Z", Key::BackTab; "shift tab")]
#[test_case(b"\x7f", Key::Backspace; "backspace")]
#[test_case(b"\x03", Key::Ctrl('c'); "ctrl c")]
#[test_case(b"\x1b[A", Key::Up; "up")]
#[test_case(b"\x1bOB", Key::Down; "down of a keypad")]
#[test_case(b"\x1b[1;5C", Key::Right; "right with ctrl")]
#[test_case(b"\x1b[5~", Key::PageUp; "page up")]
#[test_case(b"\x1b[6;2~", Key::PageDown; "page down with shift")]
#[test_case(b"\x1b[1~", Key::Home; "home")]
#[test_case(b"\x1b[F", Key::End; "end")]
fn one_key(bytes: &[u8], key: Key) {
    assert_eq!(keys(bytes), [Input::Key(key)]);
}

#[test_case(b"\x1b[11~"; "a function key")]
#[test_case(b"\x1bx"; "a letter with alt")]
#[test_case(b"\x1b[?62;22c"; "an answer nobody asked for")]
#[test_case(b"\x1b]0;title\x07"; "a title")]
#[test_case(b"\xff\x80"; "bytes that are no text")]
fn no_key(bytes: &[u8]) {
    assert_eq!(keys(bytes), []);
}

#[test]
fn focus_and_background_are_told() {
    assert_eq!(keys(b"\x1b[I\x1b[O"), [Input::Focus(true), Input::Focus(false)]);
    assert_eq!(
        keys(b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\"),
        [Input::Background(true)]
    );
    assert_eq!(keys(b"\x1b]11;rgb:ff/ff/f0\x07"), [Input::Background(false)]);
}

#[test]
fn what_is_pasted_is_no_key() {
    let found = keys(b"a\x1b[200~q\x1b[31m\rdd\x1b[201~b");
    let pasted = Input::Pasted("q[31mdd".to_owned());
    assert_eq!(
        found,
        [Input::Key(Key::Char('a')), pasted, Input::Key(Key::Char('b'))]
    );
}

#[test]
fn a_sequence_without_an_end_is_thrown_away() {
    let mut parser = Parser::default();
    let mut endless = b"\x1b]".to_vec();
    endless.resize(10_000, b'x');
    assert_eq!(parser.feed(&endless), []);
    assert_eq!(parser.feed(b"q"), [Input::Key(Key::Char('q'))]);
}

proptest! {
    #[test]
    fn it_does_not_matter_how_bytes_are_cut(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..200) {
        let at = at.min(bytes.len());
        let mut parser = Parser::default();
        let mut found = parser.feed(&bytes[..at]);
        found.extend(parser.feed(&bytes[at..]));
        prop_assert_eq!(found, Parser::default().feed(&bytes));
    }
}
