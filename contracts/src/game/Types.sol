// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// keccak256(abi.encode(Position)): what a game stores. NO_POSITION of one that is over, or was never there.
type PositionHash is bytes32;

using {samePosition as ==, anotherPosition as !=} for PositionHash global;

PositionHash constant NO_POSITION = PositionHash.wrap(0);

function samePosition(PositionHash one, PositionHash other) pure returns (bool) {
    return PositionHash.unwrap(one) == PositionHash.unwrap(other);
}

function anotherPosition(PositionHash one, PositionHash other) pure returns (bool) {
    return PositionHash.unwrap(one) != PositionHash.unwrap(other);
}

/// `output = program(inputs)`, as three roots. Claim hash: keccak256 of the three words.
struct Claim {
    bytes32 program;
    bytes32 inputs;
    bytes32 output;
}

/// What is in dispute now; a game stores only keccak256(abi.encode(Position)) (specs/game.md).
struct Position {
    /// Index in the pipeline.
    uint8 stage;
    /// 1 open, 2 reveal, 3 reject, 4 narrow.
    uint8 phase;
    /// First part of the disputed subtree, or the agreed step.
    uint64 lower;
    /// Parts below the disputed subtree, or steps to the disputed step.
    uint64 width;
    /// Real parts, or steps, in all.
    uint64 count;
    /// Claim hash.
    bytes32 claim;
    /// Trace root, or the agreed state root.
    bytes32 anchor;
    /// Root of the disputed subtree, or the disputed state root.
    bytes32 disputed;
    /// The root that stands for an absent part.
    bytes32 absent;
    /// keccak256 of the revealed roots in phase 3, else 0.
    bytes32 children;
}

/// What a last position, the one before the machine's step, says that nothing else tells: its phase and width are always the
/// same, its stage is the machine's, and its anchor the state that the witness begins with.
struct LastPosition {
    uint64 lower;
    uint64 count;
    bytes32 claim;
    bytes32 disputed;
}

/// What a stage's `open` establishes.
struct Opened {
    bytes32 anchor;
    bytes32 disputed;
    uint64 count;
    uint64 width;
    bytes32 absent;
}

/// What a game tells its stages beside the claim.
struct Context {
    /// k, a power of two from 2 to 256.
    uint16 arity;
    /// The machine of the pipeline's last stage.
    address vm;
    /// Root of slot 0, the guest image.
    bytes32 image;
}

/// What a stage's `narrow` decides.
struct Narrowed {
    /// One of the VERDICT constants.
    uint8 verdict;
    /// The part's claim when the verdict is VERDICT_CLAIM, else zero.
    Claim claim;
}

/// @dev The part is again a claim, for the next stage.
uint8 constant VERDICT_CLAIM = 0;
/// @dev The disputed part is right: the defender wins.
uint8 constant VERDICT_DEFENDER = 1;
/// @dev The disputed part is wrong: the challenger wins.
uint8 constant VERDICT_CHALLENGER = 2;

/// @dev The most steps that a machine stage may state.
uint64 constant MAX_STEPS = 2 ** 40;
