//! Images that a real engine builds from Dockerfiles.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;
use std::path::Path;

use e2e::{Bed, eventually};
use platform::docker::{Endpoint, Engine};
use platform::event::{self, Event, Receiver};
use platform::image::dockerfile::{self, Builder, Origin};
use platform::image::{Error, Setup};
use platform::project::image::DockerfileBuild;
use test_case::test_case;
use tokio_util::sync::CancellationToken;

/// The base image of whatever runs something.
const BASE: &str = "busybox:1.36.1";

/// A bed and what a build on it needs. Images that are left between steps are the bed's by a `LABEL` in their Dockerfile.
struct Stand {
    bed: Bed,
    setup: Setup,
    events: Receiver,
}

impl Stand {
    async fn new(test: &str) -> Self {
        let bed = Bed::new(test);
        let endpoint = Endpoint::find(None).unwrap();
        let (events, receiver) = event::channel();
        let setup = Setup {
            engine: Engine::connect(&endpoint).await.unwrap().into(),
            root: bed.project(),
            state_dir: bed.state(),
            push: "localhost:5000".to_owned(),
            pull: "localhost:5000".to_owned(),
            events,
            cancel: CancellationToken::new(),
        };
        Self {
            bed,
            setup,
            events: receiver,
        }
    }

    fn tag(&self, name: &str) -> String {
        format!("{}-{name}:1", self.bed.cluster())
    }

    fn definition(&self) -> DockerfileBuild {
        definition(&self.setup.root)
    }

    async fn build(&self, name: &str, definition: &DockerfileBuild, builder: Builder) -> Result<(), Error> {
        let labels = BTreeMap::from([("ratectl.e2e".to_owned(), self.bed.cluster().to_owned())]);
        dockerfile::build_with(&self.setup, name, definition, &labels, &self.tag(name), builder).await
    }

    /// The paths of files in an image that was built from nothing.
    fn files(&self, name: &str) -> Vec<String> {
        let tag = self.tag(name);
        let container = self.bed.docker(&["create", &tag, "none"]).succeeded();
        let id = container.stdout.trim();
        let listed = self
            .bed
            .command("sh", &["-c", "docker export \"$1\" | tar t", "sh", id]);
        let listed = self.bed.run(listed).succeeded();
        self.bed.docker(&["rm", id]).succeeded();
        // What an engine puts into every container.
        let own = |path: &str| {
            ["dev/", "etc/", "proc/", "sys/", ".dockerenv"]
                .iter()
                .any(|own| path.starts_with(own))
        };
        let files = listed
            .stdout
            .lines()
            .filter(|path| !path.ends_with('/') && !own(path));
        let mut files: Vec<String> = files.map(str::to_owned).collect();
        files.sort();
        files
    }

    /// The lines told so far, each with its component.
    fn lines(&mut self) -> Vec<(String, String)> {
        let mut lines = Vec::new();
        while let Some(Some(event)) = futures_util::FutureExt::now_or_never(self.events.recv()) {
            if let Event::Line { component, line, .. } = event {
                lines.push((component, line));
            }
        }
        lines
    }
}

fn definition(root: &Path) -> DockerfileBuild {
    DockerfileBuild {
        context: root.to_owned(),
        dockerfile: root.join("Dockerfile"),
        target: None,
        args: BTreeMap::new(),
        platform: None,
    }
}

#[test_case(Builder::BuildKit; "buildkit")]
#[test_case(Builder::Classic; "classic")]
#[tokio::test]
async fn an_image_holds_what_the_ignore_file_leaves(builder: Builder) {
    let stand = Stand::new("images-ignored").await;
    let files = [
        "Dockerfile",
        "a.md",
        "keep.md",
        "src/main.rs",
        "src/x.log",
        "target/debug/x",
        "target/keep/y",
        "deep/er/b.md",
    ];
    for file in files {
        stand.bed.write(file, file);
    }
    stand.bed.write("Dockerfile", "FROM scratch\nCOPY . /\n");
    stand.bed.write(
        ".dockerignore",
        "# no\n*.md\n!keep.md\n**/*.log\ntarget\n!target/keep\n",
    );
    stand
        .build("ignored", &stand.definition(), builder)
        .await
        .unwrap();
    let expected = [
        ".dockerignore",
        "Dockerfile",
        "deep/er/b.md",
        "keep.md",
        "src/main.rs",
        "target/keep/y",
    ];
    assert_eq!(stand.files("ignored"), expected);
}

