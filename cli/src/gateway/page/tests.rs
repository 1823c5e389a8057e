//! The status page: what it shows, and that nothing a component says becomes markup.

use http::{Request, header};
use http_body_util::BodyExt;

use super::*;
use crate::board::{Health, Urls};

fn board() -> Board {
    let board = Board::new(
        "orders & co",
        vec![
            Component::starting("nats", "nats"),
            Component::starting("worker", "process"),
        ],
    );
    board.locate(Urls {
        api: "http://localhost:8080/api".to_owned(),
        ..Urls::default()
    });
    board.update("nats", |component| component.health = Health::Ready);
    board.update("worker", |component| {
        component.health = Health::Failed;
        component.detail = Some("<script>alert('x')</script>".to_owned());
    });
    board
}

async fn ask(method: Method, path: &str, accept: &str) -> (Response<()>, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::ACCEPT, accept)
        .body(())
        .unwrap();
    let (head, body) = respond(&request.into_parts().0, &board()).into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (
        Response::from_parts(head, ()),
        String::from_utf8(bytes.to_vec()).unwrap(),
    )
}

#[tokio::test]
async fn the_page_shows_components_and_addresses() {
    let (response, page) = ask(Method::GET, "/ui", "text/html").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], HTML);
    for words in [
        "orders &amp; co",
        "1 of 2 components are ready",
        "http://localhost:8080/api",
        "failed",
    ] {
        assert!(page.contains(words), "{words} is missing in {page}");
    }
}

#[tokio::test]
async fn what_a_component_says_stays_text() {
    let (_, page) = ask(Method::GET, "/ui", "text/html").await;
    assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)"));
    assert!(!page.contains("<script>alert"));
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let (response, page) = ask(Method::GET, "/ui/", "text/html").await;
    assert_eq!(
        response.headers()[header::CONTENT_SECURITY_POLICY],
        response::OWN_POLICY
    );
    for (at, _) in page.match_indices("src=\"").chain(page.match_indices("<link")) {
        let reference = &page[at..page.len().min(at + 60)];
        assert!(!reference.contains("http"), "{reference}");
    }
    for path in [
        "/status",
        "/status/status.css",
        "/status/status.js",
        "/status/status.json",
    ] {
        assert_eq!(
            ask(Method::GET, path, "*/*").await.0.status(),
            StatusCode::OK,
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_top_shows_is_not_there_unless_somebody_looks() {
    let (response, _) = ask(Method::GET, "/status/top.json", "*/*").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_json_holds_the_same() {
    let (_, json) = ask(Method::GET, "/status/status.json", "*/*").await;
    let status: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(status["project"], "orders & co");
    assert_eq!(status["components"][1]["health"], "failed");
}

#[tokio::test]
async fn an_unknown_path_is_a_page_for_browsers_and_a_problem_for_programs() {
    let (page, _) = ask(Method::GET, "/nowhere", "text/html").await;
    let (problem, json) = ask(Method::GET, "/nowhere", "*/*").await;
    assert_eq!(
        (page.status(), problem.status()),
        (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND)
    );
    assert_eq!(page.headers()[header::CONTENT_TYPE], HTML);
    assert_eq!(
        problem.headers()[header::CONTENT_TYPE],
        contract::problem::MEDIA_TYPE
    );
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&json).unwrap()["instance"],
        "/nowhere"
    );
}

/// A folder under `/ui` that does not exist.
fn unbuilt(build: &[&str]) -> Folder {
    Folder::of(&platform::project::Static {
        folder: "/nowhere/dist".into(),
        path: UI.to_owned(),
        build: build.iter().map(|&word| word.to_owned()).collect(),
        immutable: None,
        policy: None,
    })
}

async fn ask_unbuilt(folder: &Folder, accept: &str) -> (StatusCode, String) {
    let request = Request::builder()
        .uri("/ui/orders/42")
        .header(header::ACCEPT, accept)
        .body(())
        .unwrap();
    let response = in_place_of(folder, &request.into_parts().0, &board());
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn in_place_of_pages_that_are_not_built_stands_how_to_build_them() {
    let (status, page) = ask_unbuilt(&unbuilt(&["make", "<pages>"]), "text/html").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Run <code>make &lt;pages&gt;</code>"), "{page}");
    assert!(page.contains("1 of 2 components are ready"), "{page}");
    let (_, page) = ask_unbuilt(&unbuilt(&[]), "text/html").await;
    assert!(page.contains("/nowhere/dist does not exist"), "{page}");
}

#[tokio::test]
async fn a_program_is_told_that_pages_are_not_built() {
    let (status, problem) = ask_unbuilt(&unbuilt(&["make", "pages"]), "*/*").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(problem.contains("`make pages` builds it"), "{problem}");
}

#[tokio::test]
async fn the_page_can_only_be_read() {
    let (response, _) = ask(Method::POST, "/ui", "text/html").await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
}
