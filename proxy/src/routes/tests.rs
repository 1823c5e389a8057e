use contract::envelope::Version;
use contract::subject::Path;
use http::Method;
use test_case::test_case;

use super::{Found, Mode, Routes, RoutesError, parse};

fn table(yaml: &str) -> Routes {
    parse("routes.yaml", yaml).unwrap()
}

fn refusal(yaml: &str) -> String {
    let error = parse("routes.yaml", yaml).unwrap_err();
    let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
    format!("{error}{}", source.unwrap_or_default())
}

const RATINGS: &str = "
routes:
  - { path: /ratings, methods: [GET, POST] }
  - { path: '/ratings/{id}', methods: [GET, PUT], timeout: 500ms, body_limit: 1KiB }
  - { path: /ratings/mine, methods: [GET], mode: event, envelope: v1 }
  - { path: '/ratings/{id}', methods: [DELETE], mode: event }
  - { path: /, methods: [GET] }
";

#[test_case(&Method::GET, "/ratings", Some(0))]
#[test_case(&Method::HEAD, "/ratings", Some(0); "head goes where get goes")]
#[test_case(&Method::PUT, "/ratings/1", Some(1))]
#[test_case(&Method::GET, "/ratings/mine", Some(2); "a literal wins over a parameter")]
#[test_case(&Method::GET, "/ratings/m%69ne", Some(2); "escapes do not change the resource")]
#[test_case(&Method::DELETE, "/ratings/1", Some(3); "methods of one template may differ in settings")]
#[test_case(&Method::GET, "/", Some(4))]
#[test_case(&Method::GET, "/rating", None)]
#[test_case(&Method::GET, "/ratings/1/2", None)]
fn requests_find_their_route(method: &Method, path: &str, expected: Option<usize>) {
    let table = table(RATINGS);
    let path = Path::parse(path).unwrap();
    match (table.find(method, &path), expected) {
        (Found::Route(route), Some(index)) => assert_eq!(route.index, index),
        (Found::Nothing, None) => {}
        (found, _) => panic!("found {found:?}, expected {expected:?}"),
    }
}

#[test]
fn a_wrong_method_learns_the_right_ones() {
    let table = table(RATINGS);
    let Found::Method(resource) = table.find(&Method::POST, &Path::parse("/ratings/7").unwrap()) else {
        panic!("POST on an item must not be routed");
    };
    assert_eq!(resource.allow(), "GET, HEAD, PUT, DELETE, OPTIONS");
    assert!(matches!(
        table.find(&Method::OPTIONS, &Path::parse("/ratings/7").unwrap()),
        Found::Options(_)
    ));
    assert!(matches!(
        table.find(&Method::OPTIONS, &Path::parse("/elsewhere").unwrap()),
        Found::Nothing
    ));
}

#[test]
fn settings_come_from_the_route_then_the_defaults_then_the_program() {
    let table = table(
        "
defaults: { timeout: 2s, envelope: v1 }
routes:
  - { path: /a, methods: [GET] }
  - { path: /b, methods: [GET], timeout: 3s, envelope: v2, mode: event }
",
    );
    let (a, b) = (table.get(0).unwrap(), table.get(1).unwrap());
    assert_eq!(
        (a.timeout.as_secs(), a.envelope, a.mode, a.body_limit),
        (2, Version::V1, Mode::Queue, 262_144)
    );
    assert_eq!(
        (b.timeout.as_secs(), b.envelope, b.mode),
        (3, Version::V2, Mode::Event)
    );
}

