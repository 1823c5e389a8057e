//! Colours by role. What a colour says is also said by a sign and a word: it is never the only signal.

use ratatui::style::{Color, Modifier, Style};

use crate::ui::ColorChoice;

/// What a piece of the screen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Ordinary text.
    Text,
    /// Text that matters less.
    Muted,
    /// Values that are out of date.
    Stale,
    /// Titles, headings of columns, names of keys.
    Title,
    /// The screen that is shown, of several.
    Active,
    /// Something that can be pressed or followed.
    Accent,
    /// As it should be.
    Good,
    /// On its way to be.
    Busy,
    /// To be looked at.
    Warning,
    /// To be looked at now.
    Critical,
    /// Nobody knows.
    Unknown,
    /// The first line of a chart.
    First,
    /// The second line of a chart.
    Second,
    /// The third line of a chart.
    Third,
}

/// How many colours there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Depth {
    /// None: attributes only.
    None,
    /// The 16 that the terminal's own theme defines.
    #[default]
    Sixteen,
    /// All.
    True,
}

/// How things look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Theme {
    depth: Depth,
    dark: bool,
    ascii: bool,
}

impl Theme {
    /// A theme for so many colours, on a dark or a light background, with letters of ASCII only or not.
    pub(crate) const fn new(depth: Depth, dark: bool, ascii: bool) -> Self {
        Theme { depth, dark, ascii }
    }

    /// The theme that a terminal can show, as the environment (`variable`) tells of it.
    pub(crate) fn detect(
        choice: ColorChoice,
        ascii: bool,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let depth = if !choice.resolve(true, &variable) {
            Depth::None
        } else if matches!(variable("COLORTERM").as_deref(), Some("truecolor" | "24bit")) {
            Depth::True
        } else {
            Depth::Sixteen
        };
        let ascii = ascii || !speaks_utf8(&variable) || variable("TERM").as_deref() == Some("linux");
        // "15;0": colours of text and background, as rxvt and others tell.
        let background =
            variable("COLORFGBG").and_then(|colours| colours.rsplit(';').next()?.parse::<u8>().ok());
        let dark = background.is_none_or(|colour| colour < 7 || colour == 8);
        Theme { depth, dark, ascii }
    }

    /// The same theme on another background.
    pub(crate) fn on(self, dark: bool) -> Self {
        Theme { dark, ..self }
    }

    /// Whether it matters which background there is.
    pub(crate) fn wants_background(self) -> bool {
        self.depth == Depth::True
    }

    /// Whether only ASCII can be shown.
    pub(crate) fn is_ascii(self) -> bool {
        self.ascii
    }

    /// `sign`, or what stands for it in ASCII.
    pub(crate) fn sign(self, sign: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { sign }
    }

    /// What says that something was cut off.
    pub(crate) fn cut_mark(self) -> &'static str {
        self.sign("…", "~")
    }

    /// The style of a role.
    pub(crate) fn style(self, role: Role) -> Style {
        let plain = Style::new().add_modifier(attributes(role));
        match self.color(role) {
            Some(color) => plain.fg(color),
            None => plain,
        }
    }

    /// The style of the row that is selected.
    pub(crate) fn selected(self) -> Style {
        match (self.depth, self.dark) {
            (Depth::True, true) => Style::new().bg(Color::Rgb(38, 52, 74)),
            (Depth::True, false) => Style::new().bg(Color::Rgb(214, 228, 247)),
            _ => Style::new().add_modifier(Modifier::REVERSED),
        }
    }

    fn color(self, role: Role) -> Option<Color> {
        match self.depth {
            Depth::None => None,
            Depth::Sixteen => sixteen(role),
            Depth::True => full(role, self.dark),
        }
    }
}

fn speaks_utf8(variable: &impl Fn(&str) -> Option<String>) -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()));
    // A container without any locale shows UTF-8 all the same: that is what its terminal speaks.
    set.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8") || locale == "c" || locale == "posix"
    })
}

