//! `ratectl`: hands the arguments and the standard streams to the library and turns its answer into an exit code.

use std::process::ExitCode;

use platform::guard;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    // Started by ratectl itself, not by a person: keep watch over one child and be nothing else.
    if args.get(1).is_some_and(|argument| argument == guard::ARGUMENT) {
        return guard::main(args.into_iter().skip(2));
    }
    // Expected errors are printed by the library; colour-eyre only dresses panics, which are bugs.
    let bug = "This is a bug in ratectl; please report it with the lines above.";
    if color_eyre::config::HookBuilder::default()
        .panic_section(bug)
        .install()
        .is_err()
    {
        return cli::Exit::Failure.into();
    }
    cli::run(&args, cli::Streams::of_process()).into()
}
