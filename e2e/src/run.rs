//! A command that has ended: what it said and how it went.

use std::fmt::{self, Write as _};
use std::time::Duration;

use serde_json::Value;

/// A command that has ended.
#[derive(Clone, Debug)]
pub struct Run {
    /// The program and its arguments, as one would type them.
    pub command: String,
    /// The exit code; 128 + the signal's number when a signal ended it.
    pub code: i32,
    /// Everything on standard output.
    pub stdout: String,
    /// Everything on standard error.
    pub stderr: String,
    /// From its start to its end.
    pub took: Duration,
}

impl Run {
    /// Passes the run on if the command succeeded.
    ///
    /// # Panics
    /// With all that it said, otherwise.
    #[expect(clippy::return_self_not_must_use, reason = "many tests want the check alone")]
    #[track_caller]
    pub fn succeeded(self) -> Self {
        self.ended_with(0)
    }

    /// Passes the run on if the command ended with `code`.
    ///
    /// # Panics
    /// With all that it said, otherwise.
    #[expect(clippy::return_self_not_must_use, reason = "many tests want the check alone")]
    #[track_caller]
    pub fn ended_with(self, code: i32) -> Self {
        assert!(self.code == code, "expected exit code {code}\n{self}");
        self
    }

    /// Standard output as one JSON value.
    ///
    /// # Panics
    /// With all that it said, when it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not JSON: {error}\n{self}"))
    }

    /// The lines of standard error that are JSON objects, in their order.
    pub fn events(&self) -> Vec<Value> {
        let objects = self.stderr.lines().map(serde_json::from_str);
        objects.filter_map(Result::ok).filter(Value::is_object).collect()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.took.as_secs_f64();
        writeln!(
            f,
            "$ {}\n# exit code {} after {seconds:.3} s",
            self.command, self.code
        )?;
        for (stream, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(f, "# {stream}")?;
                f.write_str(text)?;
                if !text.ends_with('\n') {
                    f.write_char('\n')?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(code: i32) -> Run {
        Run {
            command: "ratectl status".to_owned(),
            code,
            stdout: "{\"ready\":true}\n".to_owned(),
            stderr: "{\"type\":\"step\"}\nplain words\n".to_owned(),
            took: Duration::from_millis(1250),
        }
    }

    #[test]
    #[should_panic(expected = "# exit code 4 after 1.250 s\n# stdout\n{\"ready\":true}\n# stderr\n{\"type\"")]
    fn a_run_that_failed_tells_everything() {
        run(4).succeeded();
    }

    #[test]
    fn json_is_read_from_the_result_and_from_the_lines_of_progress() {
        assert_eq!(run(0).json()["ready"], true);
        assert_eq!(run(0).events(), [serde_json::json!({"type": "step"})]);
    }
}
