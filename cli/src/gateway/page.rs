//! The status page: what runs, where, and how it is doing. Made on the server, kept fresh by a small script of its own.

use std::fmt::Write as _;

use http::{Method, Response, StatusCode, header, request::Parts};

use super::{
    STATUS, UI,
    body::{self, LocalBody},
    files::Folder,
    response,
};
use crate::{
    board::{Board, Component, Status},
    lookout::Lookout,
};

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = include_str!("page/status.css");
const SCRIPT: &str = include_str!("page/status.js");

/// Answers for the page and what belongs to it; 404 for anything else.
pub(super) fn respond(request: &Parts, board: &Board) -> Response<LocalBody> {
    let (media_type, content) = match request.uri.path() {
        UI | "/ui/" | STATUS => (HTML, status(&board.status(), "")),
        "/status/status.json" => match serde_json::to_string(&board.status()) {
            Ok(json) => ("application/json", json),
            Err(error) => {
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                return response::failure(request, status, "status not available", &error.to_string());
            }
        },
        "/status/status.css" => ("text/css; charset=utf-8", STYLE.to_owned()),
        "/status/status.js" => ("text/javascript; charset=utf-8", SCRIPT.to_owned()),
        _ => return response::not_found(request),
    };
    read_only(request, media_type, content)
}

/// Answers with what `ratectl top --once -o json` would print now.
pub(super) async fn top(request: &Parts, lookout: &Lookout) -> Response<LocalBody> {
    if request.method != Method::GET && request.method != Method::HEAD {
        return response::method_not_allowed(request, "GET, HEAD");
    }
    match lookout.report().await {
        Some(json) => read_only(request, "application/json", json),
        None => response::failure(
            request,
            StatusCode::SERVICE_UNAVAILABLE,
            "nobody looks",
            "too many ask at once, or the system is being stopped; ask again",
        ),
    }
}

fn read_only(request: &Parts, media_type: &'static str, content: String) -> Response<LocalBody> {
    match request.method {
        Method::GET => response::document(StatusCode::OK, media_type, content),
        Method::HEAD => {
            let length = content.len();
            let mut response = response::document(StatusCode::OK, media_type, content).map(|_| body::empty());
            response
                .headers_mut()
                .insert(http::header::CONTENT_LENGTH, length.into());
            response
        }
        _ => response::method_not_allowed(request, "GET, HEAD"),
    }
}

/// Answers for a folder that is not there yet: a browser gets the status page, which says how the folder is made.
pub(super) fn in_place_of(folder: &Folder, request: &Parts, board: &Board) -> Response<LocalBody> {
    let accept = request
        .headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .unwrap_or_default();
    let is_read = request.method == Method::GET || request.method == Method::HEAD;
    let words = not_built(folder);
    if !is_read || !accept.contains("text/html") {
        return response::failure(request, StatusCode::NOT_FOUND, "not built", &words);
    }
    let hint = if folder.build.is_empty() {
        format!("<p class=\"hint\">{}</p>", escape(&words))
    } else {
        format!(
            "<p class=\"hint\">The pages of <code>{}</code> are not built yet. Run <code>{}</code> in the project's folder, \
             then load this page again.</p>",
            escape(&folder.mount),
            escape(&folder.build.join(" ")),
        )
    };
    response::document(StatusCode::OK, HTML, status(&board.status(), &hint))
}

/// Why there is nothing, and what helps, as one sentence.
fn not_built(folder: &Folder) -> String {
    let missing = format!(
        "nothing is served under {} because {} does not exist",
        folder.mount,
        folder.root.display()
    );
    if folder.build.is_empty() {
        return missing;
    }
    format!("{missing}; `{}` builds it", folder.build.join(" "))
}

/// The page of a failure, for browsers.
pub(super) fn failure(status: StatusCode, title: &str, detail: &str) -> String {
    let main = format!(
        "<h1>{}</h1><p class=\"lead\">{}</p><p><a href=\"{STATUS}\">What is running</a></p>",
        escape(&format!("{} {title}", status.as_u16())),
        escape(detail)
    );
    frame(title, &main, "")
}

/// The page; `hint` is markup that comes first.
fn status(status: &Status, hint: &str) -> String {
    let mut rows = String::new();
    for component in &status.components {
        rows += &row(component);
    }
    let links = [
        ("API", &status.urls.api),
        ("Metrics", &format!("{}/metrics", status.urls.admin)),
        ("Readiness", &format!("{}/readyz", status.urls.admin)),
        ("NATS", &status.urls.nats),
    ]
    .iter()
    .fold(String::new(), |mut links, (name, url)| {
        let _ = write!(links, "<dt>{name}</dt><dd>{}</dd>", link(url));
        links
    });
    let main = format!(
        "<h1>{}</h1><p class=\"lead\"><span id=\"summary\" class=\"{}\">{}</span></p>{hint}\
         <table><thead><tr><th>Component</th><th>State</th><th>Restarts</th><th></th></tr></thead>\
         <tbody id=\"components\">{rows}</tbody></table><dl>{links}</dl>",
        escape(&status.project),
        if all_ready(status) { "ready" } else { "starting" },
        summary(status),
    );
    let script = "<script src=\"/status/status.js\" defer></script>";
    frame(&status.project, &main, script)
}

fn all_ready(status: &Status) -> bool {
    status
        .components
        .iter()
        .all(|component| component.health == crate::board::Health::Ready)
}

fn summary(status: &Status) -> String {
    let all = status.components.len();
    let ready = status
        .components
        .iter()
        .filter(|c| c.health == crate::board::Health::Ready)
        .count();
    if ready == all {
        "Everything is ready".to_owned()
    } else {
        format!("{ready} of {all} components are ready")
    }
}

fn row(component: &Component) -> String {
    let url = component.url.as_deref().map(link).unwrap_or_default();
    let detail = escape(component.detail.as_deref().unwrap_or_default());
    format!(
        "<tr><td>{} <small>{}</small></td><td><span class=\"state {state}\">{state}</span></td><td>{}</td>\
         <td>{url} {detail}</td></tr>",
        escape(&component.name),
        component.kind,
        component.restarts,
        state = component.health.word(),
    )
}

/// A link for what a browser can open, plain text for the rest.
fn link(url: &str) -> String {
    let words = escape(url);
    if url.starts_with("http://") {
        format!("<a href=\"{words}\">{words}</a>")
    } else {
        format!("<code>{words}</code>")
    }
}

fn frame(title: &str, main: &str, script: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{} · ratectl</title>\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/status/status.css\">{script}</head>\
         <body><main>{main}</main><footer>ratectl {}</footer></body></html>\n",
        escape(title),
        env!("CARGO_PKG_VERSION")
    )
}

/// Makes text harmless in HTML, in elements and in quoted attributes.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\'' => safe += "&#39;",
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
