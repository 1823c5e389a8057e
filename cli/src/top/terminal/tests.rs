use std::process::Command;

use tokio_util::sync::CancellationToken;

use super::Guard;
use crate::top::terminal::pty::Terminal;

/// What the process of the next test does. Not to be run by itself: it needs a terminal, and fails.
#[test]
#[ignore = "is run by another test, on a terminal"]
fn panics_on_a_terminal() {
    let _guard = Guard::take(false, &CancellationToken::new()).unwrap();
    panic!("nothing went right");
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "top::terminal::tests::panics_on_a_terminal",
        "--ignored",
        "--nocapture",
    ]);
    command.current_dir(std::env::temp_dir());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let mut terminal = Terminal::start(&command, (80, 24));
    assert!(!terminal.end().success());
    let at = |what: &[u8]| {
        terminal
            .written
            .windows(what.len())
            .position(|window| window == what)
    };
    let (entered, left) = (at(b"\x1b[?1049h").unwrap(), at(b"\x1b[?1049l").unwrap());
    assert!(entered < left && left < at(b"nothing went right").unwrap());
    assert!(at(b"\x1b[?25h").unwrap() > entered, "the cursor is not shown");
    assert!(terminal.is_cooked());
}
