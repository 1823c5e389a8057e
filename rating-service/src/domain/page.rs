//! Paging through a list. Lists are ordered by id, which is the order of creation, so a page's end stays where it is while
//! others insert.

use uuid::Uuid;

/// Items a page has when the client does not say.
pub const DEFAULT_LIMIT: usize = 50;
/// Items a page has at most.
pub const MAX_LIMIT: usize = 200;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// 1 to [`MAX_LIMIT`].
    pub limit: usize,
    /// After which item it begins.
    pub after: Option<Cursor>,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            limit: DEFAULT_LIMIT,
            after: None,
        }
    }
}

/// The end of a page, as clients hand it back. Opaque to them: only its text form leaves the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(pub(crate) Uuid);

/// A cursor that this service never gave out.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor that this service gave out; start again without it")]
pub struct CursorError;

/// Names the order the cursor belongs to, so that a later order can refuse old cursors.
const BY_ID: &str = "i";

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{BY_ID}{}", self.0.simple())
    }
}

impl std::str::FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let id = text
            .strip_prefix(BY_ID)
            .filter(|rest| rest.len() == 32)
            .ok_or(CursorError)?;
        Uuid::try_parse(id).map(Self).map_err(|_| CursorError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = Cursor(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_00ff));
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    #[test]
    fn foreign_cursors_are_refused() {
        for text in [
            "",
            "i",
            "x01920000000070008000000000000000",
            "i0192",
            "01920000-0000-7000-8000-000000000000",
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(CursorError), "{text}");
        }
    }
}
