use bytes::Bytes;
use contract::envelope::Version;
use contract::subject::Path;
use http::{HeaderMap, HeaderValue};
use test_case::test_case;

use super::*;

const ID: &str = "01932c07-209c-7d3e-8f3a-2b1c4d5e6f70";

fn request(method: Method, target: &str, body: &str) -> Request {
    let (path, query) = target
        .split_once('?')
        .map_or((target, None), |(path, query)| (path, Some(query)));
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("if-match", HeaderValue::from_static("\"v1\""));
    Request {
        version: Version::V2,
        id: Uuid::nil(),
        reply_to: String::new(),
        method,
        path: Path::parse(&path.replace("ID", ID)).unwrap(),
        query: query.map(|query| query.replace("ID", ID)),
        timeout: None,
        deadline_unix_ms: None,
        attempt: 1,
        headers,
        body: Bytes::from(body.replace("ID", ID)),
    }
}

fn rejection(request: &Request) -> (u16, Vec<String>) {
    let problem = interpret(request).unwrap_err().problem;
    (
        problem.status,
        problem.errors.into_iter().map(|error| error.field).collect(),
    )
}

#[test_case(Method::POST, "/users", "", 400, &[""] ; "no body")]
#[test_case(Method::POST, "/users", "{", 400, &[""] ; "malformed")]
#[test_case(Method::POST, "/users", "\u{feff}{}", 400, &[""] ; "byte order mark")]
#[test_case(Method::POST, "/users", "[]", 422, &[""] ; "not an object")]
#[test_case(Method::POST, "/users", "{}", 422, &["/name", "/email"] ; "all missing at once")]
#[test_case(Method::POST, "/users", r#"{"name":null,"email":"a@b"}"#, 422, &["/name"] ; "null is missing")]
#[test_case(Method::POST, "/users", r#"{"name":1,"email":["a@b"]}"#, 422, &["/name", "/email"] ; "wrong types")]
#[test_case(Method::POST, "/users", r#"{"name":" ","email":"a"}"#, 422, &["/name", "/email"] ; "wrong values")]
#[test_case(Method::POST, "/users", r#"{"name":"a","email":"a@b","admin":true}"#, 422, &["/admin"] ; "unknown field")]
#[test_case(Method::POST, "/users", r#"{"name":"a","email":"a@b","id":"ID"}"#, 422, &["/id"] ; "chosen id")]
#[test_case(Method::POST, "/users", r#"{"name":"a\u0000b","email":"a@b"}"#, 422, &["/name"] ; "nul")]
#[test_case(Method::PUT, "/users/ID", r#"{"name":"a","email":"a@b","id":"01932c07-209c-7d3e-8f3a-000000000000"}"#, 422, &["/id"] ; "another id")]
#[test_case(Method::POST, "/services", r#"{"name":"a","description":5}"#, 422, &["/description"] ; "description of a wrong type")]
#[test_case(Method::POST, "/services", r#"{"description":"a\u0007"}"#, 422, &["/name", "/description"] ; "description with a control")]
#[test_case(Method::POST, "/ratings", r#"{"userId":"ID","serviceId":"ID","score":6}"#, 422, &["/score"] ; "score too high")]
#[test_case(Method::POST, "/ratings", r#"{"userId":"ID","serviceId":"ID","score":-1}"#, 422, &["/score"] ; "score too low")]
#[test_case(Method::POST, "/ratings", r#"{"userId":"ID","serviceId":"ID","score":4.5}"#, 422, &["/score"] ; "half a score")]
#[test_case(Method::POST, "/ratings", r#"{"userId":"ID","serviceId":"ID","score":"4"}"#, 422, &["/score"] ; "score as text")]
#[test_case(Method::POST, "/ratings", r#"{"userId":"7","serviceId":7,"score":1}"#, 422, &["/userId", "/serviceId"] ; "ids that are none")]
#[test_case(Method::POST, "/ratings", r#"{"items":[]}"#, 422, &["/items"] ; "no items")]
#[test_case(Method::POST, "/ratings", r#"{"items":{}}"#, 422, &["/items"] ; "items of a wrong type")]
#[test_case(Method::POST, "/ratings", r#"{"items":[5,{"userId":"ID","serviceId":"ID","score":9}]}"#, 422, &["/items/0", "/items/1/score"] ; "every wrong item")]
#[test_case(Method::POST, "/ratings", r#"{"items":[{"userId":"ID","serviceId":"ID","score":1}],"score":1}"#, 422, &["/score"] ; "one and many")]
#[test_case(Method::PUT, "/ratings/ID", r#"{"comment":"good"}"#, 422, &["/score"] ; "replacement without a score")]
#[test_case(Method::DELETE, "/ratings", r#"{"ids":["x"]}"#, 422, &["/ids"] ; "deleting what has no id")]
#[test_case(Method::DELETE, "/ratings", "{}", 400, &["id"] ; "deleting nothing")]
#[test_case(Method::DELETE, "/ratings?id=ID&ids=ID", "", 400, &["ids"] ; "deleting one and many")]
#[test_case(Method::DELETE, "/ratings?ids=ID", "", 400, &["If-Match"] ; "deleting many of one version")]
#[test_case(Method::GET, "/users?limit=0", "", 400, &["limit"] ; "empty pages")]
#[test_case(Method::GET, "/users?limit=201", "", 400, &["limit"] ; "pages too long")]
#[test_case(Method::GET, "/users?limit=x", "", 400, &["limit"] ; "limit that is no number")]
#[test_case(Method::GET, "/users?cursor=x", "", 400, &["cursor"] ; "foreign cursor")]
#[test_case(Method::GET, "/users?name=x", "", 400, &["name"] ; "unknown parameter")]
#[test_case(Method::GET, "/users?limit=1&limit=2", "", 400, &["limit"] ; "parameter twice")]
#[test_case(Method::GET, "/ratings?userId=7", "", 400, &["userId"] ; "filter that is no id")]
#[test_case(Method::GET, "/ratings?userid=ID", "", 400, &["userid"] ; "misspelt filter")]
#[test_case(Method::GET, "/users/ID?x=1", "", 400, &["x"] ; "parameter where none is known")]
fn what_is_wrong_is_named(method: Method, target: &str, body: &str, status: u16, fields: &[&str]) {
    let expected: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
    assert_eq!(rejection(&request(method, target, body)), (status, expected));
}

