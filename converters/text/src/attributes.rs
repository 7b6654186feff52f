//! The names of attribute words (`specs/operators.md`).

use std::collections::BTreeMap;

use opml_graph::ConvertError;
use opml_ops::{ATTRIBUTE_WORDS, Operator, Record};

use crate::refusal::{listed, nearest, refused};

/// Attribute names in the order of their words; a name with a default may be left out.
fn names(operator: Operator) -> &'static [(&'static str, Option<i32>)] {
    const FINISH: [(&str, Option<i32>); 3] = [
        ("output_zero_point", Some(0)),
        ("minimum", Some(-128)),
        ("maximum", Some(127)),
    ];
    match operator {
        Operator::MatMulI8 => &FINISH,
        Operator::Conv2dI8 => &[
            ("output_zero_point", Some(0)),
            ("minimum", Some(-128)),
            ("maximum", Some(127)),
            ("input_zero_point", Some(0)),
            ("kernel_height", None),
            ("kernel_width", None),
            ("stride_height", Some(1)),
            ("stride_width", Some(1)),
            ("pad_top", Some(0)),
            ("pad_left", Some(0)),
            ("pad_bottom", Some(0)),
            ("pad_right", Some(0)),
            ("dilation_height", Some(1)),
            ("dilation_width", Some(1)),
            ("groups", Some(1)),
        ],
        Operator::MaxPool2dI8 => &[
            ("kernel_height", None),
            ("kernel_width", None),
            ("stride_height", Some(1)),
            ("stride_width", Some(1)),
            ("pad_top", Some(0)),
            ("pad_left", Some(0)),
            ("pad_bottom", Some(0)),
            ("pad_right", Some(0)),
        ],
        Operator::ClampI8 => &[("minimum", None), ("maximum", None)],
        Operator::AddI8 => &[
            ("a_zero_point", Some(0)),
            ("b_zero_point", Some(0)),
            ("a_multiplier", Some(1)),
            ("a_shift", Some(0)),
            ("b_multiplier", Some(1)),
            ("b_shift", Some(0)),
            ("output_zero_point", Some(0)),
            ("minimum", Some(-128)),
            ("maximum", Some(127)),
        ],
        Operator::SelectRows => &[("rows", None)],
        _ => &[],
    }
}

/// Operators from this tag on take their attributes by the number of the word (`specs/operators.md`).
const FIRST_NUMBERED: u32 = 32;

fn write_numbered(record: &mut Record, given: &BTreeMap<String, i64>, place: &str) -> Result<(), ConvertError> {
    for (name, value) in given {
        let word = name.parse::<usize>().ok().filter(|word| *word < ATTRIBUTE_WORDS);
        let word = word.ok_or_else(|| {
            refused(
                format!("{place}.attributes"),
                format!(
                    "this operator's attributes are words 0 … {}, not `{name}`",
                    ATTRIBUTE_WORDS - 1
                ),
                "see the operator's line in specs/operators.md",
            )
        })?;
        let bits = i32::try_from(*value)
            .map(|value| value as u32)
            .or_else(|_| u32::try_from(*value));
        let bits = bits.map_err(|_| {
            refused(
                format!("{place}.attributes.{name}"),
                format!("{value} is no 32-bit number"),
                "",
            )
        })?;
        record.set_attribute(word, bits);
    }
    Ok(())
}

/// Writes the attributes of a node into its record.
pub(crate) fn write(
    record: &mut Record,
    operator: Operator,
    given: &BTreeMap<String, i64>,
    place: &str,
) -> Result<(), ConvertError> {
    if operator as u32 >= FIRST_NUMBERED {
        return write_numbered(record, given, place);
    }
    let names = names(operator);
    let known = || names.iter().map(|(name, _)| *name);
    if let Some(unknown) = given.keys().find(|name| !known().any(|known| known == name.as_str())) {
        let there_are = match names {
            [] => "it has none".to_string(),
            _ => format!("there are {}", listed(known())),
        };
        return Err(refused(
            format!("{place}.attributes"),
            format!("`{}` has no attribute `{unknown}`; {there_are}", operator.name()),
            nearest(unknown, known()),
        ));
    }
    for (word, (name, default)) in names.iter().enumerate() {
        let value = match (given.get(*name), default) {
            (Some(value), _) => i32::try_from(*value).map_err(|_| {
                refused(
                    format!("{place}.attributes.{name}"),
                    format!("{value} is no 32-bit number"),
                    "",
                )
            })?,
            (None, Some(default)) => *default,
            (None, None) => {
                return Err(refused(
                    format!("{place}.attributes"),
                    format!("`{}` needs the attribute `{name}`", operator.name()),
                    "",
                ));
            }
        };
        record.set_attribute(word, value as u32);
    }
    Ok(())
}
