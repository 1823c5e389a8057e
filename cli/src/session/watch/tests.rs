//! What is announced, and how often.

use std::io::{self, Read as _};
use std::path::Path;

use platform::project::{Component as Part, Dev, Static};
use serde_json::Value;

use super::*;
use crate::session::{line::Margin, printer::Printer};
use crate::ui::{Manner, Output, Streams, Ui};

/// A project with one folder of files.
fn project(folder: &Path) -> Project {
    project_built_by(folder, &[])
}

/// A project with one folder of files that `build` makes.
fn project_built_by(folder: &Path, build: &[&str]) -> Project {
    let files = Static {
        folder: folder.to_owned(),
        path: "/ui".to_owned(),
        build: build.iter().map(|&word| word.to_owned()).collect(),
        immutable: None,
        policy: None,
    };
    Project {
        name: "orders".to_owned(),
        file: "ratectl.yaml".into(),
        root: ".".into(),
        components: vec![Part {
            name: "pages".to_owned(),
            dev: Some(Dev::Static(files)),
            ..Part::default()
        }],
        ..Project::default()
    }
}

/// Lets `scene` play before a watch over `project`, and returns every line it has said on either stream.
fn said(project: &Project, scene: impl FnOnce(&mut Watch<'_>)) -> Vec<Value> {
    let (mut reader, writer) = io::pipe().unwrap();
    let manner = Manner {
        output: Output::Json,
        ..Manner::default()
    };
    let ui = Ui::new(Streams::captured(writer.try_clone().unwrap(), writer), manner);
    let printer = Printer::start(ui, Margin::new(Vec::new()));
    let voice = printer.voice();
    let board = Board::new("orders", vec![Component::starting("pages", "static")]);
    scene(&mut Watch::new(project, &board, &voice, Instant::now(), 8080));
    printer.finish(Duration::from_mins(1));
    drop(voice);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn kinds(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["type"].as_str().unwrap()).collect()
}

#[test]
fn readiness_is_announced_once() {
    let folder = tempfile::tempdir().unwrap();
    let lines = said(&project(folder.path()), |watch| {
        for _ in 0..3 {
            watch.observe(None);
            watch.announce();
        }
    });
    assert_eq!(kinds(&lines), ["ready"]);
    assert_eq!(
        (&lines[0]["port"], &lines[0]["project"]),
        (&8080.into(), &"orders".into())
    );
}

#[test]
fn what_is_missing_is_said_once_and_its_coming_is_noticed() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("dist");
    let lines = said(&project(&folder), |watch| {
        for _ in 0..3 {
            watch.observe(None);
            watch.announce();
        }
        std::fs::create_dir(&folder).unwrap();
        watch.observe(None);
        watch.announce();
    });
    let mut kinds = kinds(&lines);
    // The announcement goes another way than the lines.
    kinds.sort_unstable();
    assert_eq!(kinds, ["component", "ready", "warning"]);
    let warning = lines.iter().find(|line| line["type"] == "warning").unwrap()["message"]
        .as_str()
        .unwrap();
    assert!(
        warning.contains("pages has failed: there is no folder"),
        "{warning}"
    );
}

#[test]
fn a_folder_that_somebody_can_build_keeps_nobody_waiting() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("dist");
    let lines = said(&project_built_by(&folder, &["make", "pages"]), |watch| {
        for _ in 0..3 {
            watch.observe(None);
            watch.announce();
        }
    });
    let mut kinds = kinds(&lines);
    kinds.sort_unstable();
    assert_eq!(kinds, ["ready", "warning"]);
    let ready = lines.iter().find(|line| line["type"] == "ready").unwrap();
    assert_eq!(ready["components"][0]["health"], "unbuilt");
    let warning = lines.iter().find(|line| line["type"] == "warning").unwrap();
    let expected = format!(
        "pages is not built: there is no folder {} yet; `make pages` makes it",
        folder.display()
    );
    assert_eq!(warning["message"], expected);
}

#[test]
fn a_slow_proxy_is_explained_when_the_reason_changes() {
    let folder = tempfile::tempdir().unwrap();
    let lines = said(&project(folder.path()), |watch| {
        watch.explain(Some("no stream yet"));
        watch.started = Instant::now().checked_sub(PATIENCE * 2).unwrap();
        for reason in ["no stream", "no stream", "no consumer"] {
            watch.explain(Some(reason));
        }
    });
    let reasons: Vec<&str> = lines
        .iter()
        .map(|line| line["message"].as_str().unwrap())
        .collect();
    assert_eq!(reasons, ["no stream", "no consumer"]);
}
