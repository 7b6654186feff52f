use anstyle::{AnsiColor, Style};
use opml_engine::Winner;
use opml_player::{Observer, PlayerEvent, Role};

use super::{count, short};
use crate::workload::Bodies;

/// Tells a play round by round on standard output.
pub(crate) struct Narrator {
    /// Whether anything is told.
    pub(crate) quiet: bool,
    /// The graphs, for the names of nodes.
    pub(crate) bodies: Bodies,
    /// The pass of the innermost loop that is disputed.
    pub(crate) pass: u64,
    /// Kind of the last stage, whose narrowing is the contract's step.
    pub(crate) last_stage: &'static str,
}

/// Something wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Something right.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Something less important.
pub(crate) const DIM: Style = Style::new().dimmed();
/// A heading.
pub(crate) const HEAD: Style = Style::new().bold();

impl Narrator {
    fn line(&self, label: &str, by: &str, what: String, gas: u64, bytes: u64) {
        let cost = if gas == 0 {
            "in the same transaction".into()
        } else {
            format!("{} gas, {} B", count(gas), count(bytes))
        };
        anstream::println!("    {label:<9} {by:<10} {what:<52} {DIM}{cost:>24}{DIM:#}");
    }

    fn part(&self, stage: &str, index: u64) -> String {
        let node = usize::try_from(index)
            .ok()
            .filter(|_| stage == "graph")
            .and_then(|index| self.bodies.graph(self.pass).nodes.get(index));
        match (stage, node) {
            ("graph", Some(node)) => format!("node {index} `{}`", node.name),
            ("graph", None) => format!("node {index}"),
            ("loop", _) => format!("pass {index}"),
            ("node", _) => format!("block {index}"),
            _ => format!("step {}", count(index)),
        }
    }
}

impl Observer for Narrator {
    fn saw(&mut self, event: &PlayerEvent) {
        if self.quiet {
            return;
        }
        match event {
            PlayerEvent::Sent {
                by,
                action,
                gas,
                calldata_bytes,
                ..
            } => {
                if matches!(
                    *action,
                    "request" | "propose" | "challenge" | "finalise" | "refund" | "withdraw"
                ) {
                    let what = match *action {
                        "request" => "asks for the result and pays the fee",
                        "propose" => "posts the result with a bond",
                        "challenge" => "computed another output, and stakes a bond on it",
                        "finalise" => "the window is over: the result is final",
                        "refund" => "no result stands at the deadline: the fee goes back",
                        _ => "draws what it is owed",
                    };
                    self.line(action, by.name(), what.into(), *gas, *calldata_bytes);
                }
            }
            PlayerEvent::Moved {
                stage,
                kind,
                by,
                position,
                gas,
                calldata_bytes,
                ..
            } => {
                let (first, last) = (position.lower, position.lower + position.width.saturating_sub(1));
                let last = last.min(position.count.saturating_sub(1)).max(first);
                let what = match *kind {
                    "open" => {
                        anstream::println!("  {HEAD}{stage}{HEAD:#}");
                        "says what all its work was, and proves both ends".to_string()
                    }
                    "reveal" if *stage == self.last_stage => format!(
                        "shows states within steps {} … {}",
                        count(first),
                        count(position.lower + position.width)
                    ),
                    "reveal" => format!("shows {} … {}", self.part(stage, first), self.part(stage, last)),
                    "reject" => "names the first one that it computed otherwise".into(),
                    "narrow" if *stage == self.last_stage => {
                        format!("the contract executes {}", self.part(stage, first))
                    }
                    "narrow" => {
                        if *stage == "loop" {
                            self.pass = first;
                        }
                        format!("what is disputed is {}", self.part(stage, first))
                    }
                    other => format!("{other}: the other side's clock has run out"),
                };
                let label = if *kind == "narrow" && *stage == self.last_stage {
                    "step"
                } else {
                    kind
                };
                self.line(label, by.name(), what, *gas, *calldata_bytes);
            }
            PlayerEvent::Challenged { game, claim } => {
                anstream::println!("    {DIM}game {}, claim {}{DIM:#}", short(game), short(&claim.hash()));
            }
            PlayerEvent::Stuck { by, reason } => {
                anstream::println!("    {BAD}{}{BAD:#} has no answer: {reason}", by.name())
            }
            PlayerEvent::Resolved { resolution, .. } => {
                let (winner, loser) = match resolution.winner {
                    Some(Winner::Defender) => (Role::Proposer.name(), Role::Challenger.name()),
                    Some(Winner::Challenger) => (Role::Challenger.name(), Role::Proposer.name()),
                    None => return anstream::println!("  the game is closed"),
                };
                let how = if resolution.by_timeout {
                    "by the clock"
                } else {
                    "by execution"
                };
                anstream::println!(
                    "  verdict: the {GOOD}{winner}{GOOD:#} is right, the {BAD}{loser}{BAD:#} loses its bond ({how})"
                );
            }
            _ => {}
        }
    }
}
