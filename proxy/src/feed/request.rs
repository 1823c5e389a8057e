//! What a request for the feed asks for.

use http::header::ACCEPT;
use http::{HeaderMap, HeaderName, Uri};
use percent_encoding::percent_decode_str;

use super::groups::is_group;
use super::{Filter, FilterError, Refusal};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// The same as a parameter, for clients that cannot set fields: a browser's WebSocket.
const LAST_EVENT_ID_PARAMETER: &str = "last-event-id";
const SUBJECT_PARAMETER: &str = "subject";
const GROUP_PARAMETER: &str = "group";

/// A request for the feed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) filter: Filter,
    /// The last event the client has seen.
    pub(super) last: Option<u64>,
    /// Groups a WebSocket is in from the beginning.
    pub(super) groups: Vec<String>,
}

impl Asked {
    /// Reads a request; without a subject it means everything the feed carries.
    pub(super) fn read(uri: &Uri, headers: &HeaderMap, feed: &Filter) -> Result<Self, Refusal> {
        let (mut filter, mut last, mut groups) = (None, None, Vec::new());
        for (name, value) in parameters(uri.query().unwrap_or_default()) {
            match name.as_str() {
                SUBJECT_PARAMETER if filter.is_some() => {
                    return Err(Refusal::Filter(FilterError::Several));
                }
                SUBJECT_PARAMETER => filter = Some(Filter::parse(&value).map_err(Refusal::Filter)?),
                LAST_EVENT_ID_PARAMETER => last = sequence(&value),
                GROUP_PARAMETER if is_group(&value) => groups.push(value),
                GROUP_PARAMETER => return Err(Refusal::Filter(FilterError::Token)),
                _ => {}
            }
        }
        let filter = filter.unwrap_or_else(|| feed.clone());
        if !filter.is_within(feed) {
            return Err(Refusal::Filter(FilterError::Outside(feed.clone())));
        }
        let told = headers.get(LAST_EVENT_ID).and_then(|value| value.to_str().ok());
        Ok(Self {
            filter,
            last: told.map_or(last, sequence),
            groups,
        })
    }
}

/// A place in the stream. What is none is no place: such a client begins anew, as one without any does. Refusing it would end a
/// browser's attempts for good.
fn sequence(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// Whether the client takes `text/event-stream`, or does not say.
pub(super) fn accepts(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(ACCEPT).iter().peekable();
    lines.peek().is_none()
        || lines.any(|line| {
            let ranges = line.to_str().unwrap_or_default().split(',');
            ranges
                .map(|range| range.split(';').next().unwrap_or_default().trim())
                .any(|range| {
                    ["text/event-stream", "text/*", "*/*"]
                        .iter()
                        .any(|known| range.eq_ignore_ascii_case(known))
                })
        })
}

fn parameters(query: &str) -> impl Iterator<Item = (String, String)> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    query.split('&').filter(|pair| !pair.is_empty()).map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use test_case::test_case;

    fn read(
        target: &str,
        headers: &[(&'static str, &'static str)],
    ) -> Result<(String, Option<u64>), Refusal> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        let asked = Asked::read(
            &target.parse().unwrap(),
            &map,
            &Filter::parse("events.>").unwrap(),
        )?;
        Ok((asked.filter.to_string(), asked.last))
    }

    #[test_case("/events", &[] => ("events.>".to_owned(), None); "everything from now on")]
    #[test_case("/events?subject=events.rating.%3E", &[] => ("events.rating.>".to_owned(), None); "a part")]
    #[test_case("/events?last-event-id=7", &[] => ("events.>".to_owned(), Some(7)); "a place as a parameter")]
    #[test_case("/events?last-event-id=7", &[("last-event-id", "9")] => ("events.>".to_owned(), Some(9)); "a field is stronger")]
    #[test_case("/events", &[("last-event-id", "")] => ("events.>".to_owned(), None); "no place")]
    #[test_case("/events", &[("last-event-id", "-1")] => ("events.>".to_owned(), None); "a place before the first")]
    #[test_case("/events", &[("last-event-id", "99999999999999999999999")] => ("events.>".to_owned(), None); "a place beyond numbers")]
    #[test_case("/events", &[("last-event-id", "7; DROP")] => ("events.>".to_owned(), None); "no number")]
    #[test_case("/events?other=1&&x", &[("accept", "text/html, */*;q=0.1")] => ("events.>".to_owned(), None); "what nobody knows")]
    fn asked(target: &str, headers: &[(&'static str, &'static str)]) -> (String, Option<u64>) {
        read(target, headers).unwrap()
    }

    #[test_case("/events?subject=other.%3E" => 400; "outside of the feed")]
    #[test_case("/events?subject=events.a%0D%0APUB" => 400; "another command")]
    #[test_case("/events?subject=" => 400; "an empty subject")]
    #[test_case("/events?subject=events.a&subject=events.b" => 400; "two subjects")]
    fn refused(target: &str) -> u16 {
        read(target, &[]).unwrap_err().status().as_u16()
    }

    #[test_case(&[] => true; "who does not say")]
    #[test_case(&[("accept", "text/html, */*;q=0.1")] => true; "who takes anything")]
    #[test_case(&[("accept", "application/json")] => false; "who takes something else")]
    fn accepted(headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        accepts(&map)
    }
}
