//! The path <-> subject codec: what it accepts survives the round trip, stays in its alphabet, and is told apart.
//! An input is one or two lines, each taken as a path and as a subject.
#![no_main]

use contract::subject::{Codec, MAX_SUBJECT_BYTES, Path};
use http::Method;
use libfuzzer_sys::fuzz_target;

const METHODS: [Method; 5] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

fuzz_target!(|text: &str| {
    for prefix in ["api", ""] {
        let codec = Codec::new(prefix).expect("both prefixes are valid");
        let paths: Vec<Path> = text
            .split('\n')
            .take(2)
            .filter_map(|line| Path::parse(line).ok())
            .collect();
        paths.iter().for_each(|path| a_path_comes_back(&codec, path));
        if let [one, other] = paths.as_slice() {
            paths_are_told_apart(&codec, one, other);
        }
        text.split('\n')
            .take(2)
            .for_each(|line| a_subject_is_canonical(&codec, line));
    }
    // A prefix comes from configuration, but must not panic either.
    drop(Codec::new(text));
});

fn a_path_comes_back(codec: &Codec, path: &Path) {
    assert_eq!(Path::parse(&path.to_string()).as_ref(), Ok(path));
    for method in METHODS {
        let Ok(subject) = codec.encode(&method, path) else {
            return;
        };
        assert!(subject.len() <= MAX_SUBJECT_BYTES);
        assert!(subject.split('.').all(is_literal_token), "{subject}");
        assert_eq!(codec.decode(&subject), Ok((method, path.clone())));
    }
}

/// No wildcard, no empty token, nothing a NATS client would take for protocol.
fn is_literal_token(token: &str) -> bool {
    !token.is_empty()
        && token
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'*' | b'>'))
}

fn paths_are_told_apart(codec: &Codec, one: &Path, other: &Path) {
    if let (Ok(first), Ok(second)) = (codec.encode(&Method::GET, one), codec.encode(&Method::GET, other)) {
        assert_eq!(one == other, first == second, "{one} and {other}");
    }
}

fn a_subject_is_canonical(codec: &Codec, subject: &str) {
    if let Ok((method, path)) = codec.decode(subject) {
        assert_eq!(codec.encode(&method, &path).as_deref(), Ok(subject));
    }
}
