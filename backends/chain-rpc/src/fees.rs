/// Wei that a unit of gas may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fees {
    /// In all.
    pub(crate) most: u128,
    /// For the block's maker.
    pub(crate) tip: u128,
}

impl Fees {
    /// For a transaction that may wait for several blocks: the base fee may double.
    pub(crate) fn patient(base: u128, tip: u128) -> Fees {
        Fees {
            most: base.saturating_mul(2).saturating_add(tip),
            tip,
        }
    }

    /// For an account with little: the base fee may rise by one block's worth, an eighth.
    pub(crate) fn thrifty(base: u128, tip: u128) -> Fees {
        Fees {
            most: base.saturating_add(base / 8).saturating_add(tip),
            tip,
        }
    }

    /// What replaces a transaction of these fees: nodes ask for a tenth more of both; this is an eighth more, and enough for
    /// the present base fee.
    pub(crate) fn bumped(self, base: u128) -> Fees {
        let more = |wei: u128| wei.saturating_add(wei / 8).saturating_add(1);
        let tip = more(self.tip);
        Fees {
            most: more(self.most).max(Fees::thrifty(base, tip).most),
            tip,
        }
    }

    /// Not above this.
    pub(crate) fn capped(self, most: u128) -> Fees {
        Fees {
            most: self.most.min(most),
            tip: self.tip.min(most),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Fees;

    #[test]
    fn a_replacement_pays_at_least_a_tenth_more_of_both() {
        for fees in [
            Fees { most: 0, tip: 0 },
            Fees { most: 9, tip: 1 },
            Fees::patient(30, 2),
            Fees::thrifty(1_000_000_000, 1),
        ] {
            let bumped = fees.bumped(7);
            assert!(10 * bumped.most >= 11 * fees.most && bumped.most > fees.most);
            assert!(10 * bumped.tip >= 11 * fees.tip && bumped.tip > fees.tip);
        }
    }

    #[test]
    fn a_replacement_can_pay_the_present_base_fee() {
        let bumped = Fees { most: 10, tip: 1 }.bumped(1_000);
        assert!(bumped.most >= 1_000 + bumped.tip);
    }

    #[test]
    fn no_fee_is_above_the_cap() {
        let capped = Fees::patient(1 << 100, 1 << 100).capped(500);
        assert_eq!(capped, Fees { most: 500, tip: 500 });
    }
}
