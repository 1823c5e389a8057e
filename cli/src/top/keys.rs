//! The keys: one table, which both the handler and the help page read.

use super::input::Key;

/// The screens, in the order of their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Screen {
    /// How everything is, and what is wrong.
    #[default]
    Pulse,
    /// Streams.
    Streams,
    /// Consumers of all streams.
    Consumers,
    /// Routes of the proxy.
    Proxy,
    /// Services and their instances.
    Workers,
    /// Pods.
    Pods,
    /// What has happened.
    Events,
}

impl Screen {
    /// All of them.
    pub(crate) const ALL: [Screen; 7] = [
        Screen::Pulse,
        Screen::Streams,
        Screen::Consumers,
        Screen::Proxy,
        Screen::Workers,
        Screen::Pods,
        Screen::Events,
    ];

    /// Its title.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Screen::Pulse => "Pulse",
            Screen::Streams => "Streams",
            Screen::Consumers => "Consumers",
            Screen::Proxy => "Proxy",
            Screen::Workers => "Workers",
            Screen::Pods => "Pods",
            Screen::Events => "Events",
        }
    }

    /// Its place, from 0.
    pub(crate) fn index(self) -> usize {
        Self::ALL.iter().position(|screen| *screen == self).unwrap_or(0)
    }
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Show a screen.
    Show(Screen),
    /// Show the next screen.
    NextScreen,
    /// Show the one before.
    PreviousScreen,
    /// Move the selection or the text by so many rows.
    Move(i32),
    /// By so many pages.
    Page(i32),
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// Begin to type a filter.
    Filter,
    /// Sort by the next column.
    Sort,
    /// The other way round.
    Reverse,
    /// Only rows that are not as they should be.
    Faults,
    /// Look closer at the row.
    Open,
    /// One step back.
    Back,
    /// Stop taking anything new, or go on.
    Freeze,
    /// Look at a shorter time in charts.
    ZoomIn,
    /// Look at a longer time.
    ZoomOut,
    /// Show the payload of the message.
    Payload,
    /// What can be done with the row.
    Actions,
    /// What the row's pod logs.
    Logs,
    /// Show or hide this table.
    Help,
    /// Draw everything anew.
    Redraw,
    /// Stop this process, as a shell does.
    Stop,
    /// End.
    Quit,
}

/// A line of the table.
pub(crate) struct Binding {
    /// What it does.
    pub(crate) act: Act,
    /// The keys that do it.
    pub(crate) keys: &'static [Key],
    /// How the keys are called.
    pub(crate) name: &'static str,
    /// What it does, in words.
    pub(crate) words: &'static str,
    /// One word for the footer; empty: not there.
    pub(crate) brief: &'static str,
}

const fn bind(
    act: Act,
    keys: &'static [Key],
    name: &'static str,
    words: &'static str,
    brief: &'static str,
) -> Binding {
    Binding {
        act,
        keys,
        name,
        words,
        brief,
    }
}

/// Everything that keys do.
#[rustfmt::skip]
pub(crate) const TABLE: &[Binding] = &[
    bind(Act::Show(Screen::Pulse), &[Key::Char('1')], "1", "Pulse: sources, rates, the worst problems", ""),
    bind(Act::Show(Screen::Streams), &[Key::Char('2')], "2", "Streams: how full, how fast, how long it lasts", ""),
    bind(Act::Show(Screen::Consumers), &[Key::Char('3')], "3", "Consumers of all streams: lag, rates, state", ""),
    bind(Act::Show(Screen::Proxy), &[Key::Char('4')], "4", "Proxy: rate, latency and errors of each route", ""),
    bind(Act::Show(Screen::Workers), &[Key::Char('5')], "5", "Workers: services and their instances", ""),
    bind(Act::Show(Screen::Pods), &[Key::Char('6')], "6", "Pods: readiness, restarts, use", ""),
    bind(Act::Show(Screen::Events), &[Key::Char('7')], "7", "Events: advisories, Kubernetes, changes of state", ""),
    bind(Act::NextScreen, &[Key::Tab], "tab", "next screen", ""),
    bind(Act::PreviousScreen, &[Key::BackTab], "shift-tab", "previous screen", ""),
    bind(Act::Move(1), &[Key::Down, Key::Char('j')], "down j", "next row", ""),
    bind(Act::Move(-1), &[Key::Up, Key::Char('k')], "up k", "previous row", ""),
    bind(Act::Page(1), &[Key::PageDown, Key::Ctrl('f')], "pgdn", "next page", ""),
    bind(Act::Page(-1), &[Key::PageUp, Key::Ctrl('b')], "pgup", "previous page", ""),
    bind(Act::First, &[Key::Home, Key::Char('g')], "home g", "first row", ""),
    bind(Act::Last, &[Key::End, Key::Char('G')], "end G", "last row", ""),
    bind(Act::Open, &[Key::Enter, Key::Right], "enter", "look closer at the row", "open"),
    bind(Act::Back, &[Key::Esc, Key::Left], "esc", "one step back; clear the filter", ""),
    bind(Act::Filter, &[Key::Char('/')], "/", "only rows with these words (!word: without)", "filter"),
    bind(Act::Sort, &[Key::Char('s')], "s", "sort by the next column", "sort"),
    bind(Act::Reverse, &[Key::Char('S')], "S", "sort the other way round", ""),
    bind(Act::Faults, &[Key::Char('f')], "f", "only what is not as it should be", "faults"),
    bind(Act::Actions, &[Key::Char('a')], "a", "what can be done with the row", "actions"),
    bind(Act::Logs, &[Key::Char('l')], "l", "logs of the row's pod", ""),
    bind(Act::ZoomIn, &[Key::Char('+'), Key::Char('=')], "+", "shorter time in charts", ""),
    bind(Act::ZoomOut, &[Key::Char('-')], "-", "longer time in charts", ""),
    bind(Act::Payload, &[Key::Char('p')], "p", "show or hide the message's payload", ""),
    bind(Act::Freeze, &[Key::Char(' ')], "space", "freeze everything; again to go on", "freeze"),
    bind(Act::Redraw, &[Key::Ctrl('l')], "ctrl-l", "draw everything anew", ""),
    bind(Act::Stop, &[Key::Ctrl('z')], "ctrl-z", "stop; `fg` goes on", ""),
    bind(Act::Help, &[Key::Char('?'), Key::Char('h')], "?", "this help", "help"),
    bind(Act::Quit, &[Key::Char('q'), Key::Ctrl('c')], "q", "quit", "quit"),
];

/// What `key` asks for.
pub(crate) fn act(key: Key) -> Option<Act> {
    TABLE
        .iter()
        .find(|binding| binding.keys.contains(&key))
        .map(|binding| binding.act)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_does_two_things() {
        let mut seen = HashSet::new();
        for key in TABLE.iter().flat_map(|binding| binding.keys) {
            assert!(seen.insert(*key), "{key:?}");
        }
    }

    #[test]
    fn every_screen_has_the_key_of_its_place() {
        for (at, screen) in Screen::ALL.into_iter().enumerate() {
            let digit = char::from_digit(u32::try_from(at).unwrap() + 1, 10).unwrap();
            assert_eq!(act(Key::Char(digit)), Some(Act::Show(screen)));
            assert_eq!(screen.index(), at);
        }
    }
}
