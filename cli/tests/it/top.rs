//! `ratectl top` on a terminal: what it writes, byte for byte, and how it leaves the terminal.

mod actions;

use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::time::Duration;

use test_case::test_case;

use crate::{environment::Environment, pty::Terminal};

const RECORDING: &str = include_str!("top/orders.jsonl");

fn recorded() -> Environment {
    let environment = Environment::new();
    environment.write("orders.jsonl", RECORDING);
    environment
}

fn top(environment: &Environment, more: &[&str], size: (u16, u16)) -> Terminal {
    let mut args = vec!["top", "--replay", "orders.jsonl", "--speed", "0"];
    args.extend(more);
    Terminal::start(&environment.command(&args), size)
}

/// What the terminal has to be told at the end: whatever was begun is ended.
const RESTORED: [&[u8]; 5] = [
    b"\x1b[?2026l",
    b"\x1b[?1004l",
    b"\x1b[?2004l",
    b"\x1b[?25h",
    b"\x1b[?1049l",
];

fn assert_restored(terminal: &Terminal) {
    assert!(terminal.is_cooked(), "the modes are not as they were");
    let entered = find_last(&terminal.written, b"\x1b[?1049h").unwrap();
    for sequence in RESTORED {
        let at = find_last(&terminal.written, sequence);
        let name = String::from_utf8_lossy(sequence).escape_debug().to_string();
        assert!(
            at.is_some_and(|at| at > entered),
            "{name} was not written at the end"
        );
    }
    let left = find_last(&terminal.written, b"\x1b[?1049l").unwrap();
    assert!(
        !terminal.written[left..]
            .windows(3)
            .any(|bytes| bytes == b"\x1b[?2026h"),
        "drawn after the end"
    );
}

fn find_last(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).rposition(|window| window == what)
}

#[test]
fn keys_lead_through_the_screens_and_q_restores_the_terminal() {
    let environment = recorded();
    let mut terminal = top(&environment, &[], (100, 30));
    terminal.wait_for("ACK-STALL");
    assert!(!terminal.is_cooked());
    terminal.type_keys("3");
    terminal.wait_for("QUEUED");
    terminal.type_keys("/billing\r");
    terminal.wait_for("/billing");
    terminal.type_keys("\r");
    terminal.wait_for("next to be delivered");
    // Escape and a key at once are that key with Alt.
    terminal.type_keys("\x1b");
    terminal.wait_for("QUEUED");
    terminal.type_keys("?");
    terminal.wait_for("previous page");
    terminal.type_keys("\x1b");
    terminal.wait_for("QUEUED");
    terminal.type_keys("q");
    assert_eq!(terminal.end().code(), Some(0));
    assert_restored(&terminal);
}

#[test_case("TERM", 143)]
#[test_case("INT", 130)]
#[test_case("HUP", 129)]
fn a_signal_restores_the_terminal(signal: &str, code: i32) {
    let environment = recorded();
    let mut terminal = top(&environment, &[], (80, 24));
    terminal.wait_for("ACK-STALL");
    terminal.signal(signal);
    let status = terminal.end();
    assert_eq!((status.code(), status.signal()), (Some(code), None));
    assert_restored(&terminal);
}

