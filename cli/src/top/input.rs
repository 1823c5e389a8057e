//! What comes from the keyboard: bytes become keys.

mod reader;

pub(crate) use reader::read;

/// Something that the terminal has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A key.
    Key(Key),
    /// Text that was pasted, without control characters.
    Pasted(String),
    /// The window got (true) or lost the focus.
    Focus(bool),
    /// The terminal's background is dark (true) or light.
    Background(bool),
    /// The terminal is gone: nothing will come any more.
    Gone,
}

/// A key, as far as it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// A character.
    Char(char),
    /// A letter with Ctrl, in lower case.
    Ctrl(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
}

/// More than this of one paste or sequence is thrown away.
const MOST: usize = 4096;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Turns bytes into inputs, however they are cut into pieces.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    waiting: Vec<u8>,
    pasting: Option<Vec<u8>>,
}

/// What the first bytes are.
enum Step {
    /// So many bytes, which are this (or nothing of use).
    Took(usize, Option<Input>),
    /// More have to come.
    More,
}

impl Parser {
    /// Takes bytes and says what they complete.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<Input> {
        self.waiting.extend_from_slice(bytes);
        let mut found = Vec::new();
        while let Some(inputs) = self.next() {
            found.extend(inputs);
        }
        found
    }

    /// Whether an escape waits for what belongs to it.
    pub(crate) fn is_within_escape(&self) -> bool {
        self.pasting.is_none() && self.waiting.first() == Some(&0x1b)
    }

    /// Nothing came after an escape: it was the key.
    pub(crate) fn flush(&mut self) -> Vec<Input> {
        if !self.is_within_escape() {
            return Vec::new();
        }
        let rest = self.waiting.split_off(1);
        self.waiting.clear();
        let mut found = vec![Input::Key(Key::Esc)];
        found.extend(self.feed(&rest));
        found
    }

    /// What the next bytes are, if all of them are there.
    fn next(&mut self) -> Option<Vec<Input>> {
        if self.waiting.is_empty() {
            return None;
        }
        if self.pasting.is_some() {
            return self.paste();
        }
        match step(&self.waiting) {
            Step::More if self.waiting.len() > MOST => {
                self.waiting.clear();
                None
            }
            Step::More => None,
            Step::Took(length, input) => {
                let taken: Vec<u8> = self.waiting.drain(..length).collect();
                if taken == b"\x1b[200~" {
                    self.pasting = Some(Vec::new());
                }
                Some(input.into_iter().collect())
            }
        }
    }

    fn paste(&mut self) -> Option<Vec<Input>> {
        let pasted = self.pasting.as_mut()?;
        let end = self
            .waiting
            .windows(PASTE_END.len())
            .position(|bytes| bytes == PASTE_END);
        let Some(end) = end else {
            // The end may have come in part.
            let keep = PASTE_END.len() - 1;
            let sure = self.waiting.len().saturating_sub(keep);
            pasted.extend(self.waiting.drain(..sure));
            pasted.truncate(MOST);
            return None;
        };
        pasted.extend(self.waiting.drain(..end));
        self.waiting.drain(..PASTE_END.len());
        pasted.truncate(MOST);
        let text = String::from_utf8_lossy(&std::mem::take(pasted)).into_owned();
        self.pasting = None;
        let text = text.chars().filter(|c| !c.is_control()).collect();
        Some(vec![Input::Pasted(text)])
    }
}

fn step(bytes: &[u8]) -> Step {
    let one = |key| Step::Took(1, Some(Input::Key(key)));
    match bytes[0] {
        0x1b => escape(bytes),
        b'\r' | b'\n' => one(Key::Enter),
        b'\t' => one(Key::Tab),
        0x7f | 0x08 => one(Key::Backspace),
        byte @ 0x01..=0x1a => one(Key::Ctrl(char::from(byte - 1 + b'a'))),
        0x00 | 0x1c..=0x1f => Step::Took(1, None),
        0x20..=0x7e => one(Key::Char(char::from(bytes[0]))),
        first => character(bytes, first),
    }
}

/// A character of several bytes.
fn character(bytes: &[u8], first: u8) -> Step {
    let length = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Step::Took(1, None),
    };
    let Some(text) = bytes.get(..length) else {
        return Step::More;
    };
    match std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.chars().next())
    {
        Some(c) if !c.is_control() => Step::Took(length, Some(Input::Key(Key::Char(c)))),
        Some(_) => Step::Took(length, None),
        None => Step::Took(1, None),
    }
}

fn escape(bytes: &[u8]) -> Step {
    match bytes.get(1) {
        None => Step::More,
        Some(b'[') => control_sequence(bytes),
        Some(b'O') => match bytes.get(2) {
            None => Step::More,
            Some(last) => Step::Took(3, arrow(*last).map(Input::Key)),
        },
        Some(b']' | b'P') => command(bytes),
        // Escape pressed twice: the first one is a key of its own.
        Some(0x1b) => Step::Took(1, Some(Input::Key(Key::Esc))),
        // A key with Alt, of which there are none here.
        Some(_) => Step::Took(2, None),
    }
}

fn control_sequence(bytes: &[u8]) -> Step {
    let Some(length) = bytes[2..].iter().position(|byte| (0x40..=0x7e).contains(byte)) else {
        return Step::More;
    };
    let last = bytes[2 + length];
    let parameters = std::str::from_utf8(&bytes[2..2 + length]).unwrap_or_default();
    let input = match (last, parameters) {
        (b'I', "") => Some(Input::Focus(true)),
        (b'O', "") => Some(Input::Focus(false)),
        (b'Z', _) => Some(Input::Key(Key::BackTab)),
        (b'~', number) => numbered(number).map(Input::Key),
        (last, _) => arrow(last).map(Input::Key),
    };
    Step::Took(length + 3, input)
}

fn arrow(last: u8) -> Option<Key> {
    Some(match last {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        b'M' => Key::Enter,
        _ => return None,
    })
}

fn numbered(number: &str) -> Option<Key> {
    Some(match number.split(';').next().unwrap_or_default() {
        "1" | "7" => Key::Home,
        "4" | "8" => Key::End,
        "3" => Key::Delete,
        "5" => Key::PageUp,
        "6" => Key::PageDown,
        _ => return None,
    })
}

/// An answer of the terminal, ended by BEL or `ESC \`.
fn command(bytes: &[u8]) -> Step {
    let end = bytes.iter().position(|byte| *byte == 0x07).map(|at| (at, 1));
    let long = bytes
        .windows(2)
        .position(|pair| pair == b"\x1b\\")
        .map(|at| (at, 2));
    let Some((at, length)) = [end, long].into_iter().flatten().min() else {
        return Step::More;
    };
    let words = std::str::from_utf8(&bytes[2..at.max(2)]).unwrap_or_default();
    let dark = words.strip_prefix("11;rgb:").and_then(is_dark);
    Step::Took(at + length, dark.map(Input::Background))
}

/// Whether a colour such as `1e1e/1e1e/2e2e` is a dark one.
fn is_dark(colour: &str) -> Option<bool> {
    let mut parts = colour.split('/').map(|part| {
        let most = 16_u32
            .checked_pow(u32::try_from(part.len()).ok()?)?
            .checked_sub(1)?;
        let value = u32::from_str_radix(part, 16).ok()?;
        (most > 0).then(|| f64::from(value) / f64::from(most))
    });
    let (red, green, blue) = (parts.next()??, parts.next()??, parts.next()??);
    Some(0.299 * red + 0.587 * green + 0.114 * blue < 0.5)
}

#[cfg(test)]
mod tests;
