//! Static files: what is found, what is refused, and with which headers.

use std::fs;

use http::Request;
use http_body_util::BodyExt;
use tempfile::TempDir;
use test_case::test_case;

use super::*;

/// A folder with a page, a script in three codings, a subfolder, a hidden file, and a neighbour that must stay unseen.
fn site() -> (TempDir, Folder) {
    let temp = TempDir::new().unwrap();
    let root = temp.path().join("dist");
    fs::create_dir_all(root.join("assets")).unwrap();
    fs::create_dir_all(root.join("docs")).unwrap();
    fs::write(temp.path().join("secret.txt"), "secret").unwrap();
    fs::write(root.join("index.html"), "<h1>page</h1>").unwrap();
    fs::write(root.join("docs/index.html"), "<h1>docs</h1>").unwrap();
    fs::write(root.join("assets/app.js"), "let plain = 1;").unwrap();
    fs::write(root.join("assets/app.js.br"), "brotli").unwrap();
    fs::write(root.join("assets/app.js.gz"), "gzip").unwrap();
    fs::write(root.join("assets/a b.txt"), "space").unwrap();
    fs::write(root.join(".env"), "hidden").unwrap();
    std::os::unix::fs::symlink(temp.path().join("secret.txt"), root.join("link.txt")).unwrap();
    let folder = folder(root);
    (temp, folder)
}

/// As a project that says nothing but where it lies.
fn folder(root: PathBuf) -> Folder {
    Folder::of(&Static {
        folder: root,
        path: "/ui".to_owned(),
        build: Vec::new(),
        immutable: None,
        policy: None,
    })
}

async fn ask(
    folder: &Folder,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> (Response<()>, String) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let (head, body) = folder.respond(&parts).await.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (
        Response::from_parts(head, ()),
        String::from_utf8(bytes.to_vec()).unwrap(),
    )
}

const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

#[test_case("/ui/", 200, "<h1>page</h1>"; "the index")]
#[test_case("/ui/assets/app.js", 200, "let plain = 1;"; "a file")]
#[test_case("/ui/assets/a%20b.txt", 200, "space"; "an escaped name")]
#[test_case("/ui/docs/", 200, "<h1>docs</h1>"; "the index of a subfolder")]
#[test_case("/ui", 302, ""; "the mount without its slash")]
#[test_case("/ui/docs", 302, ""; "a subfolder without its slash")]
#[test_case("/ui/orders/42", 200, "<h1>page</h1>"; "a page of the application's own router")]
#[tokio::test]
async fn a_browser_gets(path: &str, status: u16, body: &str) {
    let (_temp, folder) = site();
    let (response, content) = ask(&folder, Method::GET, path, &[BROWSER]).await;
    assert_eq!((response.status().as_u16(), content.as_str()), (status, body));
}

#[test_case("/ui/../secret.txt"; "parent folder")]
#[test_case("/ui/%2e%2e/secret.txt"; "parent folder, escaped")]
#[test_case("/ui/assets/..%2f..%2fsecret.txt"; "escaped slashes")]
#[test_case("/ui/..%5csecret.txt"; "backslash")]
#[test_case("/ui//etc/passwd"; "empty segment")]
#[test_case("/ui/link.txt"; "a link that leads out")]
#[test_case("/ui/.env"; "a hidden file")]
#[test_case("/ui/a%00b.txt"; "a NUL")]
#[test_case("/ui/missing.js"; "a missing asset is no page")]
#[test_case("/ui/assets/app.js/"; "a file is no folder")]
#[tokio::test]
async fn nothing_is_found_at(path: &str) {
    let (_temp, folder) = site();
    let (response, content) = ask(&folder, Method::GET, path, &[]).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(
        !content.contains("secret\"") && !content.contains("hidden"),
        "{content}"
    );
}

#[tokio::test]
async fn a_program_that_asks_for_no_page_gets_404_instead_of_the_index() {
    let (_temp, folder) = site();
    let (response, _) = ask(
        &folder,
        Method::GET,
        "/ui/orders/42",
        &[("accept", "application/json")],
    )
    .await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "application/problem+json"
    );
}

#[test_case("gzip, br", "brotli", Some("br"); "the smallest form taken")]
#[test_case("gzip", "gzip", Some("gzip"); "the only form taken")]
#[test_case("br;q=0", "let plain = 1;", None; "refused")]
#[tokio::test]
async fn precompressed_files_are_sent_to_those_who_take_them(accept: &str, body: &str, coding: Option<&str>) {
    let (_temp, folder) = site();
    let (response, content) = ask(
        &folder,
        Method::GET,
        "/ui/assets/app.js",
        &[("accept-encoding", accept)],
    )
    .await;
    assert_eq!(content, body);
    let sent = response
        .headers()
        .get(header::CONTENT_ENCODING)
        .map(|value| value.to_str().unwrap());
    assert_eq!(sent, coding);
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/javascript; charset=utf-8"
    );
    assert_eq!(response.headers()[header::VARY], "accept-encoding");
}