#[test_case(Builder::BuildKit; "buildkit")]
#[test_case(Builder::Classic; "classic")]
#[tokio::test]
async fn a_dockerfile_that_is_left_out_builds_and_is_in_no_image(builder: Builder) {
    let stand = Stand::new("images-hidden").await;
    stand.bed.write("a", "a");
    stand.bed.write("Dockerfile", "FROM scratch\nCOPY . /\n");
    stand.bed.write(".dockerignore", "Dockerfile\n.dockerignore\n");
    stand.build("hidden", &stand.definition(), builder).await.unwrap();
    assert_eq!(stand.files("hidden"), ["a"]);
}

#[tokio::test]
async fn a_build_sees_the_files_that_docker_s_own_client_sends() {
    let stand = Stand::new("images-same").await;
    let files = [
        "a",
        "a.b",
        "x/a",
        "x/y/a",
        "x/y/b.go",
        "z/a/b",
        "z/c",
        "w/deep/er/c.go",
        "[q]",
        "#h",
    ];
    for file in files {
        // Nobody else's: the classic builder looks for a step's image in those of others too, and they take theirs away.
        stand.bed.write(file, &format!("{file} of {}", stand.bed.label()));
    }
    stand.bed.write("Dockerfile", "FROM scratch\nCOPY . /\n");
    let cases = [
        "a",
        "**/a",
        "*/a",
        "x\n!x/y",
        "*\n!z",
        "x/**",
        "**/*.go\n!x/y/b.go",
        "[\\[]q]\n\\#h",
        "/z/\n!z/c",
        "?\n!w/deep",
        "*.?",
    ];
    for (number, case) in cases.into_iter().enumerate() {
        stand.bed.write(".dockerignore", case);
        stand
            .build("ours", &stand.definition(), Builder::Classic)
            .await
            .unwrap();
        let (label, tag) = (stand.bed.label(), stand.tag("theirs"));
        let arguments = ["build", "--label", &label, "--tag", &tag, "."];
        let mut command = stand.bed.command("docker", &arguments);
        command.env("DOCKER_BUILDKIT", "0");
        stand.bed.run(command).succeeded();
        assert_eq!(
            stand.files("ours"),
            stand.files("theirs"),
            "case {number}: {case}"
        );
    }
}

#[test_case(Builder::BuildKit; "buildkit")]
#[test_case(Builder::Classic; "classic")]
#[tokio::test]
async fn a_command_that_fails_is_told_with_its_line_and_output(builder: Builder) {
    let stand = Stand::new("images-failing").await;
    let text = format!(
        "FROM {BASE}\nLABEL {}\n# a comment\nRUN echo first\nRUN echo before; \\\n  echo wrong >&2; exit 7\n",
        stand.bed.label()
    );
    stand.bed.write("Dockerfile", &text);
    let error = stand
        .build("failing", &stand.definition(), builder)
        .await
        .unwrap_err();
    let Error::Build {
        line,
        exit_code,
        mut log,
        ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!((line, exit_code), (Some(5), Some(7)));
    // The two outputs of a command come over two pipes.
    log.sort();
    assert_eq!(log, ["before", "wrong"]);
}

#[test_case(Builder::BuildKit; "buildkit")]
#[test_case(Builder::Classic; "classic")]
#[tokio::test]
async fn what_is_no_dockerfile_is_told_with_its_line(builder: Builder) {
    let stand = Stand::new("images-wrong").await;
    stand.bed.write("Dockerfile", "FROM scratch\nCOPPY . /\n");
    let error = stand
        .build("wrong", &stand.definition(), builder)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Build { line: Some(2), .. }), "{error:?}");
    assert!(
        error
            .to_string()
            .to_lowercase()
            .contains("unknown instruction: coppy"),
        "{error}"
    );
}

