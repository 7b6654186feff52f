/// What an owner tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strategy {
    /// Posts the true result and defends it.
    HonestServer,
    /// Recomputes every result and disputes the false ones.
    HonestVerifier,
    /// Posts a false result and plays every move.
    Liar,
    /// Posts a false result and stops answering at some move.
    StallingLiar,
    /// Posts a false result, and disputes it from another account to win its bond back.
    SelfChallenger,
    /// Disputes a true result and plays every move.
    FalseChallenger,
    /// Disputes a true result and stops answering at some move.
    StallingChallenger,
    /// Disputes a true result from many accounts at the same time.
    Spammer,
    /// Posts what somebody else has posted, without computing anything.
    Freeloader,
}

impl Strategy {
    /// Every strategy.
    pub const ALL: [Strategy; 9] = [
        Strategy::HonestServer,
        Strategy::HonestVerifier,
        Strategy::Liar,
        Strategy::StallingLiar,
        Strategy::SelfChallenger,
        Strategy::FalseChallenger,
        Strategy::StallingChallenger,
        Strategy::Spammer,
        Strategy::Freeloader,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Strategy::HonestServer => "honest server",
            Strategy::HonestVerifier => "honest verifier",
            Strategy::Liar => "liar",
            Strategy::StallingLiar => "stalling liar",
            Strategy::SelfChallenger => "self-challenger",
            Strategy::FalseChallenger => "false challenger",
            Strategy::StallingChallenger => "stalling challenger",
            Strategy::Spammer => "spammer of challenges",
            Strategy::Freeloader => "freeloader",
        }
    }

    /// Whether it keeps to the protocol.
    pub fn is_honest(self) -> bool {
        matches!(self, Strategy::HonestServer | Strategy::HonestVerifier)
    }
}
