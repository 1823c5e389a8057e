use http::Method;
use proptest::prelude::*;
use test_case::test_case;

use super::{Codec, MAX_SEGMENTS, MAX_SUBJECT_BYTES, Path, PathError, SubjectError};

fn api() -> Codec {
    Codec::new("api").unwrap()
}

fn encode(raw: &str) -> Result<String, PathError> {
    api().encode(&Method::GET, &Path::parse(raw)?)
}

#[test_case("/ratings", "api.get.ratings"; "one segment")]
#[test_case("/ratings/42", "api.get.ratings.42"; "two segments")]
#[test_case("/", "api.get._"; "root")]
#[test_case("/_", "api.get.%5F"; "a lone underscore is not the root")]
#[test_case("/_/a", "api.get._.a"; "an underscore among others")]
#[test_case("/v1.2", "api.get.v1%2E2"; "a dot stays in its token")]
#[test_case("/%2a", "api.get.%2A"; "an escaped star")]
#[test_case("/*", "api.get.%2A"; "a bare star")]
#[test_case("/>", "api.get.%3E"; "a full wildcard")]
#[test_case("/$JS/API", "api.get.%24JS.API"; "a system subject")]
#[test_case("/a%20b", "api.get.a%20b"; "a space")]
#[test_case("/100%25", "api.get.100%25"; "a percent sign")]
#[test_case("/caf%C3%A9", "api.get.caf%C3%A9"; "a letter outside ASCII")]
fn path_becomes_subject(raw: &str, subject: &str) {
    assert_eq!(encode(raw).as_deref(), Ok(subject));
    let (method, path) = api().decode(subject).unwrap();
    assert_eq!((method, path), (Method::GET, Path::parse(raw).unwrap()));
}

#[test_case("", PathError::NotAbsolute)]
#[test_case("ratings", PathError::NotAbsolute)]
#[test_case("/ratings/", PathError::TrailingSlash)]
#[test_case("//", PathError::EmptySegment { position: 1 })]
#[test_case("//evil.example/", PathError::EmptySegment { position: 1 })]
#[test_case("/a//b", PathError::EmptySegment { position: 2 })]
#[test_case("/a/../b", PathError::DotSegment { position: 2 })]
#[test_case("/%2e%2E/b", PathError::DotSegment { position: 1 })]
#[test_case("/.", PathError::DotSegment { position: 1 })]
#[test_case("/a%", PathError::BadEscape { position: 1 })]
#[test_case("/a%2", PathError::BadEscape { position: 1 })]
#[test_case("/a%zz", PathError::BadEscape { position: 1 })]
#[test_case("/a%+1", PathError::BadEscape { position: 1 })]
#[test_case("/a%0D%0APUB", PathError::ControlCharacter { position: 1 })]
#[test_case("/%00", PathError::ControlCharacter { position: 1 })]
#[test_case("/%7F", PathError::ControlCharacter { position: 1 })]
#[test_case("/a%2Fb", PathError::EncodedSlash { position: 1 })]
#[test_case("/%FF", PathError::NotUtf8 { position: 1 })]
fn path_is_refused(raw: &str, error: PathError) {
    assert_eq!(encode(raw), Err(error));
}

#[test]
fn limits_hold_at_their_edge() {
    assert!(encode(&"/a".repeat(MAX_SEGMENTS)).is_ok());
    assert_eq!(
        encode(&"/a".repeat(MAX_SEGMENTS + 1)),
        Err(PathError::TooManySegments)
    );
    let longest = format!("/{}", "a".repeat(MAX_SUBJECT_BYTES - "api.get.".len()));
    assert_eq!(encode(&longest).unwrap().len(), MAX_SUBJECT_BYTES);
    assert_eq!(encode(&format!("{longest}a")), Err(PathError::TooLong));
    assert_eq!(
        encode(&format!("/{}", "%2A".repeat(MAX_SUBJECT_BYTES / 2))),
        Err(PathError::TooLong)
    );
    assert_eq!(
        encode(&format!("/{}", "a".repeat(100_000))),
        Err(PathError::TooLong)
    );
}

#[test]
fn the_longest_path_reads_back_however_much_of_it_is_escaped() {
    let longest = format!("/{}", "|".repeat(MAX_SUBJECT_BYTES - 1));
    let path = Path::parse(&longest).unwrap();
    assert_eq!(Path::parse(&path.to_string()), Ok(path));
    assert_eq!(Path::parse(&format!("{longest}|")), Err(PathError::TooLong));
}

