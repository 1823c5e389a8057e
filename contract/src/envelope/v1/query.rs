//! Query string <-> the map of parameters that version 1 carries.

use std::borrow::Cow;
use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::envelope::EncodeError;

/// Reads `a=1&b=2`; of a repeated name the last value stays, as in the original.
pub(super) fn parse(query: &str) -> Result<BTreeMap<String, String>, EncodeError> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

/// Writes the map back as a query; `None` if it is empty.
pub(super) fn format(parameters: &BTreeMap<String, String>) -> Option<String> {
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join("&"))
}

fn decode(text: &str) -> Result<String, EncodeError> {
    let spaced: Cow<'_, str> = if text.contains('+') {
        text.replace('+', " ").into()
    } else {
        text.into()
    };
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(Cow::into_owned)
        .map_err(|_| EncodeError::QueryNotUtf8)
}
