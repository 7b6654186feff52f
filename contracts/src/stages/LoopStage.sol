// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Claim, Context, Narrowed, Opened, Position, VERDICT_CLAIM} from "../game/Types.sol";
import {Packed} from "../tree/Packed.sol";
import {Path} from "../tree/Path.sol";
import {VectorTree} from "../tree/VectorTree.sol";
import {EntryRule} from "./EntryRule.sol";
import {IStage, IVectorStage} from "./IStage.sol";
import {Loop, LoopHeader} from "./LoopHeader.sol";
import {Node} from "./Node.sol";
import {NodeInputs} from "./NodeInputs.sol";
import {Record} from "./Record.sol";
import {InputsMismatch, OutputMismatch, ProgramMismatch} from "./StageErrors.sol";

/// @title The loop stage: a part is a pass, the trace is the vector of carries
contract LoopStage is IVectorStage {
    /// A nested loop puts out its whole carry; a task has one output.
    error NoSingleOutput();
    /// The carried values are not those after the pass before.
    error CarryMismatch(bytes32 trace, bytes32 proven);
    /// What the pass is fed is not in the feed at its place.
    error FeedMismatch(bytes32 feed, bytes32 proven);
    /// The record is not the body's.
    error BodyMismatch(bytes32 body, bytes32 given);

    /// @inheritdoc IStage
    function kind() external pure returns (bytes32) {
        return "loop";
    }

    /// @inheritdoc IStage
    function isMachine() external pure returns (bool) {
        return false;
    }

    /// @inheritdoc IStage
    function enter(bytes calldata header, bytes32[] calldata request)
        external
        pure
        returns (bytes32 program, bytes32 inputs)
    {
        (Loop memory loop, bytes calldata bodies, bytes calldata rule) = LoopHeader.read(header);
        if (loop.output == 0) revert NoSingleOutput();
        program = loop.program;
        inputs = EntryRule.enter(loop, bodies, rule, request);
    }

    /// @inheritdoc IStage
    function open(Context calldata, Claim calldata claim, bytes calldata payload)
        external
        pure
        returns (Opened memory opened)
    {
        (Loop memory loop,, bytes calldata rest) = LoopHeader.read(payload);
        if (loop.program != claim.program) revert ProgramMismatch(claim.program, loop.program);
        (opened.anchor, rest) = Packed.root(rest);
        bytes32 last = claim.output;
        bytes32[] memory path;
        if (loop.output != 0) {
            (path, rest) = Path.read(rest, VectorTree.height(loop.carryCount));
            last = Path.fold(last, loop.output - 1, path);
        }
        uint256 height = VectorTree.height(loop.passes);
        (path, rest) = Path.read(rest, height);
        Packed.finish(rest);
        bytes32 proven = Path.fold(last, loop.passes - 1, path);
        if (proven != opened.anchor) revert OutputMismatch(opened.anchor, proven);
        opened.disputed = opened.anchor;
        opened.count = uint64(loop.passes);
        opened.width = uint64(1 << height);
    }

    /// @inheritdoc IVectorStage
    function narrow(Context calldata, Claim calldata claim, Position calldata position, bytes calldata payload)
        external
        pure
        returns (Narrowed memory narrowed)
    {
        (Loop memory loop, bytes calldata bodies, bytes calldata rest) = LoopHeader.read(payload);
        if (loop.program != claim.program) revert ProgramMismatch(claim.program, loop.program);
        (uint256 bodyKind, bytes32 body) = LoopHeader.bodyOf(loop, bodies, position.lower);

        bytes32 carry;
        bytes32 feeds;
        (carry, rest) = Packed.root(rest);
        (feeds, rest) = Packed.root(rest);
        bytes32 inputs = VectorTree.pair(carry, feeds);
        if (inputs != claim.inputs) revert InputsMismatch(claim.inputs, inputs);

        uint256 height = VectorTree.height(loop.passes);
        bytes32 proven;
        if (position.lower != 0) {
            (carry, proven, rest) = leaf(rest, position.lower - 1, height);
            if (proven != position.anchor) revert CarryMismatch(position.anchor, proven);
        }
        bytes32 feed;
        if (feeds != 0) {
            (feed, proven, rest) = leaf(rest, position.lower, height);
            if (proven != feeds) revert FeedMismatch(feeds, proven);
        }
        if (bodyKind == LoopHeader.KIND_NODE) {
            (inputs, rest) = nodeInputs(body, carry, feed, rest);
        } else {
            inputs = VectorTree.pair(carry, feed);
        }
        Packed.finish(rest);
        narrowed.verdict = VERDICT_CLAIM;
        narrowed.claim = Claim(body, inputs, position.disputed);
    }

    /// @dev Takes leaf `index` of a vector and its path off the front of `payload`; `proven` is the root that they lead to.
    function leaf(bytes calldata payload, uint256 index, uint256 height)
        private
        pure
        returns (bytes32 node, bytes32 proven, bytes calldata rest)
    {
        (node, rest) = Packed.root(payload);
        bytes32[] memory path;
        (path, rest) = Path.read(rest, height);
        proven = Path.fold(node, index, path);
    }

    /// @dev The inputs of the claim of a body that is a node: its slots, by the record at the front of `payload`.
    function nodeInputs(bytes32 body, bytes32 carry, bytes32 feed, bytes calldata payload)
        private
        pure
        returns (bytes32 inputs, bytes calldata rest)
    {
        bytes calldata record;
        (record, rest) = Record.read(payload);
        bytes32[12] memory constants;
        (constants, rest) = Node.readConstants(record, rest);
        bytes32 given = Node.leaf(Record.root(record), constants);
        if (given != body) revert BodyMismatch(body, given);
        bytes32[12] memory slots;
        (slots, rest) = NodeInputs.read(record, constants, 0, rest);
        uint256 count = Record.inputCount(record);
        uint256 fed;
        for (uint256 input; input < count; ++input) {
            if (Record.source(record, input) != Record.SOURCE_FEED) continue;
            uint256 index = Record.index(record, input);
            if (index >= fed) fed = index + 1;
        }
        rest = NodeInputs.check(record, slots, Record.SOURCE_CARRY, type(uint256).max, 1, carry, rest);
        rest = NodeInputs.check(record, slots, Record.SOURCE_FEED, type(uint256).max, fed, feed, rest);
        inputs = Node.inputs(slots);
    }
}
