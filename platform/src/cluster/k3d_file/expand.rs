//! Environment variables in values: `$NAME` and `${NAME}`.

use crate::cluster::spec::{Invalid, quoted};

/// `text` with every variable replaced by what `variable` says, and `$$` by a dollar.
///
/// # Errors
/// A variable that is not set, or a dollar without one.
pub(super) fn expand(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, Invalid> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            expanded.push('$');
            rest = after;
            continue;
        }
        let (name, after) = split_name(after).ok_or_else(|| {
            Invalid::new(format!(
                "'$' without the name of a variable in {}; write '$$' for the character itself",
                quoted(text)
            ))
        })?;
        let value = variable(name)
            .ok_or_else(|| Invalid::new(format!("the environment variable {name} is not set")))?;
        expanded.push_str(&value);
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// A name at the beginning of `text`, perhaps in braces, and what follows it.
fn split_name(text: &str) -> Option<(&str, &str)> {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (name, rest) = match text.strip_prefix('{') {
        Some(braced) => braced.split_once('}')?,
        None => text.split_at(text.find(|c| !inner(c)).unwrap_or(text.len())),
    };
    let valid = name.starts_with(|c: char| inner(c) && !c.is_ascii_digit()) && name.chars().all(inner);
    valid.then_some((name, rest))
}
