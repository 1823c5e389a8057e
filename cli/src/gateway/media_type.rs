//! The media type of a file, from its name.

use std::path::Path;

/// The `Content-Type` for a file; `application/octet-stream` for names that say nothing.
///
/// Text types carry `charset=utf-8`, which is what every tool that builds web pages writes.
pub(super) fn of(path: &Path) -> &'static str {
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "xml" => "application/xml",
        "yaml" | "yml" => "application/yaml",
        "wasm" => "application/wasm",
        "pdf" => "application/pdf",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("index.html" => "text/html; charset=utf-8")]
    #[test_case("assets/index-B1x.JS" => "text/javascript; charset=utf-8"; "case does not matter")]
    #[test_case("LICENSE" => "application/octet-stream"; "no extension")]
    #[test_case(".hidden" => "application/octet-stream"; "a leading dot is no extension")]
    fn media_type(name: &str) -> &'static str {
        of(Path::new(name))
    }
}
