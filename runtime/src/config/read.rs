//! Gives a tree to serde, and turns what serde complains about into errors that name key and origin.

mod access;
mod fault;

use std::path::PathBuf;

use serde::{
    Deserializer,
    de::{self, DeserializeOwned, IntoDeserializer, Unexpected, Visitor},
    forward_to_deserialize_any,
};

use super::{
    Error,
    secret::MARKER,
    tree::{Entry, Tree, Value},
    yaml,
};
use access::{Items, Keys, Variant};
use fault::Fault;

/// Reads the whole tree.
pub(super) fn into<T: DeserializeOwned>(tree: Tree, prefix: &str) -> Result<T, Error> {
    T::deserialize(Reader(tree)).map_err(|fault| fault.into_error(prefix))
}

/// One value, as serde sees it.
struct Reader(Tree);

impl Reader {
    fn scalar<'de, V: Visitor<'de>>(value: Value, visitor: V) -> Result<V::Value, Fault> {
        match value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Signed(value) => visitor.visit_i64(value),
            Value::Unsigned(value) => visitor.visit_u64(value),
            Value::Float(value) => visitor.visit_f64(value),
            Value::Text(value) | Value::Raw(value) => visitor.visit_string(value),
            Value::FromFile(_) => Err(de::Error::invalid_type(
                Unexpected::Other("a file"),
                &"a value (only secrets are read from files)",
            )),
            Value::List(_) => Err(de::Error::invalid_type(Unexpected::Seq, &visitor)),
            Value::Map(_) => Err(de::Error::invalid_type(Unexpected::Map, &visitor)),
        }
    }

    /// Raw text that is asked to be a list or a map is YAML in its flow form, or a list of words.
    fn structured(self) -> Result<Tree, Fault> {
        let Tree { value, origin } = self.0;
        let Value::Raw(text) = value else {
            return Ok(Tree { value, origin });
        };
        if text.trim_start().starts_with(['[', '{']) {
            return match yaml::parse("value", &text) {
                Ok(tree) => Ok(tree.with_origin(&origin)),
                Err(error) => Err(Fault::invalid(error.to_string()).given_by(&origin)),
            };
        }
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let items = words.map(|word| Tree {
            value: Value::Raw(word.to_owned()),
            origin: origin.clone(),
        });
        Ok(Tree {
            value: Value::List(items.collect()),
            origin,
        })
    }

    fn map<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Tree { value, origin } = self.structured()?;
        let result = match value {
            Value::Map(entries) => visitor.visit_map(Keys::new(entries)),
            // A section of which every line is a comment.
            Value::Null => visitor.visit_map(Keys::new(Vec::new())),
            other => Self::scalar(other, visitor),
        };
        result.map_err(|fault| fault.given_by(&origin))
    }
}