#[test_case(Builder::BuildKit; "buildkit")]
#[test_case(Builder::Classic; "classic")]
#[tokio::test]
async fn arguments_and_targets_arrive(builder: Builder) {
    let stand = Stand::new("images-arguments").await;
    let text = format!(
        "ARG TAG\nFROM busybox:$TAG AS one\nLABEL {label}\nARG WORD=no\nRUN echo $WORD > /word\nFROM scratch AS two\nCOPY --from=one /word /\n\
         FROM {BASE}\nRUN exit 9\n",
        label = stand.bed.label()
    );
    stand.bed.write("Dockerfile", &text);
    let definition = DockerfileBuild {
        target: Some("two".to_owned()),
        args: [("TAG", "1.36.1"), ("WORD", "yes")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        ..stand.definition()
    };
    let hash = dockerfile::hash(&stand.setup, "arguments", &definition, &Origin::default())
        .await
        .unwrap();
    assert!(hash.parts.contains_key("base:busybox:1.36.1"), "{hash:?}");
    stand.build("arguments", &definition, builder).await.unwrap();
    assert_eq!(stand.files("arguments"), ["word"]);
}

#[tokio::test]
async fn two_builds_at_once_do_not_mix() {
    let mut stand = Stand::new("images-together").await;
    // Never built before: an engine that is kept remembers what it has built, and then says nothing.
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    for name in ["left", "right"] {
        let text = format!(
            "FROM {BASE}\nRUN : {now}; for i in 1 2 3 4 5 6 7 8 9; do echo {name} $i; done; echo {name} > /name\n"
        );
        stand.bed.write(&format!("{name}/Dockerfile"), &text);
    }
    let (one, two) = (
        definition(&stand.setup.root.join("left")),
        definition(&stand.setup.root.join("right")),
    );
    let both = futures_util::future::join(
        stand.build("left", &one, Builder::BuildKit),
        stand.build("right", &two, Builder::BuildKit),
    );
    let (first, second) = both.await;
    first.unwrap();
    second.unwrap();
    let lines = stand.lines();
    for (name, other) in [("left", "right"), ("right", "left")] {
        let of_one = || lines.iter().filter(|(component, _)| component == name);
        assert!(
            of_one().any(|(_, line)| line.ends_with(&format!("{name} 9"))),
            "{lines:?}"
        );
        assert!(of_one().all(|(_, line)| !line.contains(other)), "{lines:?}");
    }
}

#[test_case(Builder::BuildKit; "buildkit")]
#[test_case(Builder::Classic; "classic")]
#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_build_ends_on_the_engine_too(builder: Builder) {
    let stand = Stand::new("images-cancelled").await;
    // By this word the command is known among the processes of the machine.
    let word = format!("{}-cancelled", stand.bed.cluster());
    let text = format!(
        "FROM {BASE}\nLABEL {}\nRUN sh -c 'sleep 120; true' {word}\n",
        stand.bed.label()
    );
    stand.bed.write("Dockerfile", &text);
    let (cancel, wanted) = (stand.setup.cancel.clone(), word.clone());
    let watch = tokio::task::spawn_blocking(move || {
        eventually("the command that is built", || is_running(&wanted).then_some(()));
        cancel.cancel();
    });
    let ended = stand.build("cancelled", &stand.definition(), builder).await;
    assert!(matches!(ended, Err(Error::Cancelled { .. })), "{ended:?}");
    watch.await.unwrap();
    eventually("the command's end", || (!is_running(&word)).then_some(()));
}

#[tokio::test]
async fn a_secret_that_is_ignored_is_in_no_layer() {
    let stand = Stand::new("images-secret").await;
    stand.bed.write(".env", "PASSWORD=hunter2");
    stand.bed.write("a", "a");
    stand.bed.write(".dockerignore", ".env");
    stand.bed.write("Dockerfile", "FROM scratch\nCOPY . /\n");
    stand
        .build("secret", &stand.definition(), Builder::BuildKit)
        .await
        .unwrap();
    let archive = stand.setup.root.join("image.tar");
    let (path, tag) = (archive.display().to_string(), stand.tag("secret"));
    stand
        .bed
        .docker(&["image", "save", "--output", &path, &tag])
        .succeeded();
    let bytes = std::fs::read(archive).unwrap();
    let has = |word: &[u8]| bytes.windows(word.len()).any(|part| part == word);
    assert!(has(b"Dockerfile") && !has(b"hunter2"));
}

/// Whether a process of this machine, where the engine runs too, has the word among its arguments.
fn is_running(word: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let mut command_lines =
        processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    let own = std::fs::read("/proc/self/cmdline").unwrap();
    command_lines.any(|line| {
        line != own
            && line
                .split(|byte| *byte == 0)
                .any(|argument| argument == word.as_bytes())
    })
}
