//! Stages of a Dockerfile, and which images from elsewhere a build of one of them needs.

use super::text::{Dockerfile, Instruction};
use super::variables::{Variables, expand};

/// The image without anything in it.
const SCRATCH: &str = "scratch";

/// What a stage is made from.
#[derive(Debug, PartialEq, Eq)]
struct Stage {
    name: Option<String>,
    /// References to stages or images, the one it begins with first.
    needs: Vec<String>,
}

/// A Dockerfile cannot be built, and where that shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) line: Option<u32>,
    pub(super) message: String,
}

/// The images that a build of the target needs, each once, as written with variables replaced. `variables` are those of the
/// platform and, over them, the build's arguments.
pub(super) fn images(
    dockerfile: &Dockerfile,
    target: Option<&str>,
    platform: &Variables,
    arguments: &Variables,
) -> Result<Vec<String>, Wrong> {
    let stages = stages(dockerfile, platform, arguments)?;
    let last = stages.len().checked_sub(1).ok_or_else(|| Wrong {
        line: None,
        message: "the Dockerfile has no FROM".to_owned(),
    })?;
    let first = match target {
        None => last,
        Some(target) => find(&stages, stages.len(), target).ok_or_else(|| Wrong {
            line: None,
            message: format!("the Dockerfile has no stage '{target}'"),
        })?,
    };
    let mut waiting = vec![first];
    let mut seen = vec![false; stages.len()];
    let mut images: Vec<String> = Vec::new();
    while let Some(at) = waiting.pop() {
        if std::mem::replace(&mut seen[at], true) {
            continue;
        }
        for need in &stages[at].needs {
            match find(&stages, at, need) {
                Some(stage) => waiting.push(stage),
                None if need == SCRATCH || images.contains(need) => {}
                None => images.push(need.clone()),
            }
        }
    }
    images.sort();
    Ok(images)
}

/// The stage of this name or number among the first ones.
fn find(stages: &[Stage], before: usize, name: &str) -> Option<usize> {
    let named = |stage: &Stage| {
        stage
            .name
            .as_ref()
            .is_some_and(|known| known.eq_ignore_ascii_case(name))
    };
    let by_name = stages[..before].iter().rposition(named);
    by_name.or_else(|| name.parse().ok().filter(|number| *number < before))
}

fn stages(dockerfile: &Dockerfile, platform: &Variables, arguments: &Variables) -> Result<Vec<Stage>, Wrong> {
    let mut global = platform.clone();
    let mut stages: Vec<Stage> = Vec::new();
    for instruction in &dockerfile.instructions {
        match (instruction.keyword.as_str(), stages.last_mut()) {
            ("FROM", _) => stages.push(from(instruction, &global, dockerfile.escape)?),
            ("ARG", None) => define(&instruction.rest, &mut global, arguments, dockerfile.escape),
            ("COPY" | "ADD", Some(stage)) => stage.needs.extend(flag(&instruction.rest, "--from=")),
            ("RUN", Some(stage)) => stage.needs.extend(mounts(&instruction.rest)),
            _ => {}
        }
    }
    Ok(stages)
}

/// `FROM [--platform=…] image [AS name]`.
fn from(instruction: &Instruction, global: &Variables, escape: char) -> Result<Stage, Wrong> {
    let words = instruction.rest.split_whitespace();
    let mut words = words.skip_while(|word| word.starts_with("--"));
    let written = words.next().unwrap_or_default();
    let image = expand(written, global, escape);
    if image.is_empty() {
        let message = if written.is_empty() {
            "FROM names no image".to_owned()
        } else {
            format!(
                "FROM {written} names no image: no ARG before the first FROM, and no argument, gives it a value"
            )
        };
        return Err(Wrong {
            line: Some(instruction.line),
            message,
        });
    }
    let is_as = words.next().is_some_and(|word| word.eq_ignore_ascii_case("as"));
    Ok(Stage {
        name: words.next().filter(|_| is_as).map(str::to_owned),
        needs: vec![image],
    })
}

/// `ARG a=1 b`. What the build is given wins over what is written.
fn define(rest: &str, global: &mut Variables, arguments: &Variables, escape: char) {
    for word in rest.split_whitespace() {
        let (name, default) = match word.split_once('=') {
            Some((name, default)) => (name, Some(default)),
            None => (word, None),
        };
        let given = arguments.get(name).cloned();
        if let Some(value) = given.or_else(|| default.map(|text| expand(text, global, escape))) {
            global.insert(name.to_owned(), value);
        }
    }
}