macro_rules! numbers {
    ($($hint:ident $visit:ident $number:ty,)*) => {$(
        fn $hint<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            let Tree { value, origin } = self.0;
            let result = match value {
                Value::Raw(text) => match text.trim().parse::<$number>() {
                    Ok(number) => visitor.$visit(number),
                    Err(_) => Err(de::Error::invalid_value(Unexpected::Str(&text), &visitor)),
                },
                other => Self::scalar(other, visitor),
            };
            result.map_err(|fault: Fault| fault.given_by(&origin))
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::Map(_) => self.map(visitor),
            Value::List(_) => self.deserialize_seq(visitor),
            Value::Raw(text) => {
                let origin = self.0.origin.clone();
                let result = match (text.parse::<bool>(), text.parse::<u64>(), text.parse::<i64>()) {
                    (Ok(value), _, _) => visitor.visit_bool(value),
                    (_, Ok(value), _) => visitor.visit_u64(value),
                    (_, _, Ok(value)) => visitor.visit_i64(value),
                    _ => visitor.visit_str(text),
                };
                result.map_err(|fault: Fault| fault.given_by(&origin))
            }
            _ => self.deserialize_string(visitor),
        }
    }

    numbers! {
        deserialize_bool visit_bool bool,
        deserialize_i8 visit_i64 i64,
        deserialize_i16 visit_i64 i64,
        deserialize_i32 visit_i64 i64,
        deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u64 u64,
        deserialize_u16 visit_u64 u64,
        deserialize_u32 visit_u64 u64,
        deserialize_u64 visit_u64 u64,
        deserialize_f32 visit_f64 f64,
        deserialize_f64 visit_f64 f64,
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Tree { value, origin } = self.0;
        Self::scalar(value, visitor).map_err(|fault| fault.given_by(&origin))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.0.value {
            Value::Null => visitor.visit_none(),
            // A variable that is set to nothing is how scripts unset one.
            Value::Raw(text) if text.is_empty() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Tree { value, origin } = self.0;
        let value = match value {
            Value::FromFile(file) if name == MARKER => {
                let file = PathBuf::from(file);
                match std::fs::read_to_string(&file) {
                    // Editors and `echo` end files with a line end that is no part of the secret.
                    Ok(text) => Value::Text(text.trim_end_matches(['\r', '\n']).to_owned()),
                    Err(source) => return Err(Fault::secret_file(file, source).given_by(&origin)),
                }
            }
            other => other,
        };
        visitor.visit_newtype_struct(Self(Tree { value, origin }))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Tree { value, origin } = self.structured()?;
        let result = match value {
            Value::List(items) => visitor.visit_seq(Items::new(items)),
            other => Self::scalar(other, visitor),
        };
        result.map_err(|fault| fault.given_by(&origin))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.map(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let mut tree = self.structured()?;
        if let Value::Map(entries) = &mut tree.value {
            secret_files(entries, fields)?;
            // Structs need not remember to deny what they do not know.
            if let Some(entry) = entries.iter().find(|entry| !fields.contains(&entry.key.as_str())) {
                return Err(<Fault as de::Error>::unknown_field(&entry.key, fields).given_by(&entry.origin));
            }
        }
        Self(tree).map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let is_flow = matches!(&self.0.value, Value::Raw(text) if text.trim_start().starts_with('{'));
        let Tree { value, origin } = if is_flow { self.structured()? } else { self.0 };
        let result = match value {
            Value::Text(name) | Value::Raw(name) => {
                visitor.visit_enum(IntoDeserializer::<Fault>::into_deserializer(name))
            }
            Value::Map(mut entries) if entries.len() == 1 => match entries.pop() {
                Some(entry) => visitor.visit_enum(Variant(entry)),
                None => Err(de::Error::invalid_type(Unexpected::Map, &visitor)),
            },
            other => Self::scalar(other, visitor),
        };
        result.map_err(|fault| fault.given_by(&origin))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 }

    // A scalar is what it is, whatever kind of text is asked for.
    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_string(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_string(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_string(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_string(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_string(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_string(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_string(visitor)
    }
}

/// Turns `token_file` into `token` where only the latter is a field; the stronger of the two wins.
fn secret_files(entries: &mut Vec<Entry>, fields: &[&str]) -> Result<(), Fault> {
    for field in fields {
        let file_key = format!("{field}_file");
        if fields.contains(&file_key.as_str()) {
            continue;
        }
        let Some(index) = entries.iter().position(|entry| entry.key == file_key) else {
            continue;
        };
        let given = entries.remove(index);
        let (Value::Text(file) | Value::Raw(file)) = given.value.value else {
            let fault = Fault::invalid("the path of a file is expected");
            return Err(fault.within(&file_key).given_by(&given.origin));
        };
        let origin = given.value.origin;
        let from_file = Tree {
            value: Value::FromFile(file),
            origin: origin.clone(),
        };
        match entries.iter_mut().find(|entry| entry.key == *field) {
            Some(direct) if direct.value.origin.strength() == origin.strength() => {
                let what = format!("`{field}` is given as well; give only one of them");
                return Err(Fault::invalid(what).within(&file_key).given_by(&origin));
            }
            Some(direct) if direct.value.origin.strength() < origin.strength() => direct.value = from_file,
            Some(_) => {}
            None => entries.push(Entry {
                key: (*field).to_owned(),
                origin,
                value: from_file,
            }),
        }
    }
    Ok(())
}
