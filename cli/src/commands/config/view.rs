//! `ratectl config view`: every value in effect.

use platform::{
    profile,
    project::settings::{self, Origin, Setting},
};
use serde::Serialize;
use serde_json::Value;

use crate::{
    app::Global,
    commands::place::{Place, Site},
    error::Error,
    exit::Exit,
    ui::{Paint, Report, Table, Ui, plain_line},
};

/// Characters of a value that are shown to people.
const LONGEST_VALUE: usize = 80;

/// Show every value in effect, of the project file and of the program's defaults
///
/// `--show-origin` says where each one comes from: a place in the file, a flag, a variable, or the default.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Say where each value comes from
    #[arg(long)]
    show_origin: bool,

    #[command(flatten)]
    place: Place,
}

/// Prints a table; one JSON object with `-o json`, always with the origins.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let site = args.place.look(global)?;
    let mut rows = of_command_line(&args.place, &site);
    let base = global.base()?;
    let file = site
        .project
        .file
        .strip_prefix(&base)
        .unwrap_or(&site.project.file);
    let file = file.display().to_string();
    let settings = settings::settings(&site.project)?;
    rows.extend(settings.into_iter().map(|setting| Row::of(setting, &file)));
    let show_origin = args.show_origin;
    ui.result(&View {
        settings: rows,
        show_origin,
    })?;
    Ok(Exit::Success)
}

#[derive(Serialize)]
struct View {
    settings: Vec<Row>,
    #[serde(skip)]
    show_origin: bool,
}

#[derive(Serialize)]
struct Row {
    key: String,
    value: Value,
    origin: String,
}

impl Row {
    fn of(setting: Setting, file: &str) -> Self {
        let origin = match setting.origin {
            Origin::File { line, column } => format!("{file}:{line}:{column}"),
            Origin::Default => "default".to_owned(),
        };
        Self {
            key: setting.key,
            value: setting.value,
            origin,
        }
    }

    /// The value in one line, cut where it would push the origin off the screen.
    fn text(&self) -> String {
        let mut text = match &self.value {
            Value::String(text) => plain_line(text),
            value => plain_line(&value.to_string()),
        };
        if let Some((end, _)) = text.char_indices().nth(LONGEST_VALUE) {
            text.truncate(end);
            text.push('…');
        }
        text
    }
}

/// What no file says.
fn of_command_line(place: &Place, site: &Site) -> Vec<Row> {
    let profile = match &site.chosen.origin {
        profile::Origin::Used(file) => format!("ratectl use ({})", file.display()),
        origin => origin.to_string(),
    };
    let files: Vec<String> = site
        .kubeconfig
        .files()
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let row = |key: &str, value: Value, origin: String| Row {
        key: key.to_owned(),
        value,
        origin,
    };
    vec![
        row("profile", site.chosen.profile.name.clone().into(), profile),
        row("kubeconfig", files.into(), place.kubeconfig_origin().to_owned()),
        row(
            "stateFolder",
            site.state_dir.display().to_string().into(),
            state_origin().to_owned(),
        ),
    ]
}

fn state_origin() -> &'static str {
    // As with `state_dir`: a relative path does not count.
    let set =
        std::env::var_os("XDG_STATE_HOME").is_some_and(|folder| std::path::Path::new(&folder).is_absolute());
    if set { "XDG_STATE_HOME" } else { "default" }
}

impl Report for View {
    fn text(&self, _: Paint) -> String {
        let mut table = if self.show_origin {
            Table::with_heading(["KEY", "VALUE", "ORIGIN"])
        } else {
            Table::with_heading(["KEY", "VALUE", ""])
        };
        for row in &self.settings {
            let origin = if self.show_origin {
                plain_line(&row.origin)
            } else {
                String::new()
            };
            table.row([plain_line(&row.key), row.text(), origin]);
        }
        table.text()
    }
}
