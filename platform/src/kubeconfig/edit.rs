//! Changing the text of a kubeconfig where it changes, and nowhere else: comments, order and spelling of everything else stay.
//!
//! Works on lines, as people and kubectl write these files: keys of the first level at the left edge, lists in block style. What comes
//! out is read again; if it does not say what it should, the caller writes the whole file anew.

use serde_json::Value;

use super::document::{Document, SCALARS, Section, render};

/// The text of `before`, changed so that it says `after`; `None` where lines cannot do that.
pub(super) fn edit(text: &str, before: &Document, after: &Document) -> Option<String> {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n')) {
        last.push('\n');
    }
    for key in SCALARS {
        if before.scalar(key) != after.scalar(key) {
            set_scalar(&mut lines, before, key, after.scalar(key)?)?;
        }
    }
    for section in Section::ALL {
        if before.items(section) != after.items(section) {
            set_list(&mut lines, before, section, after.items(section))?;
        }
    }
    let edited = lines.concat();
    let read = Document::parse(&edited).ok()?;
    (read == *after).then_some(edited)
}

/// Sets `key: value` at the left edge, at the end if it is not there.
fn set_scalar(lines: &mut Vec<String>, before: &Document, key: &str, value: &Value) -> Option<()> {
    let line = render(&serde_json::json!({ key: value }));
    match find_key(lines, key) {
        Some(place) => lines[place] = line,
        None if before.scalar(key).is_some() => return None,
        None => lines.push(line),
    }
    Some(())
}

/// Makes the list of a section say `wanted`.
fn set_list(lines: &mut Vec<String>, before: &Document, section: Section, wanted: &[Value]) -> Option<()> {
    let known = before.items(section);
    let Some(place) = find_key(lines, section.list()) else {
        if before.has_list(section) {
            return None;
        }
        lines.push(format!("{}:\n", section.list()));
        lines.extend(wanted.iter().map(|item| item_text(item, 0)));
        return Some(());
    };
    let end = end_of_block(lines, place);
    let (leading, items) = split_items(&lines[place + 1..end])?;
    if items.len() != known.len() {
        return None;
    }
    let indent = items.first().map_or(0, |item| indent_of(&item.lines[0]));
    let head = match (known.is_empty(), wanted.is_empty()) {
        (_, true) => format!("{}: []\n", section.list()),
        (true, false) => format!("{}:\n", section.list()),
        (false, false) => lines[place].clone(),
    };
    let mut replaced = vec![head];
    replaced.extend(leading);
    replaced.extend(merge_items(&items, known, wanted, indent));
    lines.splice(place..end, replaced);
    Some(())
}

/// An item's lines, and the comments and blank lines after it.
struct Item {
    lines: Vec<String>,
    trailing: Vec<String>,
}

/// Follows the old list: what is the same keeps its lines, what has changed gets new ones, what is gone leaves its comments.
fn merge_items(items: &[Item], known: &[Value], wanted: &[Value], indent: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = wanted.iter().peekable();
    let mut held_back = Vec::new();
    for (at, (item, known)) in items.iter().zip(known).enumerate() {
        match rest.peek() {
            Some(next) if *next == known => out.extend(item.lines.iter().cloned()),
            Some(next) if next.get("name") == known.get("name") => out.push(item_text(next, indent)),
            _ => {
                out.extend(item.trailing.iter().cloned());
                continue;
            }
        }
        rest.next();
        // What follows the last item may belong to the next key: new items go before it.
        if at + 1 == items.len() {
            held_back.extend(item.trailing.iter().cloned());
        } else {
            out.extend(item.trailing.iter().cloned());
        }
    }
    out.extend(rest.map(|item| item_text(item, indent)));
    out.extend(held_back);
    out
}

/// The lines of a block split at the dashes of its list, after comments. `None` if there is anything else before the first dash.
fn split_items(block: &[String]) -> Option<(Vec<String>, Vec<Item>)> {
    let mut leading = Vec::new();
    let mut items: Vec<Item> = Vec::new();
    let mut indent = None;
    for line in block {
        let starts = is_dash(line) && indent.is_none_or(|indent| indent == indent_of(line));
        if starts {
            indent = Some(indent_of(line));
            items.push(Item {
                lines: vec![line.clone()],
                trailing: Vec::new(),
            });
        } else if is_silent(line) {
            let place = items.last_mut().map_or(&mut leading, |item| &mut item.trailing);
            place.push(line.clone());
        } else {
            let item = items.last_mut()?;
            item.lines.append(&mut item.trailing);
            item.lines.push(line.clone());
        }
    }
    Some((leading, items))
}

/// The line of a key at the left edge that is written in the plain way.
fn find_key(lines: &[String], key: &str) -> Option<usize> {
    lines.iter().position(|line| {
        let rest = line.strip_prefix(key).and_then(|rest| rest.strip_prefix(':'));
        rest.is_some_and(|rest| rest.starts_with([' ', '\n', '\r']))
    })
}

/// Where what belongs to the key at `place` ends: before the next line at the left edge that is no list item.
fn end_of_block(lines: &[String], place: usize) -> usize {
    let next = lines[place + 1..]
        .iter()
        .position(|line| indent_of(line) == 0 && !is_silent(line) && !is_dash(line));
    let mut end = next.map_or(lines.len(), |next| place + 1 + next);
    // Comments right above the next key are its own.
    while next.is_some() && end > place + 1 && is_silent(&lines[end - 1]) {
        end -= 1;
    }
    end
}

fn item_text(item: &Value, indent: usize) -> String {
    let text = render(&[item]);
    let margin = " ".repeat(indent);
    text.split_inclusive('\n')
        .flat_map(|line| [margin.as_str(), line])
        .collect()
}

fn is_dash(line: &str) -> bool {
    let text = line.trim_start_matches(' ');
    text.strip_prefix('-')
        .is_some_and(|rest| rest.starts_with([' ', '\n', '\r']))
}

/// Blank, or a comment.
fn is_silent(line: &str) -> bool {
    let text = line.trim();
    text.is_empty() || text.starts_with('#')
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

#[cfg(test)]
mod tests;
