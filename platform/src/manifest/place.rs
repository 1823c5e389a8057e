//! Where a part of an object stands in its file. Asked only when something is wrong there, so the file is simply read again.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::path::{Path, Step};
use super::yaml::like_kubectl;

/// A part of a document, without what it says.
#[derive(Debug)]
enum Shape {
    Mapping(Vec<(Spanned<String>, Spanned<Shape>)>),
    List(Vec<Spanned<Shape>>),
    Scalar,
}

/// Line and column, from 1, of the part of a document of `text` that `path` leads to, or of the innermost one that is there.
/// `documents` counts from 0; `unfold` is the item of a `List`.
pub(super) fn locate(text: &str, document: usize, unfold: Option<usize>, path: &Path) -> Option<(u64, u64)> {
    let documents: Vec<Spanned<Option<Shape>>> =
        serde_saphyr::from_multiple_with_options(text, like_kubectl()).ok()?;
    let document = documents.into_iter().nth(document)?;
    let mut place = document.referenced;
    let items = unfold.into_iter().flat_map(|index| {
        let key = Step::Key("items".to_owned());
        [key, Step::Item(index, None)]
    });
    let mut shape = document.value?;
    for step in items.chain(path.0.iter().cloned()) {
        let (at, next) = match (shape, step) {
            (Shape::Mapping(entries), Step::Key(key)) => {
                match entries.into_iter().find(|(name, _)| name.value == key) {
                    Some((name, value)) => (name.referenced, value.value),
                    None => break,
                }
            }
            (Shape::List(items), Step::Item(index, _)) => match items.into_iter().nth(index) {
                Some(item) => (item.referenced, item.value),
                None => break,
            },
            _ => break,
        };
        (place, shape) = (at, next);
    }
    (place.line() > 0).then(|| (place.line(), place.column()))
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_none<E>(self) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Shape::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Shape, A::Error> {
        let mut mapping = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            mapping.push(entry);
        }
        Ok(Shape::Mapping(mapping))
    }
}