#[test_case(&Method::HEAD, Some("get"))]
#[test_case(&Method::POST, Some("post"))]
#[test_case(&Method::PATCH, Some("patch"))]
#[test_case(&Method::TRACE, None)]
#[test_case(&Method::CONNECT, None)]
#[test_case(&Method::OPTIONS, None)]
fn method_becomes_token(method: &Method, token: Option<&str>) {
    let subject = api().encode(method, &Path::parse("/x").unwrap());
    match token {
        Some(token) => assert_eq!(subject, Ok(format!("api.{token}.x"))),
        None => assert_eq!(subject, Err(PathError::Method(method.to_string()))),
    }
}

#[test]
fn an_empty_prefix_gives_the_originals_subjects() {
    let codec = Codec::new("").unwrap();
    assert_eq!(
        codec
            .encode(&Method::GET, &Path::parse("/ratings").unwrap())
            .as_deref(),
        Ok("get.ratings")
    );
    assert!(codec.decode("get.ratings").is_ok());
}

#[test_case("_INBOX"; "an inbox")]
#[test_case("a b"; "a space")]
#[test_case("a..b"; "an empty token")]
#[test_case("*"; "a wildcard")]
#[test_case("$JS"; "a system prefix")]
fn a_prefix_is_refused(prefix: &str) {
    assert_eq!(Codec::new(prefix), Err(SubjectError::Prefix(prefix.to_owned())));
}

#[test_case("api.get"; "no path")]
#[test_case("api.head.x"; "head is no token")]
#[test_case("api.GET.x"; "upper case")]
#[test_case("get.x"; "no prefix")]
#[test_case("api.get.a*"; "a byte outside the alphabet")]
#[test_case("api.get.%2a"; "lower-case hex")]
#[test_case("api.get.%61"; "an escape that is not needed")]
#[test_case("api.get.a.%5F"; "an underscore escaped without need")]
#[test_case("api.get..a"; "an empty token")]
#[test_case("api.get.%2E%2E"; "dots that form a parent")]
fn a_subject_is_refused(subject: &str) {
    assert!(api().decode(subject).is_err());
}

prop_compose! {
    fn accepted_path()(segments in prop::collection::vec("[^/\\x00-\\x1f\\x7f]{1,12}", 0..6)) -> Path {
        let named = |segment: String| if segment == "." || segment == ".." { "dots".to_owned() } else { segment };
        Path::from_segments(segments.into_iter().map(named).collect()).unwrap()
    }
}

proptest! {
    #[test]
    fn decoding_gives_back_what_was_encoded(path in accepted_path()) {
        let subject = api().encode(&Method::PUT, &path).unwrap();
        prop_assert_eq!(api().decode(&subject).unwrap(), (Method::PUT, path));
    }

    #[test]
    fn distinct_paths_have_distinct_subjects(one in accepted_path(), two in accepted_path()) {
        let subjects = (api().encode(&Method::GET, &one).unwrap(), api().encode(&Method::GET, &two).unwrap());
        prop_assert_eq!(one == two, subjects.0 == subjects.1);
    }

    #[test]
    fn the_raw_form_reads_back(path in accepted_path()) {
        prop_assert_eq!(Path::parse(&path.to_string()).unwrap(), path);
    }

    #[test]
    fn any_text_gives_a_clean_subject_or_a_reason(raw in "(/[ -~é\\x00-\\x1f\\x7f%.*>]{0,8}){0,6}") {
        if let Ok(subject) = encode(&raw) {
            prop_assert!(subject.starts_with("api.get."));
            prop_assert!(subject.split('.').all(|token| !token.is_empty()));
            let in_alphabet = |b: u8| b.is_ascii_alphanumeric() || b"_~!@,:;=+()'-%.".contains(&b);
            prop_assert!(subject.bytes().all(in_alphabet));
        }
    }

    #[test]
    fn no_subject_makes_the_decoder_panic(subject in "(api\\.get\\.)?.{0,40}") {
        if let Ok((method, path)) = api().decode(&subject) {
            prop_assert_eq!(api().encode(&method, &path).unwrap(), subject);
        }
    }
}
