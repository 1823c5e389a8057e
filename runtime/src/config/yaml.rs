//! YAML text as a tree that remembers its lines.

use std::{fmt, fs, path::Path};

use serde::{Deserialize, Deserializer, de};
use serde_saphyr::{Location, Spanned};

use super::{
    Error, Origin,
    tree::{Entry, Tree, Value},
};

pub(super) fn read_file(path: &Path) -> Result<Tree, Error> {
    let yaml = fs::read_to_string(path).map_err(|source| Error::File {
        file: path.to_owned(),
        source,
    })?;
    parse(&path.display().to_string(), &yaml)
}

pub(super) fn parse(name: &str, yaml: &str) -> Result<Tree, Error> {
    if yaml.trim().is_empty() {
        return Ok(Tree {
            value: Value::Null,
            origin: place(name, &Location::UNKNOWN),
        });
    }
    match serde_saphyr::from_str::<Spanned<Node>>(yaml) {
        Ok(node) => Ok(node.value.into_tree(name, &node.referenced)),
        Err(error) => {
            let location = error.location().unwrap_or(Location::UNKNOWN);
            Err(Error::Syntax {
                origin: place(name, &location),
                what: first_line(&error.to_string()),
            })
        }
    }
}

/// The parser's message without the excerpt it may draw below it.
fn first_line(message: &str) -> String {
    message
        .lines()
        .next()
        .unwrap_or_default()
        .trim_start_matches("error: ")
        .to_owned()
}

fn place(file: &str, location: &Location) -> Origin {
    Origin::File {
        file: file.to_owned(),
        line: location.line(),
        column: location.column(),
    }
}

/// A YAML value of any type.
enum Node {
    Scalar(Value),
    List(Vec<Spanned<Node>>),
    Map(Vec<(Spanned<String>, Spanned<Node>)>),
}

impl Node {
    fn into_tree(self, name: &str, location: &Location) -> Tree {
        let value = match self {
            Self::Scalar(value) => value,
            Self::List(items) => Value::List(
                items
                    .into_iter()
                    .map(|item| item.value.into_tree(name, &item.referenced))
                    .collect(),
            ),
            Self::Map(entries) => {
                let entries = entries.into_iter().map(|(key, value)| Entry {
                    origin: place(name, &key.referenced),
                    key: key.value,
                    value: value.value.into_tree(name, &value.referenced),
                });
                Value::Map(entries.collect())
            }
        };
        Tree {
            value,
            origin: place(name, location),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Visitor)
    }
}

struct Visitor;

impl<'de> de::Visitor<'de> for Visitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(
            u64::try_from(value).map_or(Value::Signed(value), Value::Unsigned),
        ))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Unsigned(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Text(value.to_owned())))
    }

    fn visit_none<E: de::Error>(self) -> Result<Node, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        Node::deserialize(deserializer)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Node::Map(map))
    }
}
