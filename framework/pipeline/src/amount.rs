use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An amount of money with its unit: `1 ether`, `0.01 ether`, `30 gwei`, `5 wei`; held in wei.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Wei(pub u128);

const UNITS: [(&str, usize); 3] = [("ether", 18), ("gwei", 9), ("wei", 0)];

impl FromStr for Wei {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || {
            format!("`{text}` is not an amount: write a number and a unit, as in 1 ether, 0.01 ether, 30 gwei or 5 wei")
        };
        let (number, unit) = text.trim().split_once(char::is_whitespace).ok_or_else(malformed)?;
        let (_, places) = UNITS
            .iter()
            .find(|(name, _)| *name == unit.trim())
            .ok_or_else(malformed)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || !digits_only(whole)
            || !digits_only(fraction)
            || (fraction.is_empty() && number.contains('.'))
        {
            return Err(malformed());
        }
        if fraction.len() > *places {
            return Err(format!("`{text}` is finer than a wei"));
        }
        let padded = format!("{whole}{fraction:0<places$}");
        padded
            .parse()
            .map(Wei)
            .map_err(|_| format!("`{text}` is more than there is"))
    }
}

impl TryFrom<String> for Wei {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Wei> for String {
    fn from(wei: Wei) -> String {
        wei.to_string()
    }
}

impl fmt::Display for Wei {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, places) = match self.0 {
            0..1_000_000 => ("wei", 0),
            1_000_000..1_000_000_000_000 => ("gwei", 9),
            _ => ("ether", 18),
        };
        let scale = 10u128.pow(places as u32);
        let fraction = format!("{:0places$}", self.0 % scale);
        match fraction.trim_end_matches('0') {
            "" => write!(formatter, "{} {unit}", self.0 / scale),
            digits => write!(formatter, "{}.{digits} {unit}", self.0 / scale),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Wei;

    #[test]
    fn amounts_carry_units() {
        assert_eq!("1 ether".parse(), Ok(Wei(1_000_000_000_000_000_000)));
        assert_eq!("0.01 ether".parse(), Ok(Wei(10_000_000_000_000_000)));
        assert_eq!("30 gwei".parse(), Ok(Wei(30_000_000_000)));
        for text in [
            "1 ether",
            "0.01 ether",
            "30 gwei",
            "5 wei",
            "1.5 gwei",
            "0 wei",
            "123.000000000000000001 ether",
        ] {
            assert_eq!(text.parse::<Wei>().map(|wei| wei.to_string()), Ok(text.to_string()));
        }
        let malformed = "is not an amount: write a number and a unit, as in 1 ether, 0.01 ether, 30 gwei or 5 wei";
        for wrong in ["", "1", "ether", "1. ether", ".5 ether", "-1 ether", "1 eth", "1e3 wei"] {
            assert_eq!(wrong.parse::<Wei>(), Err(format!("`{wrong}` {malformed}")));
        }
        assert_eq!("0.5 wei".parse::<Wei>(), Err("`0.5 wei` is finer than a wei".into()));
    }
}