#[tokio::test]
async fn a_client_that_has_the_file_gets_304_until_it_changes() {
    let (_temp, folder) = site();
    let path = "/ui/assets/app.js";
    let (first, _) = ask(&folder, Method::GET, path, &[]).await;
    let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
    let (again, content) = ask(&folder, Method::GET, path, &[("if-none-match", &tag)]).await;
    assert_eq!((again.status(), content.as_str()), (StatusCode::NOT_MODIFIED, ""));

    fs::write(folder.root.join("assets/app.js"), "let changed = 2;").unwrap();
    let (changed, content) = ask(&folder, Method::GET, path, &[("if-none-match", &tag)]).await;
    assert_eq!(
        (changed.status(), content.as_str()),
        (StatusCode::OK, "let changed = 2;")
    );
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let (_temp, folder) = site();
    let (get, body) = ask(&folder, Method::GET, "/ui/assets/app.js", &[]).await;
    let (head, nothing) = ask(&folder, Method::HEAD, "/ui/assets/app.js", &[]).await;
    assert_eq!(head.headers(), get.headers());
    assert_eq!(
        head.headers()[header::CONTENT_LENGTH].to_str().unwrap(),
        body.len().to_string()
    );
    assert_eq!(nothing, "");
    assert_eq!(head.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
}

#[tokio::test]
async fn other_methods_are_told_what_is_possible() {
    let (_temp, folder) = site();
    let (response, _) = ask(&folder, Method::POST, "/ui/", &[]).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[header::ALLOW], "GET, HEAD");
}

#[tokio::test]
async fn a_large_file_arrives_whole() {
    let (_temp, folder) = site();
    let content = "0123456789abcdef".repeat(20_000);
    fs::write(folder.root.join("large.txt"), &content).unwrap();
    let (response, body) = ask(&folder, Method::GET, "/ui/large.txt", &[]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(body, content);
}

#[tokio::test]
async fn a_folder_that_is_not_built_yet_is_404_and_appears_once_it_is() {
    let temp = TempDir::new().unwrap();
    let folder = folder(temp.path().join("dist"));
    let (before, _) = ask(&folder, Method::GET, "/ui/", &[BROWSER]).await;
    fs::create_dir(&folder.root).unwrap();
    fs::write(folder.root.join("index.html"), "built").unwrap();
    let (after, content) = ask(&folder, Method::GET, "/ui/", &[BROWSER]).await;
    assert_eq!(
        (before.status(), after.status(), content.as_str()),
        (StatusCode::NOT_FOUND, StatusCode::OK, "built")
    );
}

#[test_case("/ui/assets/app.js", "public, max-age=31536000, immutable"; "a file whose name carries its content")]
#[test_case("/ui/", "no-cache"; "the page")]
#[test_case("/ui/orders/42", "no-cache"; "a page of the application's own router")]
#[tokio::test]
async fn only_what_never_changes_under_its_name_is_kept_unasked(path: &str, expected: &str) {
    let (_temp, mut folder) = site();
    folder.immutable = Some("assets".into());
    for coding in ["identity", "br"] {
        let headers = [BROWSER, ("accept-encoding", coding)];
        let (response, _) = ask(&folder, Method::GET, path, &headers).await;
        assert_eq!(response.headers()[header::CACHE_CONTROL], expected);
    }
}

#[tokio::test]
async fn pages_may_load_only_from_the_gateway_unless_the_project_says_otherwise() {
    let (_temp, mut folder) = site();
    let (own, _) = ask(&folder, Method::GET, "/ui/", &[]).await;
    let policy = own.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
    assert!(!policy.contains("unsafe"), "{policy}");
    folder.policy = HeaderValue::from_static("default-src https:");
    let (said, _) = ask(&folder, Method::GET, "/ui/", &[]).await;
    assert_eq!(
        said.headers()[header::CONTENT_SECURITY_POLICY],
        "default-src https:"
    );
}

#[test_case("/ui" => true)]
#[test_case("/ui/x" => true; "below")]
#[test_case("/uix" => false; "another word")]
fn covers(path: &str) -> bool {
    site().1.covers(path)
}

/// The tables of headers in the settings of the server that serves the same pages in a cluster.
fn headers_in_a_cluster(repository: &Path) -> Vec<Vec<(String, String)>> {
    let settings = fs::read_to_string(repository.join("frontend/server.toml")).unwrap();
    let tables = settings.split("[advanced.headers.headers]\n").skip(1);
    let of_table = |table: &str| {
        let lines = table.lines().take_while(|line| !line.is_empty());
        let fields = lines.map(|line| line.split_once(" = ").unwrap());
        let fields = fields.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()));
        fields.collect()
    };
    tables.map(of_table).collect()
}

#[tokio::test]
async fn a_cluster_sends_this_system_s_pages_with_the_same_headers() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let project = platform::project::Project::load(&repository.join("ratectl.yaml")).unwrap();
    let (_, files) = project.statics().next().unwrap();
    let (_temp, folder) = site();
    let folder = Folder {
        root: folder.root,
        ..Folder::of(files)
    };
    let tables = headers_in_a_cluster(repository);
    let [all, immutable] = &tables[..] else {
        panic!("{tables:?}")
    };
    let own = ["etag", "vary", "content-type", "content-length"];
    for (path, special) in [
        ("/ui/", None),
        ("/ui/users", None),
        ("/ui/assets/app.js", Some(immutable)),
    ] {
        let (response, _) = ask(&folder, Method::GET, path, &[("accept", "text/html")]).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let mut there: std::collections::BTreeMap<String, &str> = std::collections::BTreeMap::new();
        for (name, value) in all.iter().chain(special.into_iter().flatten()) {
            there.insert(name.to_ascii_lowercase(), value);
        }
        let headers = response.headers().iter();
        let here = headers.map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap()));
        let here = here.filter(|(name, _)| !own.contains(&name.as_str())).collect();
        assert_eq!(there, here, "{path}");
    }
}
