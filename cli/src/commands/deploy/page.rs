//! What a deployment has done, in words.

use std::fmt::Write as _;

use platform::{
    apply::{Change, Verdict, is_spared},
    deploy::{ComponentReport, Deployed, ImageReport},
    event::Outcome,
    manifest::Id,
    streams,
};

use crate::ui::{Paint, Report, Tint, amount::seconds, plain_line};

/// Objects that are listed by name; more are counted.
const LISTED: usize = 6;

impl Report for Deployed {
    fn text(&self, paint: Paint) -> String {
        let mut text = String::new();
        let width = self.components.iter().map(|part| part.component.len()).max();
        for component in &self.components {
            text += &part(component, self.dry_run, width.unwrap_or_default(), paint);
        }
        for (component, why) in &self.idle {
            let _ = writeln!(
                text,
                "{}  not needed: {}",
                paint.strong(component),
                plain_line(why)
            );
        }
        text += &closing(self, paint);
        text
    }
}

fn part(component: &ComponentReport, dry_run: bool, width: usize, paint: Paint) -> String {
    let image = component.image.as_ref();
    let image = image.filter(|image| image.outcome == Outcome::Built);
    let mut said: Vec<String> = image.map(|image| built(image, dry_run)).into_iter().collect();
    said.extend(objects(&component.changes));
    said.extend(definitions(&component.streams));
    if said.is_empty() {
        said.push("unchanged".to_owned());
    }
    let need = if component.asked { "" } else { " (needed)" };
    let name = paint.strong(&format!("{:<width$}", component.component));
    let mut text = format!("{name}{need}  {}\n", said.join("; "));
    for note in &component.notes {
        let _ = writeln!(text, "  {}", plain_line(note));
    }
    text + &unwanted(component, paint)
}

/// What no manifest has any more.
fn unwanted(component: &ComponentReport, paint: Paint) -> String {
    let (spared, pruned): (Vec<&Id>, Vec<&Id>) = component.prunable.iter().partition(|id| is_spared(id));
    let names = |ids: &[&Id]| {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        plain_line(&ids.join(", "))
    };
    let mut text = String::new();
    if !pruned.is_empty() {
        let prune = format!("ratectl deploy {} --prune", component.component);
        let prune = paint.tint(Tint::Cyan, &prune);
        let _ = writeln!(
            text,
            "  not in the manifests any more: {}; `{prune}` deletes",
            names(&pruned)
        );
    }
    if !spared.is_empty() {
        let _ = writeln!(
            text,
            "  not in the manifests any more, and left for what is in it: {}",
            names(&spared)
        );
    }
    text
}

fn built(image: &ImageReport, dry_run: bool) -> String {
    let why = plain_line(&image.why);
    if dry_run {
        return format!("image to be built: {why}");
    }
    let (build, push) = (seconds(image.build_ms), seconds(image.push_ms));
    format!("image built in {build} and pushed in {push} ({why})")
}

/// What became of objects: few by name, many by number.
pub(in crate::commands) fn objects(changes: &[Change]) -> Vec<String> {
    let kinds = [
        (Verdict::Created, "created"),
        (Verdict::Configured, "changed"),
        (Verdict::Recreated, "made anew"),
        (Verdict::Pruned, "deleted"),
    ];
    let mut said = Vec::new();
    for (verdict, word) in kinds {
        let of_kind: Vec<String> = changes
            .iter()
            .filter(|change| change.verdict == verdict)
            .map(|change| plain_line(&change.id.to_string()))
            .collect();
        match of_kind.len() {
            0 => {}
            count if count > LISTED => said.push(format!("{count} objects {word}")),
            _ => said.push(format!("{word}: {}", of_kind.join(", "))),
        }
    }
    said
}

fn definitions(found: &[streams::Difference]) -> Vec<String> {
    let made = found.iter().filter(|difference| difference.differs());
    let said = made.map(|difference| {
        let resource = plain_line(&difference.resource.to_string());
        match difference.verdict {
            streams::Verdict::Create => format!("{resource} created"),
            _ => format!("{resource} changed"),
        }
    });
    said.collect()
}

fn closing(deployed: &Deployed, paint: Paint) -> String {
    let after = seconds(deployed.after_ms);
    let profile = paint.strong(&deployed.profile);
    let mut text = match (deployed.dry_run, deployed.is_changed()) {
        (true, true) => format!("Nothing was changed in profile {profile}; that is what would be.\n"),
        (true, false) => format!("Nothing would change in profile {profile}.\n"),
        (false, true) => format!("Deployed to profile {profile} in {after}.\n"),
        (false, false) => {
            format!("Profile {profile} is as it should be; there was nothing to do ({after}).\n")
        }
    };
    if deployed.urls.is_empty() || deployed.dry_run {
        return text;
    }
    let mut gateways: Vec<&str> = deployed.urls.iter().map(|url| url.gateway.as_str()).collect();
    gateways.dedup();
    for gateway in gateways {
        let forward = paint.tint(Tint::Cyan, &format!("ratectl port-forward {gateway}"));
        let _ = writeln!(text, "With `{forward}`:");
        for url in deployed.urls.iter().filter(|url| url.gateway == gateway) {
            let _ = writeln!(text, "  {}  {}", plain_line(&url.url), paint.dim(&url.component));
        }
    }
    text
}
