//! Folders of static files: looked up safely, sent with the headers a browser needs.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request::Parts};

use platform::project::Static;

use super::{
    body::{self, LocalBody},
    encoding::{CODINGS, Coding, accepts},
    entity_tag, media_type, response,
};

/// A folder served under a path.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    /// The path it appears under, such as `/ui`; no trailing slash.
    pub(crate) mount: String,
    /// Where it lies; it may come into being later, for example by a front end's build.
    pub(crate) root: PathBuf,
    /// The command that makes it, for people; empty if nobody says how.
    pub(crate) build: Vec<String>,
    /// A folder in it, relative, whose files never change under their names.
    pub(crate) immutable: Option<PathBuf>,
    /// The `Content-Security-Policy` of its files.
    pub(crate) policy: HeaderValue,
}

/// What a path within a folder leads to.
enum Found {
    File(PathBuf),
    /// A folder asked for without its final slash: relative links in its page would break.
    FolderWithoutSlash,
    Nothing,
}

impl Folder {
    /// Whether `path` lies under this folder's mount.
    pub(crate) fn covers(&self, path: &str) -> bool {
        path.strip_prefix(&self.mount)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// A folder of a project.
    pub(crate) fn of(files: &Static) -> Self {
        let own = HeaderValue::from_static(response::PAGE_POLICY);
        let said = files
            .policy
            .as_deref()
            .and_then(|policy| HeaderValue::from_str(policy).ok());
        Folder {
            mount: files.path.clone(),
            root: files.folder.clone(),
            build: files.build.clone(),
            immutable: files.immutable.clone(),
            policy: said.unwrap_or(own),
        }
    }

    /// Whether there is anything to serve.
    pub(crate) async fn is_there(&self) -> bool {
        tokio::fs::metadata(&self.root)
            .await
            .is_ok_and(|metadata| metadata.is_dir())
    }

    /// Answers a request whose path this folder [covers](Folder::covers).
    pub(crate) async fn respond(&self, request: &Parts) -> Response<LocalBody> {
        if request.method != Method::GET && request.method != Method::HEAD {
            return response::method_not_allowed(request, "GET, HEAD");
        }
        let rest = request.uri.path().strip_prefix(&self.mount).unwrap_or_default();
        match self.find(rest, wants_page(rest, &request.headers)).await {
            Ok(Found::File(path)) => match self.send(&path, request).await {
                Ok(response) => response,
                Err(error) => unreadable(request, &error),
            },
            Ok(Found::FolderWithoutSlash) => response::redirect(&with_slash(request)),
            Ok(Found::Nothing) => response::not_found(request),
            Err(error) => unreadable(request, &error),
        }
    }

    /// Looks up the raw path `rest`. Nothing outside the folder is ever found, not even through a symbolic link.
    async fn find(&self, rest: &str, page_wanted: bool) -> io::Result<Found> {
        let Ok(root) = tokio::fs::canonicalize(&self.root).await else {
            return Ok(Found::Nothing);
        };
        let Some(relative) = relative_path(rest) else {
            return Ok(Found::Nothing);
        };
        let wanted = root.join(relative);
        if let Some((path, metadata)) = inside(&root, &wanted).await? {
            if metadata.is_file() && !rest.ends_with('/') {
                return Ok(Found::File(path));
            }
            if metadata.is_dir()
                && let Some((index, _)) = inside(&root, &path.join("index.html")).await?
            {
                return Ok(if rest.ends_with('/') {
                    Found::File(index)
                } else {
                    Found::FolderWithoutSlash
                });
            }
        }
        // A page inside a single-page application has no file of its own; the application's router knows it.
        if page_wanted && let Some((index, _)) = inside(&root, &root.join("index.html")).await? {
            return Ok(Found::File(index));
        }
        Ok(Found::Nothing)
    }
}

impl Folder {
    /// Sends a file, or its precompressed form, or 304 if the client has it.
    async fn send(&self, path: &Path, request: &Parts) -> io::Result<Response<LocalBody>> {
        let (file, coding) = open(path, &request.headers).await?;
        let metadata = file.metadata().await?;
        let tag = entity_tag::of(&metadata, coding.map(|coding| coding.name));
        let if_none_match = request
            .headers
            .get(header::IF_NONE_MATCH)
            .and_then(|value| value.to_str().ok());
        let fresh = if_none_match.is_some_and(|value| entity_tag::none_match_names(value, &tag));

        let mut response = Response::builder()
            .header(header::ETAG, tag)
            .header(header::CACHE_CONTROL, self.cache_control(path).await)
            .header(header::VARY, "accept-encoding");
        if fresh {
            response = response.status(StatusCode::NOT_MODIFIED);
        } else {
            response = response
                .header(header::CONTENT_TYPE, media_type::of(path))
                .header(header::CONTENT_LENGTH, metadata.len());
            if let Some(coding) = coding {
                response = response.header(header::CONTENT_ENCODING, coding.name);
            }
        }
        let without_body = fresh || request.method == Method::HEAD;
        let body = if without_body {
            body::empty()
        } else {
            body::file(file, metadata.len())
        };
        let mut response = response.body(body).map_err(io::Error::other)?;
        response::secure(response.headers_mut(), self.policy.clone());
        Ok(response)
    }

