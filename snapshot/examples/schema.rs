//! Prints the JSON Schema of `ratectl top --once -o json`: `cargo run -p snapshot --example schema > docs/top.schema.json`.

use std::io::{self, Write};

fn main() -> io::Result<()> {
    io::stdout().write_all(snapshot::report::schema_text().as_bytes())
}
