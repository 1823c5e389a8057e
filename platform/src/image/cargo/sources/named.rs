//! Files that a source names.

use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

/// `include_str!("…")` and its like: relative to the source.
static INCLUDED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\binclude(?:_str|_bytes)?!\s*[(\[{]\s*"([^"]+)""#));
/// `#[path = "…"]`: the same.
static MODULE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"#\[path\s*=\s*"([^"]+)"\s*\]"#));
/// `concat!(env!("CARGO_MANIFEST_DIR"), "/…")`: relative to the package.
static OF_PACKAGE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"env!\s*\(\s*"CARGO_MANIFEST_DIR"\s*\)\s*,\s*"([^"]+)""#));
/// `migrate!("…")`: the same.
static MIGRATIONS: LazyLock<Regex> = LazyLock::new(|| pattern(r#"\bmigrate!\s*\(\s*"([^"]+)"\s*\)"#));
/// Anything upwards in a build script: the same.
static UPWARDS: LazyLock<Regex> = LazyLock::new(|| pattern(r#"["=]((?:\.\./)+[^"\s]*)""#));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is right")
}

/// Paths that the text of a source names, whether or not something is there.
pub(super) fn names(source: &Path, package: &Path, text: &str) -> Vec<PathBuf> {
    let folder = source.parent().unwrap_or(package);
    let of_source = [&*INCLUDED, &*MODULE].map(|pattern| (pattern, folder));
    let of_package = [&*OF_PACKAGE, &*MIGRATIONS].map(|pattern| (pattern, package));
    let mut names = Vec::new();
    let mut take = |pattern: &Regex, base: &Path| {
        for found in pattern.captures_iter(text) {
            names.push(join(base, found[1].trim_start_matches('/')));
        }
    };
    for (pattern, base) in of_source.into_iter().chain(of_package) {
        take(pattern, base);
    }
    if source == package.join("build.rs") {
        take(&UPWARDS, package);
    }
    names
}

/// The path without `..`, so that one file has one name.
fn join(base: &Path, name: &str) -> PathBuf {
    let mut path = base.to_owned();
    for component in Path::new(name).components() {
        match component {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("/w/a/src/page.rs", r#"const X: &str = include_str!("page/x.css");"# => vec!["/w/a/src/page/x.css"]; "beside the source")]
    #[test_case("/w/a/src/page.rs", r#"include_bytes! ( "../../shared/x.bin" )"# => vec!["/w/shared/x.bin"]; "outside the package")]
    #[test_case("/w/a/src/x.rs", r#"include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../routes.yaml"))"# => vec!["/w/routes.yaml"]; "relative to the package")]
    #[test_case("/w/a/src/store/x.rs", r#"sqlx::migrate!("../migrations")"# => vec!["/w/migrations"]; "migrations")]
    #[test_case("/w/a/src/x.rs", r#"#[path = "../gen/y.rs"] mod y;"# => vec!["/w/a/gen/y.rs"]; "a module elsewhere")]
    #[test_case("/w/a/build.rs", r#"println!("cargo:rerun-if-changed=../proto/x.proto"); compile("../proto")"# => vec!["/w/proto/x.proto", "/w/proto"]; "a build script")]
    #[test_case("/w/a/src/x.rs", r#"let path = "../elsewhere";"# => Vec::<&str>::new(); "a string that is no path to the compiler")]
    fn named(source: &str, text: &str) -> Vec<String> {
        let names = names(Path::new(source), Path::new("/w/a"), text);
        names.iter().map(|name| name.display().to_string()).collect()
    }
}
