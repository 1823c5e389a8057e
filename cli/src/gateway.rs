//! The door of a system that runs on this machine: one origin with the API, the static files of components, and a
//! status page, as the gateway of a cluster has it.
//!
//! `/api/*` goes to the proxy's own service in the same thread, without another connection in between.

mod body;
mod encoding;
mod entity_tag;
mod files;
mod media_type;
mod origin;
mod page;
mod prefix;
mod response;

use std::sync::Arc;

use http::{Response, StatusCode, request::Parts};
use http_body_util::Either;
use runtime::http::{Peer, Request, Service};

pub(crate) use files::Folder;

use crate::board::Board;
use crate::lookout::Lookout;
use body::LocalBody;

/// Where the user interface lies, and the status page until there is one.
pub(crate) const UI: &str = "/ui";
/// Where the status page always lies.
const STATUS: &str = "/status";
/// Where what `ratectl top` would show lies.
const TOP: &str = "/status/top.json";

/// What every shard of the gateway shares.
#[derive(Clone)]
pub(crate) struct Site {
    /// Static folders, longest mount first.
    folders: Arc<[Folder]>,
    /// What the status page shows.
    board: Arc<Board>,
    /// Knows what `ratectl top` would show, if that is told here.
    lookout: Option<Lookout>,
}

impl Site {
    /// A site with these folders, a status page over `board`, and perhaps what `ratectl top` would show.
    pub(crate) fn new(mut folders: Vec<Folder>, board: Arc<Board>, lookout: Option<Lookout>) -> Self {
        folders.sort_by_key(|folder| std::cmp::Reverse(folder.mount.len()));
        Site {
            folders: folders.into(),
            board,
            lookout,
        }
    }

    /// The gateway of one shard, in front of that shard's API.
    pub(crate) fn gateway<A>(&self, api: A) -> Gateway<A> {
        Gateway {
            site: self.clone(),
            api,
        }
    }

    /// Answers what is not the API's.
    async fn respond(&self, request: &Parts) -> Response<LocalBody> {
        let path = request.uri.path();
        if let Some(folder) = self.folders.iter().find(|folder| folder.covers(path)) {
            if folder.is_there().await {
                return folder.respond(request).await;
            }
            return page::in_place_of(folder, request, &self.board);
        }
        match (path, &self.lookout) {
            ("/", _) => response::redirect(UI),
            (TOP, Some(lookout)) => page::top(request, lookout).await,
            _ => page::respond(request, &self.board),
        }
    }
}

/// One shard's gateway: the site, and the API behind `/api`.
pub(crate) struct Gateway<A> {
    site: Site,
    api: A,
}

impl<A: Service> Service for Gateway<A> {
    type Body = Either<A::Body, LocalBody>;

    async fn call(&self, mut request: Request, peer: Peer) -> Response<Self::Body> {
        if !origin::is_local(request.uri(), request.headers()) {
            let (request, _) = request.into_parts();
            return stranger(&request).map(Either::Right);
        }
        if let Some(uri) = prefix::strip(request.uri()) {
            *request.uri_mut() = uri;
            prefix::announce(request.headers_mut());
            let mut response = self.api.call(request, peer).await;
            prefix::restore(response.headers_mut());
            return response.map(Either::Left);
        }
        let (request, _) = request.into_parts();
        self.site.respond(&request).await.map(Either::Right)
    }

    async fn drained(&self) {
        self.api.drained().await;
    }
}

/// 421 for a request that means another host.
fn stranger(request: &Parts) -> Response<LocalBody> {
    let detail = "this gateway answers to localhost and to addresses only; use http://localhost and its port";
    response::failure(
        request,
        StatusCode::MISDIRECTED_REQUEST,
        "not for this host",
        detail,
    )
}
