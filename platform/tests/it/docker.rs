//! The engine's client against a scripted engine: what a real one does only when something is wrong.

mod connect;
mod container;
mod image;

use platform::docker::{Endpoint, Engine, Error, Source};
use testbed::engine::Engine as Scripted;

/// An engine as Debian 12 has it, and a connection to it.
async fn engine() -> (Scripted, Engine) {
    let scripted = Scripted::start("20.10.24", "1.41").unwrap();
    let engine = Engine::connect(&endpoint(&scripted)).await.unwrap();
    (scripted, engine)
}

fn endpoint(scripted: &Scripted) -> Endpoint {
    Endpoint {
        address: scripted.address(),
        source: Source::Default,
    }
}

/// The error with its causes, as a person reads them.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = format!("{text} <- {error}");
        source = error.source();
    }
    text
}
