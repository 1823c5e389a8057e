//! Manual pages.

use std::fs;

use crate::environment::Environment;

#[test]
fn every_command_has_its_page() {
    let environment = Environment::new();
    let ended = environment.run(&["man", "--out", "pages/man1"]);
    assert_eq!(ended.code, Some(0), "{ended}");
    let mut pages: Vec<String> = fs::read_dir(environment.project().join("pages/man1"))
        .unwrap()
        .map(|page| page.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    insta::assert_snapshot!(pages.join("\n"));
}

#[test]
fn the_main_page_goes_to_stdout() {
    let ended = Environment::new().run(&["man"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(ended.stdout.contains(".TH ratectl 1"), "{}", ended.stdout);
}
