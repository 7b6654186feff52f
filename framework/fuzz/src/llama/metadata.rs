//! Changes of a GGUF file's metadata.

use super::gguf::{Entry, Value, width};
use super::words;
use crate::random::Random;

/// Changes one thing of the entries.
pub(super) fn change(entries: &mut Vec<Entry>, random: &mut Random) {
    match (random.place(entries.len()), random.below(12)) {
        (None, _) | (_, 0) => entries.push(Entry {
            key: random.among(words::KEYS).into(),
            value: new(random),
            tag: None,
        }),
        (Some(place), 1) => drop(entries.remove(place)),
        (Some(place), 2) => entries.push(entries[place].clone()),
        (Some(place), 3) => {
            let other = random.below(entries.len());
            entries.swap(place, other);
        }
        (Some(place), 4) => entries[place].key = random.among(words::KEYS).into(),
        (Some(place), 5) => entries[place].tag = Some(random.below(14) as u32),
        (Some(place), _) => value(&mut entries[place].value, random),
    }
}

fn new(random: &mut Random) -> Value {
    match random.below(6) {
        0 => Value::Text(random.among(words::TEXTS).into()),
        1 => Value::Number(7, vec![random.below(3) as u8]),
        2 => Value::Number(6, random.float().to_le_bytes().into()),
        3 => {
            let members: Vec<Value> = (0..random.below(4)).map(|_| new(random)).collect();
            Value::Array(members.first().map_or(4, Value::tag), members)
        }
        _ => number(random.among(&[4, 4, 5, 10, 0]), random),
    }
}

fn number(tag: u32, random: &mut Random) -> Value {
    let bytes = match tag {
        6 => random.float().to_le_bytes().to_vec(),
        12 => f64::from(random.float()).to_le_bytes().to_vec(),
        _ => random.size().to_le_bytes()[..width(tag).unwrap_or(8)].to_vec(),
    };
    Value::Number(tag, bytes)
}

fn value(changed: &mut Value, random: &mut Random) {
    if random.below(12) == 0 {
        *changed = new(random);
        return;
    }
    match changed {
        Value::Number(tag, bytes) => match random.below(4) {
            0 => {
                let tag = random.among(&[0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12]);
                bytes.resize(width(tag).unwrap_or(8), 0);
                *changed = Value::Number(tag, std::mem::take(bytes));
            }
            1 => {
                let up = random.below(2) == 0;
                if let Some(first) = bytes.first_mut() {
                    *first = if up {
                        first.wrapping_add(1)
                    } else {
                        first.wrapping_sub(1)
                    };
                }
            }
            _ => *changed = number(*tag, random),
        },
        Value::Text(bytes) => text(bytes, random),
        Value::Array(tag, members) => match (random.place(members.len()), random.below(9)) {
            (_, 0) => *tag = random.below(14) as u32,
            (Some(place), 1) => members.push(members[place].clone()),
            (Some(place), 2) => drop(members.remove(place)),
            (Some(place), 3) => {
                let other = random.below(members.len());
                members.swap(place, other);
            }
            (Some(place), 4) => members.truncate(place),
            (Some(place), 5) => members[place] = new(random),
            (Some(place), _) => value(&mut members[place], random),
            (None, _) => members.push(new(random)),
        },
    }
}

/// Changes a text: another one, a part, one byte, or the same again and again.
fn text(bytes: &mut Vec<u8>, random: &mut Random) {
    match (random.place(bytes.len()), random.below(6)) {
        (None, _) | (_, 0) => *bytes = random.among(words::TEXTS).into(),
        (Some(place), 1) => bytes.truncate(place),
        (Some(place), 2) => bytes[place] = random.among(&[0, b' ', b'a', b'<', 0x80, 0xc3, 0xff]),
        (Some(place), 3) => bytes.insert(place, b' '),
        (Some(_), 4) => *bytes = bytes.repeat(1 + random.below(4)),
        _ => *bytes = [random.among(words::TEXTS).as_bytes(), bytes].concat(),
    }
    if random.below(64) == 0 {
        *bytes = bytes.repeat(256);
        bytes.truncate(1 << 12);
    }
}