    /// How long the file at `path`, a real path, may be kept. A developer changes files all the time: browsers keep them,
    /// but ask each time whether they are still the same; all but those that never change under their names.
    async fn cache_control(&self, path: &Path) -> &'static str {
        let immutable = match &self.immutable {
            Some(immutable) => tokio::fs::canonicalize(self.root.join(immutable)).await.ok(),
            None => None,
        };
        match immutable {
            Some(immutable) if path.starts_with(&immutable) => "public, max-age=31536000, immutable",
            _ => "no-cache",
        }
    }
}

/// A browser's navigation to a path without an extension, as opposed to a script, an image or an API call.
fn wants_page(rest: &str, headers: &HeaderMap) -> bool {
    let last = rest.rsplit('/').next().unwrap_or_default();
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .unwrap_or_default();
    !last.contains('.') && accept.contains("text/html")
}

/// The raw URL path as a relative file path, or `None` for anything that tries to leave the folder, hides, or is no
/// valid path.
fn relative_path(rest: &str) -> Option<PathBuf> {
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.is_empty() {
        return Some(PathBuf::new());
    }
    let path = contract::subject::Path::parse(rest).ok()?;
    let hidden = |segment: &String| segment.starts_with('.') && segment != ".well-known";
    if path
        .segments()
        .iter()
        .any(|segment| hidden(segment) || segment.contains('\\'))
    {
        return None;
    }
    Some(path.segments().iter().collect())
}

/// The real place of `wanted` and what is there, if it exists and lies inside `root`.
async fn inside(root: &Path, wanted: &Path) -> io::Result<Option<(PathBuf, Metadata)>> {
    let path = match tokio::fs::canonicalize(wanted).await {
        Ok(path) if path.starts_with(root) => path,
        Ok(_) => return Ok(None),
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let metadata = tokio::fs::metadata(&path).await?;
    Ok(Some((path, metadata)))
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
    )
}

/// Opens the smallest form of the file that the client takes.
async fn open(path: &Path, headers: &HeaderMap) -> io::Result<(tokio::fs::File, Option<Coding>)> {
    let accept = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|accept| accept.to_str().ok())
        .unwrap_or_default();
    for coding in CODINGS {
        let mut name = path.as_os_str().to_owned();
        name.push(coding.suffix);
        let is_file = tokio::fs::symlink_metadata(&name)
            .await
            .is_ok_and(|metadata| metadata.is_file());
        if is_file && accepts(accept, coding) {
            return Ok((tokio::fs::File::open(&name).await?, Some(coding)));
        }
    }
    Ok((tokio::fs::File::open(path).await?, None))
}

fn with_slash(request: &Parts) -> String {
    let query = request
        .uri
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    format!("{}/{query}", request.uri.path())
}

fn unreadable(request: &Parts, error: &io::Error) -> Response<LocalBody> {
    tracing::warn!(path = request.uri.path(), %error, "cannot read a static file");
    response::failure(
        request,
        StatusCode::INTERNAL_SERVER_ERROR,
        "file not readable",
        &error.to_string(),
    )
}

#[cfg(test)]
mod tests;
