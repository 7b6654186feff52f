use opml_engine::Winner;
use opml_player::{Observer, PlayerEvent, Resolution, Role};

use super::dispute::PositionReport;
use super::{DisputeReport, MoveReport, Transaction, TransactionReport, Transcript, to_hex};

/// Keeps of a play what the report needs, and passes everything on.
pub(crate) struct Recorder<O> {
    /// Who watches as well.
    pub(crate) next: O,
    /// The model's id.
    pub(crate) model: String,
    /// Every transaction.
    pub(crate) transactions: Vec<TransactionReport>,
    /// Every transaction, whole.
    pub(crate) transcript: Transcript,
    /// Wei for gas, by role.
    pub(crate) gas_costs: Vec<(Role, u128)>,
    /// Bytes hashed so far when the challenge was made, and when the game was over.
    hashed: [Option<u64>; 2],
    moves: Vec<MoveReport>,
    challenge_gas: u64,
    resolution: Option<Resolution>,
    last_stage: &'static str,
}

impl<O> Recorder<O> {
    /// A recorder of a play whose last stage is of this kind.
    pub(crate) fn new(next: O, last_stage: &'static str) -> Self {
        Recorder {
            next,
            model: String::new(),
            transactions: Vec::new(),
            transcript: Transcript::default(),
            gas_costs: Vec::new(),
            hashed: [None; 2],
            moves: Vec::new(),
            challenge_gas: 0,
            resolution: None,
            last_stage,
        }
    }

    /// The game, if there was one.
    pub(crate) fn dispute(&self) -> Option<DisputeReport> {
        let resolution = self.resolution?;
        let verdict = match resolution.winner {
            Some(Winner::Defender) => "defender",
            Some(Winner::Challenger) => "challenger",
            None => "closed",
        };
        Some(DisputeReport::new(
            verdict,
            resolution.by_timeout,
            self.moves.clone(),
            self.challenge_gas,
        ))
    }

    /// Bytes that were hashed from the challenge to the verdict, outside the machine.
    pub(crate) fn dispute_bytes(&self) -> u64 {
        match self.hashed {
            [Some(before), Some(after)] => after.saturating_sub(before),
            _ => 0,
        }
    }

    /// Wei that a role paid for gas.
    pub(crate) fn gas_cost(&self, role: Role) -> u128 {
        self.gas_costs
            .iter()
            .filter(|(by, _)| *by == role)
            .map(|(_, cost)| cost)
            .sum()
    }
}

impl<O: Observer> Observer for Recorder<O> {
    fn saw(&mut self, event: &PlayerEvent) {
        match event {
            PlayerEvent::Registered { model, data } => {
                self.model = model.to_string();
                self.transcript.registration = to_hex(data);
            }
            PlayerEvent::Sent {
                by,
                account,
                action,
                gas,
                calldata_bytes,
                data,
                value,
                gas_cost,
                block,
                timestamp,
                ..
            } => {
                self.transcript.transactions.push(Transaction {
                    by: by.name().into(),
                    sender: account.to_string(),
                    action: (*action).into(),
                    value: value.to_string(),
                    data: to_hex(data),
                    timestamp: *timestamp,
                    gas: *gas,
                });
                self.gas_costs.push((*by, *gas_cost));
                if *action == "challenge" {
                    self.challenge_gas = *gas;
                }
                let (gas, calldata_bytes, block) = (*gas, *calldata_bytes, *block);
                self.transactions.push(TransactionReport {
                    action,
                    by: by.name(),
                    gas,
                    calldata_bytes,
                    block,
                });
            }
            PlayerEvent::Moved {
                stage,
                kind,
                by,
                position,
                gas,
                calldata_bytes,
                seconds,
                ..
            } => {
                let kind = if *kind == "narrow" && *stage == self.last_stage {
                    "step"
                } else {
                    kind
                };
                self.moves.push(MoveReport {
                    stage,
                    kind,
                    by: by.name(),
                    position: PositionReport {
                        lower: position.lower,
                        width: position.width,
                        count: position.count,
                        disputed: position.disputed.to_string(),
                    },
                    gas: *gas,
                    bytes: *calldata_bytes,
                    seconds: *seconds,
                    transaction: self.transactions.len().saturating_sub(1),
                });
            }
            PlayerEvent::Challenged { .. } => self.hashed[0] = Some(opml_commit::hashed_bytes()),
            PlayerEvent::Resolved { resolution, .. } => {
                self.hashed[1] = Some(opml_commit::hashed_bytes());
                self.resolution = Some(*resolution);
            }
            _ => {}
        }
        self.next.saw(event);
    }
}