#[test_case("routes: [{ path: /a, methods: [GET], retries: 3 }]", "retries"; "unknown keys are named")]
#[test_case("routes:\n  - path: /a\n    methods: [FETCH]\n", "line 3"; "unknown methods have a place")]
#[test_case(
    "routes:\n  - path: /a/\n    methods: [GET]\n",
    "routes.yaml:2:11: the route's path is no template: the template '/a/' is not a path"
)]
#[test_case(
    "routes:\n  - path: '/a/{id'\n    methods: [GET]\n",
    "has braces that do not span it"
)]
#[test_case("routes:\n  - path: '/{x}/{x}'\n    methods: [GET]\n", "'x' twice")]
#[test_case("routes:\n  - path: '/{}'\n    methods: [GET]\n", "no parameter name")]
#[test_case(
    "routes:\n  - path: /a\n    methods: []\n",
    "routes.yaml:3:14: a route needs at least one method"
)]
#[test_case("routes:\n  - path: /a\n    methods: [GET, GET]\n", "named twice")]
#[test_case(
    "routes:\n  - path: /a\n    methods: [GET]\n    timeout: 5\n",
    "routes.yaml:4:14: the timeout '5'"
)]
#[test_case(
    "routes:\n  - path: /a\n    methods: [GET]\n    body_limit: 65MiB\n",
    "the body limit '65MiB'"
)]
#[test_case("routes: [{ path: '/a/{x}', methods: [GET] }, { path: '/a/{y}', methods: [PUT] }]", "match the same paths"; "names of parameters do not tell paths apart")]
#[test_case("routes: [{ path: '/a/{x}/c', methods: [GET] }, { path: '/a/b/{y}', methods: [PUT] }]", "some paths match both"; "crossing templates")]
#[test_case("routes:\n  - { path: /a, methods: [GET] }\n  - { path: /a, methods: [PUT, GET] }\n", "routes.yaml:3:13: the route collides with the one in line 2: GET /a is there already"; "one method twice")]
fn a_table_that_cannot_be_meant_is_refused_with_its_place(yaml: &str, expected: &str) {
    let message = refusal(yaml);
    assert!(
        message.contains(expected),
        "{message:?} does not contain {expected:?}"
    );
}

#[test]
fn text_that_is_no_yaml_is_a_syntax_error() {
    assert!(matches!(parse("r", "routes: ["), Err(RoutesError::Syntax { .. })));
}

const CONFIG_MAP: &str = "kind: ConfigMap
metadata: {name: routes}
data:
  other: text
  routes.yaml: |
    # Routes.
    routes:
      - path: /a
        methods: [GET]
        timeout: 1s
";

#[test]
fn a_config_map_that_holds_routes_is_read_as_they_are() {
    let (path, table) = (Path::parse("/a").unwrap(), table(CONFIG_MAP));
    assert!(matches!(table.find(&Method::GET, &path), Found::Route(_)));
    let other_key = "kind: ConfigMap\ndata: {any: 'routes: [{path: /a, methods: [GET]}]'}";
    assert!(matches!(
        self::table(other_key).find(&Method::GET, &path),
        Found::Route(_)
    ));
}

#[test_case("timeout: 1s", "timeout: 5", "routes.yaml:10:18: the timeout '5'"; "a value")]
#[test_case("methods: [GET]", "method: [GET]", "line 9"; "an unknown key")]
#[test_case("routes.yaml:", "routes.txt:", "unknown field"; "no routes among several keys")]
fn a_mistake_in_a_config_map_has_its_place_in_the_manifest(right: &str, wrong: &str, expected: &str) {
    let message = refusal(&CONFIG_MAP.replace(right, wrong));
    assert!(
        message.contains(expected),
        "{message:?} does not contain {expected:?}"
    );
}

#[test]
fn the_routes_file_of_this_system_is_valid() {
    let routes = table(include_str!("../../../manifests/proxy/routes.yaml"));
    for (method, path) in [
        (Method::POST, "/users"),
        (Method::PUT, "/services/1"),
        (Method::DELETE, "/ratings/1"),
        (Method::DELETE, "/ratings"),
        (Method::GET, "/services/1/summary"),
    ] {
        let found = routes.find(&method, &Path::parse(path).unwrap());
        assert!(matches!(found, Found::Route(_)), "{method} {path}: {found:?}");
    }
}

