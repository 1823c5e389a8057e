//! Giving a repository the bytes of a layer or a configuration.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Method, StatusCode, Uri};

use super::answer::Answer;
use super::authority::Access;
use super::transport::{Ask, PAUSES};
use super::{Blob, Repository};
use crate::image::Error;

/// How often it is told how far an upload is.
const TOLD_EVERY: Duration = Duration::from_millis(100);

impl Repository {
    /// Uploads these bytes, in one piece. `on_progress` is told how many have been sent; an upload that breaks begins again.
    ///
    /// # Errors
    /// When the registry does not answer, or refuses.
    pub async fn upload(&self, blob: &Blob, mut on_progress: impl FnMut(u64)) -> Result<(), Error> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let result = self.upload_once(blob, &mut on_progress).await;
            let again = match &result {
                Err(Error::Registry { status, .. }) => {
                    status.is_none_or(|status| matches!(status, 429 | 502..=504))
                }
                _ => false,
            };
            let (true, Some(pause)) = (again, pauses.next()) else {
                return result;
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn upload_once(&self, blob: &Blob, on_progress: &mut impl FnMut(u64)) -> Result<(), Error> {
        let operation = format!("push a layer of {}", self.name);
        let first = Ask::new(Method::POST, &self.path("blobs/uploads/"));
        let answer = self.ask(&operation, &first, Access::Push).await?;
        let place = self.place(&operation, &answer, StatusCode::ACCEPTED)?;
        let kind = HeaderValue::from_static("application/octet-stream");
        let mut content = Ask::new(Method::PATCH, &place).with(CONTENT_TYPE, kind);
        content.content = blob.content.clone();
        let answer = self.sent(&operation, &content, on_progress).await?;
        let place = self.place(&operation, &answer, StatusCode::ACCEPTED)?;
        let separator = if place.contains('?') { '&' } else { '?' };
        let last = Ask::new(Method::PUT, &format!("{place}{separator}digest={}", blob.digest));
        let answer = self.ask(&operation, &last, Access::Push).await?;
        if answer.status == StatusCode::CREATED {
            on_progress(blob.size());
            return Ok(());
        }
        Err(self.refused(operation, &answer))
    }

    /// Asks, and tells how much has been sent meanwhile.
    async fn sent(
        &self,
        operation: &str,
        ask: &Ask,
        on_progress: &mut impl FnMut(u64),
    ) -> Result<Answer, Error> {
        let answer = self.ask(operation, ask, Access::Push);
        tokio::pin!(answer);
        let mut ticks = tokio::time::interval(TOLD_EVERY);
        loop {
            tokio::select! {
                answer = &mut answer => return answer,
                _ = ticks.tick() => {
                    let length = ask.content.len() as u64;
                    on_progress(ask.sent.load(Ordering::Relaxed).min(length));
                }
            }
        }
    }

    /// Where an upload goes on: a path there, or the whole URL of another host.
    pub(super) fn place(
        &self,
        operation: &str,
        answer: &Answer,
        wanted: StatusCode,
    ) -> Result<String, Error> {
        if answer.status != wanted {
            return Err(self.refused(operation.to_owned(), answer));
        }
        let place = answer.header(LOCATION.as_str()).unwrap_or_default();
        let (Ok(place), Ok(own)) = (place.parse::<Uri>(), self.address.url("/").parse::<Uri>()) else {
            let reason = "it does not say where an upload goes on".to_owned();
            return Err(self.failed(operation.to_owned(), reason, Some(answer.status)));
        };
        // Behind a proxy a registry may be wrong about its scheme.
        if place.authority().is_none() || place.authority() == own.authority() {
            return Ok(place
                .path_and_query()
                .map_or_else(String::new, ToString::to_string));
        }
        Ok(place.to_string())
    }
}