#[test_case("/")]
#[test_case("/user")]
#[test_case("/users/7")]
#[test_case("/users/ID/summary")]
#[test_case("/services/ID/summary/x")]
#[test_case("/services/ID/other")]
#[test_case("/Users")]
fn nothing_lies_under_other_paths(path: &str) {
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
        assert_eq!(rejection(&request(method, path, "{}")).0, 404);
    }
}

#[test_case(Method::PUT, "/users", "GET, HEAD, POST")]
#[test_case(Method::DELETE, "/services", "GET, HEAD, POST")]
#[test_case(Method::PATCH, "/ratings", "GET, HEAD, POST, DELETE")]
#[test_case(Method::POST, "/ratings/ID", "GET, HEAD, PUT, DELETE")]
#[test_case(Method::DELETE, "/services/ID/summary", "GET, HEAD")]
fn a_wrong_method_is_told_the_right_ones(method: Method, path: &str, allow: &str) {
    let rejection = interpret(&request(method, path, "{}")).unwrap_err();
    assert_eq!((rejection.problem.status, rejection.allow), (405, Some(allow)));
}

#[test]
fn a_body_of_another_media_type_is_refused() {
    let mut request = request(Method::POST, "/users", "name=ada");
    request.headers.insert(
        "content-type",
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    assert_eq!(rejection(&request).0, 415);
}

#[test]
fn a_body_without_a_media_type_is_taken_for_json() {
    let mut request = request(Method::POST, "/users", r#"{"name":"Ada","email":"a@b"}"#);
    request.headers.remove("content-type");
    assert!(interpret(&request).is_ok());
}

#[test]
fn a_replacement_needs_to_know_what_it_replaces() {
    let mut request = request(Method::PUT, "/users/ID", r#"{"name":"Ada","email":"a@b"}"#);
    request.headers.remove("if-match");
    assert_eq!(rejection(&request).0, 428);
}

#[test]
fn a_list_has_at_most_500_ratings() {
    let item = r#"{"userId":"ID","serviceId":"ID","score":1}"#;
    let list = |length: usize| format!(r#"{{"items":[{}]}}"#, vec![item; length].join(","));
    assert!(interpret(&request(Method::POST, "/ratings", &list(500))).is_ok());
    let refused = rejection(&request(Method::POST, "/ratings", &list(501)));
    assert_eq!(refused, (422, vec!["/items".to_owned()]));
}

#[test]
fn a_body_has_at_most_900_kib() {
    let body = |bytes: usize| format!("{}{{}}", " ".repeat(bytes - 2));
    assert_eq!(
        rejection(&request(Method::POST, "/users", &body(900 * 1024))).0,
        422
    );
    assert_eq!(
        rejection(&request(Method::POST, "/users", &body(900 * 1024 + 1))).0,
        413
    );
}

#[test]
fn nesting_without_end_is_refused_and_does_not_overflow() {
    assert_eq!(
        rejection(&request(Method::POST, "/users", &"[".repeat(100_000))).0,
        400
    );
}

#[test]
fn everything_a_list_can_be_asked_for_is_understood() {
    let asked = interpret(&request(
        Method::GET,
        "/ratings?userId=ID&serviceId=ID&limit=7",
        "",
    ))
    .unwrap();
    let id = Uuid::try_parse(ID).unwrap();
    let filter = RatingFilter {
        user_id: Some(id),
        service_id: Some(id),
    };
    let Operation::Read(query, none_match) = asked else {
        panic!("{asked:?}")
    };
    assert_eq!(
        query,
        Query::Ratings(
            filter,
            Page {
                limit: 7,
                after: None
            }
        )
    );
    assert!(!none_match.has(1), "If-Match says nothing about reads");
}

fn original(method: Method, target: &str, body: &str) -> Request {
    let mut request = request(method, target, body);
    request.version = Version::V1;
    request
}

fn read(request: &Request) -> Query {
    match interpret(request).unwrap() {
        Operation::Read(query, _) => query,
        Operation::Write(change) => panic!("{change:?}"),
    }
}

#[test]
fn an_original_client_may_name_ratings_in_the_body_of_a_read() {
    let body = r#"{"ids":["ID"]}"#;
    let id = Uuid::try_parse(ID).unwrap();
    assert_eq!(
        read(&original(Method::GET, "/ratings", body)),
        Query::RatingsById(vec![id])
    );
    let other = "01932c07-209c-7d3e-8f3a-000000000000";
    assert_eq!(
        read(&original(Method::GET, &format!("/ratings?ids={other}"), body)),
        Query::RatingsById(vec![Uuid::try_parse(other).unwrap()]),
        "the query wins"
    );
    for all in ["", "{}", r#"{"ids":[]}"#, r#"{"ids":null}"#] {
        let query = read(&original(Method::GET, "/ratings", all));
        assert!(matches!(query, Query::Ratings(..)), "{all}");
    }
    assert_eq!(
        rejection(&original(Method::GET, "/ratings", r#"{"ids":["7"]}"#)),
        (422, vec!["/ids".to_owned()])
    );
    assert_eq!(
        rejection(&original(Method::GET, "/ratings?userId=ID", body)).0,
        400
    );
    let plain = read(&request(Method::GET, "/ratings", body));
    assert!(
        matches!(plain, Query::Ratings(..)),
        "elsewhere it means nothing, as in HTTP"
    );
}

#[test]
fn the_id_an_original_client_gives_a_new_rating_is_not_used() {
    let body = r#"{"items":[{"id":"ID","userId":"ID","serviceId":"ID","score":5}]}"#;
    let asked = interpret(&original(Method::POST, "/ratings", body)).unwrap();
    let Operation::Write(Change::CreateRatings(ratings)) = asked else {
        panic!("{asked:?}")
    };
    assert_eq!(ratings.len(), 1);
    assert_ne!(ratings[0].0, Uuid::try_parse(ID).unwrap());
    assert_eq!(
        rejection(&request(Method::POST, "/ratings", body)),
        (422, vec!["/items/0/id".to_owned()])
    );
}
