use std::path::Path;

use proptest::prelude::*;
use test_case::test_case;

use super::*;

fn patterns(text: &str) -> Patterns {
    Patterns::parse(text, Path::new("/p/.dockerignore")).unwrap()
}

#[test_case("a", "a", true; "a name")]
#[test_case("a", "ab", false; "a longer name")]
#[test_case("a", "a/b/c", true; "what is in a folder")]
#[test_case("a", "b/a", false; "a name elsewhere")]
#[test_case("/a", "a", true; "a leading slash means nothing")]
#[test_case("a/", "a", true; "nor does one at the end, which matches files too")]
#[test_case("./a//b", "a/b", true; "a path that is cleaned")]
#[test_case("*", "a", true; "a star")]
#[test_case("*.md", "readme.md", true; "an extension")]
#[test_case("*.md", "docs/readme.md", false; "a star stays in its folder")]
#[test_case("*/*.md", "docs/readme.md", true; "a star for a folder")]
#[test_case("*/a*", "b/c/abc", false; "not two folders")]
#[test_case("a?c", "abc", true; "one character")]
#[test_case("a?c", "a/c", false; "which is no slash")]
#[test_case("**/a", "a", true; "no folder")]
#[test_case("**/a", "x/y/a", true; "many folders")]
#[test_case("**/a", "x/ya", false; "only whole names")]
#[test_case("**a", "x/ya", true; "without a slash the end of a path")]
#[test_case("**/*.go", "x/y/z.go", true; "an extension anywhere")]
#[test_case("a/**", "a", false; "everything in a folder is not the folder")]
#[test_case("a/**", "a/b/c", true; "but all in it")]
#[test_case("a/**/b", "a/b", true; "folders in the middle may be none")]
#[test_case("a/**/b", "a/x/y/b", true; "or many")]
#[test_case("a/**/b", "a/xb", false; "and are whole")]
#[test_case("**", "x/y", true; "all")]
#[test_case("a**/b", "axx/b", true; "two stars behind a name are the rest of it and folders")]
#[test_case("a**/b", "axxb", false; "and still whole ones")]
#[test_case("[a-c]x", "bx", true; "a range")]
#[test_case("[^a-c]x", "bx", false; "not in a range")]
#[test_case("[^a-c]x", "dx", true; "outside it")]
#[test_case("[!a]", "!", true; "an exclamation mark negates nothing")]
#[test_case("\\*", "*", true; "an escaped star")]
#[test_case("\\*", "a", false; "is no star")]
#[test_case("[\\]]", "]", true; "an escaped bracket")]
#[test_case("a.c", "abc", false; "a dot is a dot")]
#[test_case("a+(b)$|{c}", "a+(b)$|{c}", true; "other signs are themselves")]
#[test_case("\\#a", "#a", true; "a name that begins like a comment")]
#[test_case("ä?", "äö", true; "characters, not bytes")]
#[test_case("../a", "a", false; "outside the context")]
#[test_case(".", "a", false; "the context itself")]
fn one_pattern(pattern: &str, path: &str, left_out: bool) {
    assert_eq!(patterns(pattern).leave_out(path), left_out);
}

#[test_case("*.md\n!README.md", "README.md", false; "taken in again")]
#[test_case("!README.md\n*.md", "README.md", true; "the last one wins")]
#[test_case("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true; "three times")]
#[test_case("a\n!a/b", "a/b/c", false; "in a folder that is left out")]
#[test_case("a\n!a/b", "a/c", true; "and the others stay out")]
#[test_case("*\n!**/*.rs", "x/y/z.rs", false; "an extension anywhere")]
#[test_case("*\n!src", "src/main.rs", false; "only a folder")]
#[test_case("# a\n\n  \n b \n", "b", true; "comments, blank lines and blanks around")]
#[test_case("# a", "a", false; "a comment is no pattern")]
#[test_case(" #a", "#a", true; "a comment begins in the first column")]
#[test_case("\u{feff}a\r\nb\r\n", "a", true; "a byte order mark and other line ends")]
#[test_case("a\n! a", "a", false; "blanks behind the exclamation mark")]
#[test_case("a\n!/a/", "a", false; "slashes behind it")]
fn several_patterns(text: &str, path: &str, left_out: bool) {
    assert_eq!(patterns(text).leave_out(path), left_out);
}

