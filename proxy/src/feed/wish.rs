//! What a WebSocket client asks for, and how often it may.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::groups::is_group;

/// How many messages at once, in seconds' worth of them.
const BURST_S: u32 = 2;

/// One message of a client.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// `{"join": "room"}`
    Join(String),
    /// `{"leave": "room"}`
    Leave(String),
    /// `{"group": "room", "data": …}`
    Say {
        group: String,
        /// JSON as it was written.
        data: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text<'a> {
    join: Option<String>,
    leave: Option<String>,
    group: Option<String>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

impl Wish {
    /// Reads a message; the error is for whoever wrote it.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        const SHAPE: &str =
            r#"a message is {"join": GROUP}, {"leave": GROUP} or {"group": GROUP, "data": ANY}"#;
        let text: Text<'_> = serde_json::from_str(text).map_err(|_| SHAPE)?;
        let wish = match (text.join, text.leave, text.group, text.data) {
            (Some(group), None, None, None) => Self::Join(group),
            (None, Some(group), None, None) => Self::Leave(group),
            (None, None, Some(group), data) => Self::Say {
                group,
                data: data.map_or("null", RawValue::get).to_owned(),
            },
            _ => return Err(SHAPE),
        };
        let (Self::Join(group) | Self::Leave(group) | Self::Say { group, .. }) = &wish;
        if is_group(group) {
            Ok(wish)
        } else {
            Err("a group is up to 64 letters, digits, '-' and '_'")
        }
    }
}

/// A bucket of messages that fills with time.
#[derive(Debug)]
pub(super) struct Rate {
    /// What one message costs of the time saved.
    price: Duration,
    saved: Duration,
    most: Duration,
    at: Instant,
}

impl Rate {
    /// So many messages a second, and a few seconds' worth at once.
    pub(super) fn new(per_second: u32) -> Self {
        let most = Duration::from_secs(BURST_S.into());
        Self {
            price: Duration::from_secs(1) / per_second.max(1),
            saved: most,
            most,
            at: Instant::now(),
        }
    }

    /// Whether one more is allowed.
    pub(super) fn take(&mut self) -> bool {
        let now = Instant::now();
        self.saved = (self.saved + (now - self.at)).min(self.most);
        self.at = now;
        match self.saved.checked_sub(self.price) {
            Some(rest) => {
                self.saved = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test]
    fn wishes_are_read() {
        assert_eq!(Wish::read(r#"{"join":"a"}"#), Ok(Wish::Join("a".to_owned())));
        assert_eq!(Wish::read(r#"{"leave":"a"}"#), Ok(Wish::Leave("a".to_owned())));
        let say = |data: &str| Wish::Say {
            group: "a".to_owned(),
            data: data.to_owned(),
        };
        assert_eq!(
            Wish::read(r#"{"group":"a","data":{"x": 1.0}}"#),
            Ok(say(r#"{"x": 1.0}"#))
        );
        assert_eq!(Wish::read(r#"{"group":"a"}"#), Ok(say("null")));
    }

    #[test_case("", "a message is"; "nothing")]
    #[test_case("[]", "a message is"; "a list")]
    #[test_case(r#"{"join":"a","leave":"a"}"#, "a message is"; "both at once")]
    #[test_case(r#"{"join":"a","data":1}"#, "a message is"; "too much")]
    #[test_case(r#"{"shout":"a"}"#, "a message is"; "what nobody knows")]
    #[test_case(r#"{"join":"a.>"}"#, "a group is"; "a wildcard")]
    fn what_is_none_is_explained(text: &str, expected: &str) {
        assert!(Wish::read(text).unwrap_err().starts_with(expected));
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_is_that_and_a_burst() {
        let mut rate = Rate::new(10);
        assert_eq!((0..100).filter(|_| rate.take()).count(), 20);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!((0..100).filter(|_| rate.take()).count(), 10);
    }
}