/// A shell that knows jobs, with `top` as one of them.
fn in_a_shell(environment: &Environment) -> Terminal {
    let top = environment.command(&["top", "--replay", "orders.jsonl", "--speed", "0"]);
    let program = top.get_program().to_str().unwrap();
    let arguments: Vec<&str> = top
        .get_args()
        .map(|argument| argument.to_str().unwrap())
        .collect();
    let script = format!(
        "set -m; {program} {}; echo \"stopped with $?\"; fg; echo \"ended with $?\"",
        arguments.join(" ")
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).current_dir(environment.project());
    shell.envs(top.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Terminal::start(&shell, (80, 24))
}

/// 128 and the number of SIGSTOP.
const STOPPED: &str = "stopped with 147";

#[test]
fn ctrl_z_gives_the_terminal_back_and_fg_takes_it_again() {
    let environment = recorded();
    let mut terminal = in_a_shell(&environment);
    terminal.wait_for("ACK-STALL");
    terminal.type_keys("\x1a");
    // The shell lets it go on at once; what it wrote in between tells that it had the terminal.
    terminal.wait_for_bytes(STOPPED.as_bytes());
    assert_gave_back_before(&terminal, STOPPED);
    terminal.wait_for("ACK-STALL");
    terminal.type_keys("q");
    assert!(terminal.end().success());
    assert!(terminal.has_written(b"ended with 0"));
    assert_restored(&terminal);
}

#[test]
fn a_stop_from_elsewhere_gives_the_terminal_back_too() {
    let environment = recorded();
    let mut terminal = in_a_shell(&environment);
    terminal.wait_for("ACK-STALL");
    terminal.signal("TSTP");
    terminal.wait_for_bytes(STOPPED.as_bytes());
    assert_gave_back_before(&terminal, STOPPED);
    terminal.wait_for("ACK-STALL");
    terminal.type_keys("q");
    assert!(terminal.end().success());
}

fn assert_gave_back_before(terminal: &Terminal, words: &str) {
    let words = find_last(&terminal.written, words.as_bytes()).unwrap();
    let before = &terminal.written[..words];
    let left = find_last(before, b"\x1b[?1049l").unwrap();
    assert!(
        left > find_last(before, b"\x1b[?1049h").unwrap(),
        "the shell wrote onto the screen of top"
    );
}

#[test]
fn a_closed_terminal_ends_it() {
    let environment = recorded();
    let mut terminal = top(&environment, &[], (80, 24));
    terminal.wait_for("ACK-STALL");
    terminal.hang_up();
    let folder = environment.project();
    crate::processes::all_gone(&folder);
}

#[test]
fn nothing_is_written_when_nothing_changes() {
    let environment = recorded();
    let mut terminal = top(&environment, &[], (80, 24));
    terminal.wait_for("ACK-STALL");
    terminal.type_keys("?");
    terminal.wait_for("previous page");
    // What is still on its way comes before the silence.
    while !terminal.bytes_within(Duration::from_millis(500)).is_empty() {}
    assert_eq!(terminal.bytes_within(Duration::from_secs(2)), b"");
}

#[test]
fn every_frame_is_one_synchronized_update() {
    let environment = recorded();
    let mut terminal = top(&environment, &[], (80, 24));
    terminal.wait_for("ACK-STALL");
    terminal.type_keys("2");
    terminal.wait_for("%LIMIT");
    terminal.type_keys("q");
    terminal.end();
    let count = |what: &[u8]| {
        terminal
            .written
            .windows(what.len())
            .filter(|window| *window == what)
            .count()
    };
    let begun = count(b"\x1b[?2026h");
    assert!(begun >= 2, "{begun}");
    // One more is ended when the terminal is given back, whatever was begun.
    assert_eq!(count(b"\x1b[?2026l"), begun + 1);
}

#[test]
fn it_fits_any_size() {
    let environment = recorded();
    let mut terminal = top(&environment, &[], (1, 1));
    terminal.wait_for_bytes(b"\x1b[?2026l");
    for (columns, rows) in [(2, 2), (24, 4), (39, 9), (80, 24), (7, 60), (200, 50)] {
        terminal.resize(columns, rows);
    }
    terminal.wait_for("Consumers");
    terminal.type_keys("q");
    assert_eq!(terminal.end().code(), Some(0));
}

#[test]
fn without_a_terminal_it_looks_once() {
    let environment = recorded();
    let ended = environment.run(&["top", "--replay", "orders.jsonl"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(ended.stdout);
    assert!(!ended.stdout.contains('\u{1b}'));
}

#[test]
fn programs_get_one_object() {
    let environment = recorded();
    let ended = environment.run(&["-o", "json", "top", "--replay", "orders.jsonl"]);
    let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(report["schema"], "ratectl.top/v1");
    assert_eq!(ended.stdout.lines().count(), 1);
    assert_eq!(ended.code, Some(0));
}

#[test]
fn a_check_has_the_codes_of_nagios() {
    let environment = recorded();
    let code = |args: &[&str]| environment.run(args).code;
    assert_eq!(
        code(&["top", "--replay", "orders.jsonl", "--fail-on", "crit"]),
        Some(2)
    );
    assert_eq!(
        code(&["top", "--replay", "nowhere.jsonl", "--fail-on", "crit"]),
        Some(3)
    );
    assert_eq!(code(&["top", "--fail-on", "bad"]), Some(64));
    assert_eq!(code(&["top", "--fail-on=crit", "--nonsense"]), Some(64));
}
