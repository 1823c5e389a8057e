//! DNS messages (RFC 1035), as far as one question for an address and its answer go.

use std::net::Ipv4Addr;

/// Recursion is wanted; everything else is 0.
const FLAGS: [u8; 2] = [0x01, 0x00];
/// Any number will do: one question is asked on one socket.
const ID: [u8; 2] = [0x72, 0x63];
const TYPE_A: u16 = 1;
const CLASS_INTERNET: [u8; 2] = [0, 1];
const HEADER: usize = 12;

/// What a server replies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The name has these addresses; none when it has only others.
    Addresses(Vec<Ipv4Addr>),
    /// There is no such name.
    NoSuchName,
    /// The server cannot tell, with its code.
    Failure(u8),
}

/// The question for the IPv4 addresses of a name.
pub(super) fn query(name: &str) -> Vec<u8> {
    let mut message = Vec::new();
    message.extend(ID);
    message.extend(FLAGS);
    // One question, and none of the rest.
    message.extend([0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.').filter(|label| !label.is_empty()) {
        let label = &label.as_bytes()[..label.len().min(63)];
        message.push(u8::try_from(label.len()).unwrap_or_default());
        message.extend(label);
    }
    message.push(0);
    message.extend(TYPE_A.to_be_bytes());
    message.extend(CLASS_INTERNET);
    message
}

/// The reply in a message; `None` when that is no reply to our question.
pub(super) fn parse(message: &[u8]) -> Option<Reply> {
    let is_reply = message.get(2)? & 0x80 != 0;
    if message.get(..2)? != ID || !is_reply {
        return None;
    }
    match message.get(3)? & 0x0f {
        0 => {}
        3 => return Some(Reply::NoSuchName),
        code => return Some(Reply::Failure(code)),
    }
    let questions = short(message, 4)?;
    let answers = short(message, 6)?;
    let mut at = HEADER;
    for _ in 0..questions {
        at = after_name(message, at)? + 4;
    }
    let mut addresses = Vec::new();
    for _ in 0..answers {
        at = after_name(message, at)?;
        let kind = short(message, at)?;
        let length = usize::from(short(message, at + 8)?);
        let data = message.get(at + 10..at + 10 + length)?;
        if kind == TYPE_A
            && let Ok(octets) = <[u8; 4]>::try_from(data)
        {
            addresses.push(Ipv4Addr::from(octets));
        }
        at += 10 + length;
    }
    Some(Reply::Addresses(addresses))
}

fn short(message: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]))
}

/// Where a name ends: after its last label, or after a pointer to the rest of it.
fn after_name(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match usize::from(*message.get(at)?) {
            0 => return Some(at + 1),
            pointer if pointer & 0xc0 == 0xc0 => return Some(at + 2),
            length => at += 1 + length,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    fn reply(flags: [u8; 2], answers: u8, records: &[u8]) -> Vec<u8> {
        let question = &query("dev-registry")[HEADER..];
        let header = [&ID[..], &flags, &[0, 1, 0, answers, 0, 0, 0, 0]].concat();
        [&header[..], question, records].concat()
    }

    #[test]
    fn a_question_is_written_label_by_label() {
        let message = query("a.bc.");
        assert_eq!(message[HEADER..], [1, b'a', 2, b'b', b'c', 0, 0, 1, 0, 1]);
    }

    #[test]
    fn addresses_are_read_past_an_alias_and_a_compressed_name() {
        let alias = [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 3, 1, b'x', 0];
        let address = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 172, 20, 0, 3];
        let message = reply([0x81, 0x80], 2, &[&alias[..], &address].concat());
        assert_eq!(
            parse(&message),
            Some(Reply::Addresses(vec![Ipv4Addr::new(172, 20, 0, 3)]))
        );
    }

    #[test_case([0x81, 0x83] => Some(Reply::NoSuchName); "no such name")]
    #[test_case([0x81, 0x82] => Some(Reply::Failure(2)); "a failing server")]
    #[test_case([0x81, 0x80] => Some(Reply::Addresses(vec![])); "a name without an address")]
    #[test_case([0x01, 0x00] => None; "our own question")]
    fn without_records(flags: [u8; 2]) -> Option<Reply> {
        parse(&reply(flags, 0, &[]))
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_without_panic(rest in prop::collection::vec(any::<u8>(), 0..64)) {
            let message = [&ID[..], &[0x81, 0x80], &rest].concat();
            drop(parse(&message));
        }
    }
}