#[test_case("a\n[", 2, "a [ has no ]"; "an open class")]
#[test_case("!", 1, "nothing follows the !"; "nothing to take in")]
#[test_case("a\\", 1, "a backslash at the end escapes nothing"; "an escape at the end")]
#[test_case("[]a]", 1, "a ] comes where a character should be; \\] is the character itself"; "an empty class")]
#[test_case("[a-]", 1, "a ] comes where a character should be; \\] is the character itself"; "a range without an end")]
#[test_case("[z-a]", 1, "a range in [] goes backwards"; "a range backwards")]
fn what_is_wrong_is_told_with_its_line(text: &str, line: usize, reason: &str) {
    let error = Patterns::parse(text, Path::new("/p/.dockerignore")).unwrap_err();
    let pattern = text.lines().nth(line - 1).unwrap();
    assert_eq!(
        error.to_string(),
        format!("/p/.dockerignore line {line}: '{pattern}' is no pattern: {reason}")
    );
}

#[test_case("a\n!a/b/c", "a", true; "its beginning")]
#[test_case("a\n!a/b/c", "a/b", true; "a part of it")]
#[test_case("a\n!a/b/c", "a/x", false; "another folder")]
#[test_case("a\n!**/*.rs", "a/x", true; "anywhere")]
#[test_case("a\n!b", "a", false; "elsewhere")]
#[test_case("a", "a", false; "never")]
fn a_folder_is_looked_into_when_something_in_it_may_come_back(text: &str, folder: &str, expected: bool) {
    assert_eq!(patterns(text).may_take_in_below(folder), expected);
}

#[test]
fn a_dockerfile_s_own_ignore_file_wins() {
    let folder = tempfile::tempdir().unwrap();
    let context = folder.path();
    let dockerfile = context.join("build/App.Dockerfile");
    std::fs::create_dir(context.join("build")).unwrap();
    let (found, place) = Patterns::find(context, &dockerfile).unwrap();
    assert!(place.is_none() && !found.leave_out("a"));
    std::fs::write(context.join(NAME), "a").unwrap();
    let (found, place) = Patterns::find(context, &dockerfile).unwrap();
    assert_eq!(place, Some(context.join(NAME)));
    assert!(found.leave_out("a"));
    let own = context.join("build/App.Dockerfile.dockerignore");
    std::fs::write(&own, "b").unwrap();
    let (found, place) = Patterns::find(context, &dockerfile).unwrap();
    assert_eq!(place, Some(own));
    assert!(found.leave_out("b") && !found.leave_out("a"));
}

/// The same by trying out everything, slowly.
fn matches(pattern: &[char], path: &[char]) -> bool {
    match pattern {
        [] => path.is_empty(),
        ['*', '*'] => true,
        ['*', '*', '/', rest @ ..] => {
            let mut behind_slashes = (0..path.len()).filter(|at| path[*at] == '/');
            matches(rest, path) || behind_slashes.any(|at| matches(rest, &path[at + 1..]))
        }
        ['*', rest @ ..] => {
            let longest = path.iter().position(|c| *c == '/').unwrap_or(path.len());
            (0..=longest).any(|length| matches(rest, &path[length..]))
        }
        ['?', rest @ ..] => path.first().is_some_and(|c| *c != '/') && matches(rest, &path[1..]),
        [c, rest @ ..] => path.first() == Some(c) && matches(rest, &path[1..]),
    }
}

proptest! {
    #[test]
    fn a_pattern_matches_what_trying_everything_out_matches(
        parts in prop::collection::vec("\\*\\*|[ab*?]{1,4}", 1..4),
        path in "[ab]{1,3}(/[ab]{1,3}){0,3}",
    ) {
        // Two stars beside other things are another matter.
        prop_assume!(parts.iter().all(|part| part == "**" || !part.contains("**")));
        let pattern = parts.join("/");
        let slow = matches(&pattern.chars().collect::<Vec<_>>(), &path.chars().collect::<Vec<_>>());
        prop_assert_eq!(Pattern::parse(&pattern).unwrap().matches(&path), slow, "{} on {}", pattern, path);
    }

    #[test]
    fn no_text_is_too_odd(text in "[ab*?!#/\\\\\\[\\]^. \n-]{0,30}", path in "[ab/*\\]]{0,12}") {
        if let Ok(patterns) = Patterns::parse(&text, Path::new("x")) {
            patterns.leave_out(&path);
        }
    }

    #[test]
    fn what_is_left_out_leaves_out_what_is_below_unless_it_may_come_back(
        lines in prop::collection::vec("!?[ab*/]{1,6}", 1..5),
        folder in "[ab]{1,2}(/[ab]{1,2}){0,1}",
        below in "[ab]{1,2}(/[ab]{1,2}){0,1}",
    ) {
        if let Ok(patterns) = Patterns::parse(&lines.join("\n"), Path::new("x"))
            && patterns.leave_out(&folder) && !patterns.may_take_in_below(&folder) {
            let path = format!("{folder}/{below}");
            prop_assert!(patterns.leave_out(&path));
        }
    }
}
