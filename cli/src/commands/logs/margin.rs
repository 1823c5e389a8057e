//! What stands before a line of a log: which pod and container wrote it, and when.

use platform::pod_logs::{Line, Notice};

use crate::ui::{Paint, Tint, plain_line};

/// Tells pods apart on a coloured terminal. Red stays for errors.
const TINTS: [Tint; 5] = [Tint::Cyan, Tint::Magenta, Tint::Yellow, Tint::Green, Tint::Blue];
/// The widest that names are padded to; longer ones stand out.
const WIDEST: usize = 60;

/// As wide as the widest name so far.
pub(super) struct Margin {
    width: usize,
    timestamps: bool,
}

impl Margin {
    pub(super) fn new(timestamps: bool) -> Self {
        Self { width: 0, timestamps }
    }

    /// A line of a container, whole.
    pub(super) fn line(&mut self, line: &Line, paint: Paint) -> String {
        let before = if line.previous { " (previous)" } else { "" };
        let name = format!("{}{before}", name(&line.pod, Some(&line.container)));
        let time = line.time.filter(|_| self.timestamps);
        let time = time.map_or_else(String::new, |time| {
            format!("{} ", paint.dim(&format!("{time:.3}")))
        });
        let cut = match line.omitted_bytes {
            0 => String::new(),
            bytes => paint.dim(&format!(" … {bytes} bytes more")),
        };
        let text = plain_line(&line.line);
        format!("{} {time}{text}{cut}\n", self.label(&name, paint))
    }

    /// Something about a pod, without the end of a line.
    pub(super) fn notice(&mut self, notice: &Notice, paint: Paint) -> String {
        let name = name(&notice.pod, notice.container.as_deref());
        let label = self.label(&name, paint);
        format!(
            "{label} {}",
            paint.strong(&format!("({})", plain_line(&notice.message)))
        )
    }

    fn label(&mut self, name: &str, paint: Paint) -> String {
        self.width = self.width.max(name.chars().count()).min(WIDEST);
        let padded = format!("{name:<width$} |", width = self.width);
        paint.tint(TINTS[hash(name) % TINTS.len()], &padded)
    }
}

fn name(pod: &str, container: Option<&str>) -> String {
    match container {
        Some(container) => format!("{}/{}", plain_line(pod), plain_line(container)),
        None => plain_line(pod),
    }
}

/// FNV-1a: the same name has the same colour in every run.
fn hash(name: &str) -> usize {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(pod: &str, text: &str) -> Line {
        Line {
            component: "proxy".to_owned(),
            pod: pod.to_owned(),
            container: "proxy".to_owned(),
            time: "2026-01-02T03:04:05.678901234Z".parse().ok(),
            line: text.to_owned(),
            previous: false,
            omitted_bytes: 0,
        }
    }

    #[test]
    fn a_line_has_its_pod_before_it_and_cannot_act_on_the_terminal() {
        let plain = Paint::new(false);
        let mut margin = Margin::new(false);
        assert_eq!(
            margin.line(&line("proxy-longer", "a"), plain),
            "proxy-longer/proxy | a\n"
        );
        assert_eq!(
            margin.line(&line("proxy-b", "\u{1b}[2Jb"), plain),
            "proxy-b/proxy      | b\n"
        );
    }

    #[test]
    fn time_and_origin_are_told() {
        let plain = Paint::new(false);
        let mut margin = Margin::new(true);
        let mut line = line("p", "x");
        line.previous = true;
        line.omitted_bytes = 7;
        assert_eq!(
            margin.line(&line, plain),
            "p/proxy (previous) | 2026-01-02T03:04:05.678Z x … 7 bytes more\n"
        );
        let notice = Notice {
            component: "proxy".to_owned(),
            pod: "p".to_owned(),
            container: None,
            message: "joined".to_owned(),
        };
        assert_eq!(margin.notice(&notice, plain), "p                  | (joined)");
    }
}
