use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A length of time with its unit: `30s`, `5m`, `1h`, `1d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Seconds(pub u64);

const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        let digits = trimmed
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at(digits);
        let factor = UNITS
            .iter()
            .find(|(name, _)| *name == unit.trim())
            .map(|(_, factor)| *factor);
        match (number.parse::<u64>(), factor) {
            (Ok(number), Some(factor)) => match number.checked_mul(factor) {
                Some(seconds) => Ok(Seconds(seconds)),
                None => Err(format!("`{text}` is too long")),
            },
            _ => Err(format!(
                "`{text}` is not a duration: write a whole number and a unit, as in 30s, 5m, 1h or 1d"
            )),
        }
    }
}

impl TryFrom<String> for Seconds {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Seconds> for String {
    fn from(seconds: Seconds) -> String {
        seconds.to_string()
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) = UNITS
            .iter()
            .find(|(_, factor)| self.0 >= *factor && self.0.is_multiple_of(*factor))
            .unwrap_or(&("s", 1));
        write!(formatter, "{}{unit}", self.0 / factor)
    }
}

#[cfg(test)]
mod tests {
    use super::Seconds;

    #[test]
    fn durations_carry_units() {
        assert_eq!("1d".parse(), Ok(Seconds(86_400)));
        assert_eq!("90 s".parse(), Ok(Seconds(90)));
        assert_eq!(Seconds(5_400).to_string(), "90m");
        for wrong in ["", "5", "h", "1.5h", "-1s", "1y", "99999999999999999999s"] {
            let expected =
                format!("`{wrong}` is not a duration: write a whole number and a unit, as in 30s, 5m, 1h or 1d");
            assert_eq!(wrong.parse::<Seconds>(), Err(expected));
        }
        assert_eq!(
            "300000000000000000d".parse::<Seconds>(),
            Err("`300000000000000000d` is too long".into())
        );
    }
}