/// The value of a flag in front of what an instruction works on.
fn flag(rest: &str, name: &str) -> Option<String> {
    let mut flags = rest.split_whitespace().take_while(|word| word.starts_with("--"));
    let value = flags.find_map(|word| word.strip_prefix(name))?;
    // Variables are not replaced here; the builder says so.
    (!value.is_empty() && !value.contains('$')).then(|| value.to_owned())
}

/// `RUN --mount=type=bind,from=image,…`.
fn mounts(rest: &str) -> Vec<String> {
    let flags = rest.split_whitespace().take_while(|word| word.starts_with("--"));
    let mounts = flags.filter_map(|word| word.strip_prefix("--mount="));
    let sources = mounts
        .flat_map(|mount| mount.split(','))
        .filter_map(|option| option.strip_prefix("from="));
    sources
        .filter(|source| !source.is_empty() && !source.contains('$'))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn images_of(text: &str, target: Option<&str>, arguments: &[(&str, &str)]) -> Result<Vec<String>, Wrong> {
        let variables = |of: &[(&str, &str)]| -> Variables {
            of.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        let platform = variables(&[("TARGETARCH", "arm64")]);
        images(&Dockerfile::parse(text), target, &platform, &variables(arguments))
    }

    #[test_case("FROM scratch" => Vec::<String>::new(); "nothing")]
    #[test_case("FROM a:1\nFROM b" => vec!["b"]; "the last stage only")]
    #[test_case("FROM a AS x\nFROM X" => vec!["a"]; "a stage by its name, whatever its case")]
    #[test_case("FROM a\nFROM b\nCOPY --chown=1 --from=0 /x /" => vec!["a", "b"]; "a stage by its number")]
    #[test_case("FROM a\nCOPY --from=c:1 /x /\nADD --from=d x /" => vec!["a", "c:1", "d"]; "an image that is copied from")]
    #[test_case("FROM a\nRUN --network=none --mount=type=bind,from=m:1,target=/m --mount=type=cache,target=/c x --from=no" => vec!["a", "m:1"]; "an image that is mounted")]
    #[test_case("FROM --platform=$BUILDPLATFORM a AS b" => vec!["a"]; "with a platform")]
    #[test_case("FROM a AS a" => vec!["a"]; "a stage named after its image")]
    #[test_case("FROM c\nFROM d AS c\nFROM c" => vec!["d"]; "a name hides an image from there on")]
    #[test_case("ARG V=1\nARG W=$V.2\nFROM a:${W}" => vec!["a:1.2"]; "arguments with defaults")]
    #[test_case("ARG V\nFROM a:${V:-3}-$TARGETARCH" => vec!["a:3-arm64"]; "one without, and the platform's")]
    #[test_case("FROM x\nARG V=1\nFROM a:$V" => vec!["a:"]; "an argument of a stage is none of the next")]
    fn needed(text: &str) -> Vec<String> {
        images_of(text, None, &[]).unwrap()
    }

    #[test]
    fn a_target_needs_its_own_images_and_arguments_win() {
        let text = "ARG V=1\nFROM a:$V AS one\nFROM b AS two\nFROM c\nCOPY --from=two / /";
        assert_eq!(images_of(text, Some("ONE"), &[("V", "9")]).unwrap(), ["a:9"]);
        assert_eq!(images_of(text, Some("1"), &[]).unwrap(), ["b"]);
        assert_eq!(images_of(text, None, &[]).unwrap(), ["b", "c"]);
    }

    #[test_case("RUN x", None => (None, "the Dockerfile has no FROM".to_owned()); "no stage")]
    #[test_case("FROM a", Some("x") => (None, "the Dockerfile has no stage 'x'".to_owned()); "not that stage")]
    #[test_case("\nFROM", None => (Some(2), "FROM names no image".to_owned()); "no image")]
    #[test_case("FROM $A", None => (Some(1), "FROM $A names no image: no ARG before the first FROM, and no argument, gives it a value".to_owned()); "no value")]
    fn what_is_wrong(text: &str, target: Option<&str>) -> (Option<u32>, String) {
        let wrong = images_of(text, target, &[]).unwrap_err();
        (wrong.line, wrong.message)
    }
}