mod lookup_equals_a_naive_search {
    use super::*;
    use proptest::prelude::*;

    fn template() -> impl Strategy<Value = String> {
        proptest::collection::vec(prop_oneof![Just("a"), Just("b"), Just("{p}")], 1..4).prop_map(|segments| {
            let named = segments.iter().enumerate().map(|(at, segment)| match *segment {
                "{p}" => format!("/{{p{at}}}"),
                literal => format!("/{literal}"),
            });
            named.collect()
        })
    }

    proptest! {
        #[test]
        fn for_every_accepted_table(
            templates in proptest::collection::vec(template(), 1..6),
            path in proptest::collection::vec(prop_oneof![Just("a"), Just("b"), Just("c")], 1..4),
        ) {
            let list: Vec<_> = templates.iter().map(|t| format!("{{ path: '{t}', methods: [GET] }}")).collect();
            let Ok(table) = parse("r", &format!("routes: [{}]", list.join(", "))) else { return Ok(()) };
            let fits = |t: &&String| {
                let segments: Vec<_> = t[1..].split('/').collect();
                segments.len() == path.len()
                    && segments.iter().zip(&path).all(|(s, p)| s.starts_with('{') || s == p)
            };
            let best = templates.iter().filter(fits).min_by_key(|t| t.matches('{').count());
            let path = Path::parse(&format!("/{}", path.join("/"))).unwrap();
            match (table.find(&Method::GET, &path), best) {
                (Found::Route(route), Some(best)) => prop_assert_eq!(route.template.as_str(), best.as_str()),
                (Found::Nothing, None) => {}
                (found, best) => prop_assert!(false, "{:?} against {:?}", found, best),
            }
        }
    }
}

fn feed(entry: &str) -> String {
    format!("routes:\n  - {{ path: /a, methods: [GET] }}\nfeed: {{ {entry} }}\n")
}

#[test]
fn a_feed_stands_beside_the_routes() {
    let table = table(&feed(
        "path: /events, stream: EVENTS, subject: 'events.>', groups: live",
    ));
    let feed = table.feed().unwrap();
    assert_eq!((feed.path.as_str(), feed.stream.as_str()), ("/events", "EVENTS"));
    assert_eq!(
        (feed.subject.as_str(), feed.groups.as_deref()),
        ("events.>", Some("live"))
    );
    let whole = parse("r", "routes: []\nfeed: { path: /x, stream: S }").unwrap();
    assert_eq!(whole.feed().unwrap().subject.as_str(), ">");
    assert!(parse("r", "routes: []").unwrap().feed().is_none());
}

#[test_case("path: /events" => true; "no stream")]
#[test_case("path: '/events/{id}', stream: S" => true; "a parameter")]
#[test_case("path: events, stream: S" => true; "no path")]
#[test_case("path: /a, stream: S" => true; "the path of a route")]
#[test_case("path: /x, stream: 'a.b'" => true; "no stream name")]
#[test_case("path: /x, stream: S, subject: 'a b'" => true; "no subject")]
#[test_case("path: /x, stream: S, groups: 'a.*'" => true; "no token")]
#[test_case("path: /x, stream: S, subject: 'events.>', groups: events" => true; "groups among the events")]
#[test_case("path: /x, stream: S, retries: 3" => true; "an unknown key")]
#[test_case("path: /x, stream: S" => false; "as it should be")]
fn a_feed_that_cannot_be_meant_is_refused_with_its_place(entry: &str) -> bool {
    match parse("routes.yaml", &feed(entry)) {
        Ok(_) => false,
        Err(error) => {
            let said = match std::error::Error::source(&error) {
                Some(source) => format!("{error}: {source}"),
                None => error.to_string(),
            };
            assert!(said.contains(":3:") || said.contains("line 3"), "{said}");
            true
        }
    }
}
