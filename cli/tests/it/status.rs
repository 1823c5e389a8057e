//! `ratectl status` where there is no engine; with one, see the end-to-end tests.

use crate::environment::{Ended, Environment};

#[test]
fn without_an_engine_it_says_so_with_its_own_exit_code() {
    let environment = Environment::new();
    let nobody = environment.project().join("nobody.sock");
    for args in [&["status"][..], &["-o", "json", "status"]] {
        let mut command = environment.command(args);
        command.env("DOCKER_HOST", format!("unix://{}", nobody.display()));
        let ended = Ended::of(&command.output().unwrap());
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""), "{ended}");
        assert!(ended.stderr.contains("nobody.sock (from DOCKER_HOST)"), "{ended}");
    }
}

#[test]
fn a_name_that_is_none_is_a_usage_error() {
    let ended = Environment::new().run(&["status", "Not_A_Name"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{ended}");
    assert!(ended.stderr.contains("Not_A_Name"), "{ended}");
}

#[test]
fn a_project_file_that_cannot_be_read_is_told_with_its_place() {
    let environment = Environment::new();
    environment.write("ratectl.yaml", "clustre: {}\n");
    let ended = environment.run(&["status"]);
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(ended.stderr.contains("ratectl.yaml:1:1"), "{ended}");
}
