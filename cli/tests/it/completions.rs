//! Completion scripts.

use test_case::test_case;

use crate::environment::Environment;

#[test_case("bash"; "bash")]
#[test_case("elvish"; "elvish")]
#[test_case("fish"; "fish")]
#[test_case("powershell"; "powershell")]
#[test_case("zsh"; "zsh")]
fn a_shell_learns_the_commands(shell: &str) {
    let ended = Environment::new().run(&["completions", shell]);
    assert_eq!(ended.code, Some(0), "{ended}");
    for word in ["dev", "streams", "diff", "--directory"] {
        let flag = word.trim_start_matches("--");
        assert!(ended.stdout.contains(flag), "{word} is missing for {shell}");
    }
    assert!(
        !ended.stdout.contains("__guard"),
        "{shell} offers an internal command"
    );
}

#[test]
fn the_script_for_bash_is_accepted_by_bash() {
    let environment = Environment::new();
    let script = environment.run(&["completions", "bash"]).stdout;
    environment.write("ratectl.bash", script);
    let status = std::process::Command::new("bash")
        .arg("-n")
        .arg(environment.project().join("ratectl.bash"))
        .status();
    assert!(status.unwrap().success());
}
