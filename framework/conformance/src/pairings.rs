use bytes::Bytes;
use opml_engine::{
    Choice, Claim, Fault, Game, MemoryStore, Party, Rehearsal, StageError, StageRules, Stuck, Winner, evaluate_lie,
    rehearse,
};
use opml_stages::Pipeline;
use std::sync::Arc;

/// What a game is played over: a pipeline and a request.
pub struct Pairing<'a> {
    /// The pipeline.
    pub pipeline: &'a Pipeline,
    /// The rules; those of the pipeline, or wrapped ones.
    pub rules: Vec<Arc<dyn StageRules>>,
    /// The request's values.
    pub values: &'a [Bytes],
    /// The game's arity.
    pub arity: u64,
}

impl<'a> Pairing<'a> {
    /// Under the pipeline's own rules.
    pub fn new(pipeline: &'a Pipeline, values: &'a [Bytes], arity: u64) -> Pairing<'a> {
        Pairing {
            pipeline,
            rules: pipeline.rules.clone(),
            values,
            arity,
        }
    }

    /// A store with nothing but the request in it, and the claim's inputs.
    fn side(&self) -> (MemoryStore, opml_commit::Root) {
        let store = MemoryStore::default();
        let inputs = self.pipeline.entry.request(self.values, &store);
        (store, inputs.expect("the request fits the model"))
    }

    fn play(&self, output: opml_commit::Root, defender: Side, challenger: Side) -> Rehearsal {
        let claim = Claim {
            program: self.pipeline.entry.program(),
            inputs: defender.inputs,
            output,
        };
        let game = Game::new(&claim, self.arity, self.rules.clone()).expect("a pipeline and an arity");
        let party = |side: &Side| -> (Option<Fault>, Choice) { (side.fault.clone(), side.choice.clone()) };
        let sides = [&defender, &challenger].map(|side| {
            let (fault, choice) = party(side);
            Party {
                stages: &self.pipeline.stages,
                store: &side.store,
                fault,
                choice,
            }
        });
        rehearse(game, claim, &sides[0], &sides[1])
    }
}

struct Side {
    store: MemoryStore,
    inputs: opml_commit::Root,
    fault: Option<Fault>,
    choice: Choice,
}

impl Side {
    fn new(pairing: &Pairing<'_>, fault: Option<Fault>, choice: Choice) -> Side {
        let (store, inputs) = pairing.side();
        Side {
            store,
            inputs,
            fault,
            choice,
        }
    }
}

/// A lying defender against an honest challenger: he wins, by the last step and not by her clock. The error is that of a lie
/// which gives no false output to claim.
pub fn defender_lies(pairing: &Pairing<'_>, fault: &Fault) -> Result<Rehearsal, StageError> {
    let defender = Side::new(pairing, Some(fault.clone()), Choice::Compare);
    let challenger = Side::new(pairing, None, Choice::Compare);
    let first = pairing.pipeline.stages[0].as_ref();
    let program = pairing.pipeline.entry.program();
    let output = evaluate_lie(first, &program, &defender.inputs, &defender.store, fault)?;
    let played = pairing.play(output, defender, challenger);
    assert_eq!(played.winner, Winner::Challenger, "{fault:?}: {played:?}");
    assert!(
        played.stuck.is_none(),
        "a liar can play to the last step; {fault:?}: {played:?}"
    );
    Ok(played)
}

/// An honest defender against a lying challenger: she wins, and is never without a move.
pub fn challenger_lies(pairing: &Pairing<'_>, fault: Option<Fault>, choice: Choice) -> Rehearsal {
    let defender = Side::new(pairing, None, Choice::Compare);
    let challenger = Side::new(pairing, fault, choice);
    let first = pairing.pipeline.stages[0].as_ref();
    let program = pairing.pipeline.entry.program();
    let output = first.evaluate(&program, &defender.inputs, &defender.store, None);
    let output = output.expect("honest work succeeds");
    let played = pairing.play(output, defender, challenger);
    assert_eq!(played.winner, Winner::Defender, "{played:?}");
    let by_the_challenger = |stuck: &Stuck| matches!(stuck, Stuck::Move(_) | Stuck::Stage(StageError::Fault { .. }));
    assert!(
        played.stuck.as_ref().is_none_or(by_the_challenger),
        "nobody lacks what it needs: {played:?}"
    );
    played
}
