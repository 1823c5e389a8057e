//! `ratectl`: hands the arguments and the standard streams to the library and turns its answer into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Expected errors are printed by the library; colour-eyre only dresses panics, which are bugs.
    if color_eyre::config::HookBuilder::default()
        .panic_section("This is a bug in ratectl; please report it with the lines above.")
        .install()
        .is_err()
    {
        return cli::Exit::Failure.into();
    }
    cli::run(std::env::args_os().collect(), cli::Streams::of_process()).into()
}
