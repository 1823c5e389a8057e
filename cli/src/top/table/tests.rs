use test_case::test_case;

use super::*;
use crate::top::{
    paint::{on_buffer, plain},
    picture::plain_text,
    theme::Depth,
};

struct Thing {
    name: &'static str,
    size: u64,
    severity: Severity,
}

impl Row for Thing {
    fn key(&self) -> String {
        self.name.to_owned()
    }

    fn severity(&self) -> Severity {
        self.severity
    }

    fn words(&self) -> String {
        self.name.to_owned()
    }

    fn is_stale(&self) -> bool {
        false
    }
}

fn columns() -> [Column<Thing>; 4] {
    [
        Column::new("NAME", Fit::Content(4), |thing: &Thing, _| plain(thing.name))
            .by(|a, b| a.name.cmp(b.name)),
        Column::new("SIZE", Fit::Right(5), |thing: &Thing, _| {
            plain(thing.size.to_string())
        })
        .by(|a, b| b.size.cmp(&a.size)),
        Column::new("MORE", Fit::Left(6), |_, _| plain("more")).from(40),
        Column::new("WHY", Fit::Rest(6), |_, _| plain("a long sentence of why")).from(30),
    ]
}

fn things() -> Vec<Thing> {
    let thing = |name, size, severity| Thing { name, size, severity };
    vec![
        thing("orders", 3, Severity::Ok),
        thing("billing", 9, Severity::Crit),
        thing("mail", 9, Severity::Ok),
    ]
}

fn names(view: &View) -> Vec<&'static str> {
    let things = things();
    let rows = view.rows(&things, &columns());
    rows.iter().map(|row| row.name).collect()
}

fn picture(width: u16, height: u16, view: &View) -> String {
    let (things, columns) = (things(), columns());
    let rows = view.rows(&things, &columns);
    let theme = Theme::new(Depth::None, true, true);
    plain_text(&on_buffer(width, height, theme, |painter, area| {
        draw(painter, area, &columns, &rows, view, false);
    }))
}

#[test]
fn columns_go_where_there_is_no_room_for_them() {
    insta::assert_snapshot!(picture(60, 4, &View::default()), @r"
    NAME     SIZE MORE   WHY
    orders      3 more   a long sentence of why
    billing     9 more   a long sentence of why
    mail        9 more   a long sentence of why
    ");
    insta::assert_snapshot!(picture(30, 3, &View::default()), @r"
    NAME     SIZE WHY
    orders      3 a long sentence~
    billing     9 a long sentence~
    ");
    insta::assert_snapshot!(picture(7, 4, &View::default()), @r"
    NAME
    orders
    billing
    mail
    ");
}

#[test]
fn equal_rows_stay_in_their_order() {
    let mut view = View::default();
    assert_eq!(names(&view), ["orders", "billing", "mail"]);
    view.sort_next(&columns());
    assert_eq!(names(&view), ["billing", "mail", "orders"]);
    view.sort_next(&columns());
    assert_eq!(names(&view), ["billing", "mail", "orders"]);
    view.reverse = true;
    assert_eq!(names(&view), ["orders", "mail", "billing"]);
    view.sort_next(&columns());
    assert_eq!(view.sort, None, "after the last column there is none");
}

#[test_case("ORD" => vec!["orders"]; "any case")]
#[test_case("!ord l" => vec!["billing", "mail"]; "without one word and with another")]
#[test_case("!" => vec!["orders", "billing", "mail"]; "half a word")]
fn filtering(filter: &str) -> Vec<&'static str> {
    names(&View {
        filter: filter.to_owned(),
        ..View::default()
    })
}

#[test]
fn only_faults_are_shown_if_that_is_wanted() {
    let view = View {
        faults: true,
        ..View::default()
    };
    assert_eq!(names(&view), ["billing"]);
}

#[test]
fn the_selection_follows_its_row() {
    let things = things();
    let mut view = View::default();
    let rows = view.rows(&things, &columns());
    let keys: Vec<String> = rows.iter().map(|row| row.key()).collect();
    view.select(&keys, 1);
    assert_eq!(view.place_of_key(&keys), 1);
    assert_eq!(view.selected.as_deref(), Some("billing"));
    view.sort = Some(0);
    let rows = view.rows(&things, &columns());
    assert_eq!(view.place(&rows), 0, "it moved up with its row");
    let rows: Vec<&Thing> = rows.into_iter().filter(|row| row.name != "billing").collect();
    assert_eq!(view.place(&rows), 1, "it is gone: what is where it was");
    assert_eq!(view.place::<Thing>(&[]), 0);
}

#[test_case(0, 5, 100, 10 => 0; "what can be seen is not moved")]
#[test_case(0, 15, 100, 10 => 6; "down as far as needed")]
#[test_case(20, 15, 100, 10 => 15; "up as far as needed")]
#[test_case(95, 99, 100, 10 => 90; "nothing is left empty")]
#[test_case(0, 0, 0, 10 => 0; "no rows")]
#[test_case(3, 7, 10, 0 => 7; "no room")]
fn scrolling(wanted: usize, place: usize, rows: usize, height: usize) -> usize {
    offset(wanted, place, rows, height)
}