fn attributes(role: Role) -> Modifier {
    match role {
        Role::Title | Role::Critical => Modifier::BOLD,
        Role::Active => Modifier::BOLD.union(Modifier::REVERSED),
        Role::Muted | Role::Stale => Modifier::DIM,
        _ => Modifier::empty(),
    }
}

fn sixteen(role: Role) -> Option<Color> {
    Some(match role {
        Role::Text | Role::Muted | Role::Stale | Role::Title | Role::Active => return None,
        Role::Accent | Role::First => Color::Cyan,
        Role::Good | Role::Second => Color::Green,
        Role::Busy => Color::Blue,
        Role::Warning => Color::Yellow,
        Role::Critical => Color::Red,
        Role::Unknown | Role::Third => Color::Magenta,
    })
}

fn full(role: Role, dark: bool) -> Option<Color> {
    let (on_dark, on_light) = match role {
        Role::Text | Role::Title | Role::Active => return None,
        Role::Muted | Role::Stale => ((128, 138, 153), (110, 118, 130)),
        Role::Accent | Role::First => ((97, 175, 239), (9, 105, 178)),
        Role::Good | Role::Second => ((126, 198, 110), (26, 127, 55)),
        Role::Busy => ((110, 150, 240), (64, 84, 190)),
        Role::Warning => ((229, 181, 75), (148, 92, 0)),
        Role::Critical => ((240, 100, 100), (190, 30, 40)),
        Role::Unknown | Role::Third => ((198, 140, 222), (130, 60, 160)),
    };
    let (red, green, blue) = if dark { on_dark } else { on_light };
    Some(Color::Rgb(red, green, blue))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const ROLES: [Role; 14] = [
        Role::Text,
        Role::Muted,
        Role::Stale,
        Role::Title,
        Role::Active,
        Role::Accent,
        Role::Good,
        Role::Busy,
        Role::Warning,
        Role::Critical,
        Role::Unknown,
        Role::First,
        Role::Second,
        Role::Third,
    ];

    fn detect(choice: ColorChoice, variables: &[(&str, &str)]) -> Theme {
        Theme::detect(choice, false, |name| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test_case(&[] => Depth::Sixteen; "usually sixteen")]
    #[test_case(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")] => Depth::None; "none if nobody wants any")]
    #[test_case(&[("COLORTERM", "truecolor")] => Depth::True; "all where the terminal says so")]
    fn depth(variables: &[(&str, &str)]) -> Depth {
        detect(ColorChoice::Auto, variables).depth
    }

    #[test]
    fn a_flag_wins_over_the_environment() {
        let theme = detect(ColorChoice::Always, &[("NO_COLOR", "1")]);
        assert_eq!(theme.depth, Depth::Sixteen);
    }

    #[test_case(&[("LANG", "C.UTF-8")] => false; "utf-8")]
    #[test_case(&[("LANG", "de_DE.ISO-8859-1")] => true; "another encoding")]
    #[test_case(&[("TERM", "linux")] => true; "a console with few letters")]
    #[test_case(&[] => false; "nothing set")]
    fn ascii(variables: &[(&str, &str)]) -> bool {
        detect(ColorChoice::Auto, variables).ascii
    }

    #[test]
    fn without_colours_there_is_none() {
        let theme = Theme::new(Depth::None, true, false);
        for role in ROLES {
            let style = theme.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
        assert_eq!(theme.selected().bg, None);
    }

    #[test]
    fn colours_can_be_read_on_their_background() {
        for (dark, background) in [(true, 0.0), (false, 1.0)] {
            for color in ROLES.iter().filter_map(|role| full(*role, dark)) {
                let contrast = contrast(luminance(color), background);
                assert!(contrast >= 4.5, "{color:?} on {background}: {contrast}");
            }
        }
    }

    fn contrast(one: f64, other: f64) -> f64 {
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// Relative luminance as WCAG 2 defines it.
    fn luminance(color: Color) -> f64 {
        let Color::Rgb(red, green, blue) = color else {
            panic!("{color:?} is not one of all");
        };
        let part = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue)
    }
}
