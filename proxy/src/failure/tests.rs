use super::*;
use test_case::test_case;

fn refusal(status: u16, code: u64) -> Failure {
    Failure::Refused(Refusal {
        status,
        code,
        description: "words of the server".to_owned(),
    })
}

fn not_json() -> EncodeError {
    EncodeError::BodyNotJson(serde_json::from_str::<u8>("x").unwrap_err())
}

fn no_stream(uncovered: bool, unknown: bool) -> Failure {
    Failure::NoStream { uncovered, unknown }
}

#[test_case(&Failure::UnknownPath, 404, None)]
#[test_case(&Failure::Path(PathError::EmptySegment { position: 1 }), 404, None)]
#[test_case(&Failure::Method(HeaderValue::from_static("GET")), 405, None)]
#[test_case(&Failure::UnknownMethod, 501, None)]
#[test_case(&Failure::Path(PathError::TooLong), 414, None)]
#[test_case(&Failure::Path(PathError::TooManySegments), 414, None)]
#[test_case(&Failure::Path(PathError::EncodedSlash { position: 1 }), 400, None)]
#[test_case(&Failure::TrailingSlash(HeaderValue::from_static("/a")), 308, None)]
#[test_case(&Failure::Encoding(EncodeError::Query), 400, None)]
#[test_case(&Failure::Encoding(not_json()), 415, None)]
#[test_case(&Failure::BodyTooLarge(10), 413, None)]
#[test_case(&Failure::BodyTooSlow, 408, None)]
#[test_case(&Failure::BodyBroken, 400, None)]
#[test_case(&Failure::TooManyRequests, 503, Some(1))]
#[test_case(&Failure::Disconnected, 503, Some(1))]
#[test_case(&Failure::Unsent, 503, Some(1))]
#[test_case(&no_stream(false, false), 503, Some(2); "nobody responds")]
#[test_case(&no_stream(true, false), 502, None; "no stream has the subject")]
#[test_case(&refusal(503, 10_077), 503, Some(1); "stream full")]
#[test_case(&refusal(503, 10_023), 503, Some(1); "insufficient resources")]
#[test_case(&refusal(429, 10_167), 503, Some(1); "ingest queue full")]
#[test_case(&refusal(503, 10_008), 503, Some(2); "no quorum")]
#[test_case(&refusal(400, 10_054), 413, None; "message too large")]
#[test_case(&refusal(400, 10_060), 502, None; "another stream expected")]
#[test_case(&refusal(400, 10_166), 502, None; "time to live not allowed")]
#[test_case(&refusal(503, 99_999), 503, Some(2); "an unknown code of a class that passes")]
#[test_case(&refusal(400, 99_999), 502, None; "an unknown code of another class")]
#[test_case(&refusal(500, 0), 502, None; "an acknowledgement that cannot be read")]
#[test_case(&Failure::Answer(DecodeError::Status("99".to_owned())), 502, None)]
#[test_case(&Failure::AnswerTooLarge(10), 502, None)]
#[test_case(&Failure::Deadline(Duration::from_secs(5)), 504, None)]
fn every_failure_has_its_status_and_its_retry_hint(failure: &Failure, status: u16, retry: Option<u64>) {
    assert_eq!(failure.status().as_u16(), status);
    assert_eq!(failure.retry_after_seconds(), retry);
    let problem = failure.problem("id-1", "/a");
    assert_eq!(
        (problem.status, problem.request_id.as_deref()),
        (status, Some("id-1"))
    );
    assert_eq!(problem.retryable, Some(retry.is_some()));
    assert!(!problem.title.is_empty() && problem.detail.is_some_and(|detail| !detail.is_empty()));
    assert_eq!(failure.class() == Class::Service, status >= 500);
}

#[test]
fn only_what_may_have_taken_effect_has_an_unknown_outcome() {
    let unknown = |failure: &Failure| failure.problem("i", "/").outcome.as_deref() == Some("unknown");
    assert!(unknown(&Failure::Deadline(Duration::from_secs(1))));
    assert!(unknown(&no_stream(false, true)));
    assert!(!unknown(&no_stream(false, false)));
    assert!(!unknown(&Failure::Disconnected));
    assert!(!unknown(&refusal(503, 10_077)));
}
