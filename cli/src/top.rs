//! The terminal side of `ratectl top`: screens, keys, and the terminal itself.

mod app;
mod chart;
mod feed;
#[cfg(test)]
mod fixture;
mod input;
mod keys;
mod look;
mod number;
mod once;
mod pace;
mod paint;
#[cfg(test)]
mod picture;
mod screen;
mod show;
mod table;
mod terminal;
mod text;
mod theme;

pub(crate) use app::{App, Item, Logs, Preview};
pub(crate) use feed::{Feed, Record, now, read, replay};
pub(crate) use keys::Screen;
pub(crate) use once::{FailOn, Looks, Printed, look, verdict};
pub(crate) use show::{Answer, Coming, Hands, Show};
pub(crate) use theme::Theme;
