// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {
    Claim,
    Context,
    Narrowed,
    Opened,
    Position,
    VERDICT_CHALLENGER,
    VERDICT_CLAIM,
    VERDICT_DEFENDER
} from "../game/Types.sol";
import {Packed} from "../tree/Packed.sol";
import {Path} from "../tree/Path.sol";
import {VectorTree} from "../tree/VectorTree.sol";
import {Graph, GraphHeader} from "./GraphHeader.sol";
import {IStage, IVectorStage} from "./IStage.sol";
import {Node} from "./Node.sol";
import {NodeInputs} from "./NodeInputs.sol";
import {Record} from "./Record.sol";
import {InputsMismatch, OutputMismatch, ProgramMismatch} from "./StageErrors.sol";

/// @title The graph stage: a part is a node, the trace is the vector of locals
contract GraphStage is IVectorStage {
    /// A graph that takes carried values cannot be entered by a request.
    error CarryAtEntry(uint256 count);
    /// The request has another number of values than the graph is fed.
    error RequestSize(uint256 expected, uint256 given);
    /// A task has one output; the graph has a block of 2^outputHeight.
    error SeveralOutputs(uint256 outputHeight);
    /// The graph has no nodes.
    error EmptyGraph();
    /// The header names outputs that the trace does not have.
    error OutputOutsideTrace(uint256 outputHeight, uint256 outputIndex, uint256 traceHeight);
    /// The payload is for neither a node nor a gap.
    error UnknownNodeKind(uint256 kind);
    /// The node is not the table's at this place.
    error NodeTableMismatch(bytes32 table, bytes32 proven);

    /// @inheritdoc IStage
    function kind() external pure returns (bytes32) {
        return "graph";
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
        (Graph memory graph, bytes calldata rest) = GraphHeader.read(header);
        Packed.finish(rest);
        if (graph.carryCount != 0) revert CarryAtEntry(graph.carryCount);
        if (graph.feedCount != request.length) revert RequestSize(graph.feedCount, request.length);
        if (graph.outputHeight != 0) revert SeveralOutputs(graph.outputHeight);
        program = graph.program;
        inputs = VectorTree.pair(bytes32(0), VectorTree.root(request));
    }

    /// @inheritdoc IStage
    function open(Context calldata, Claim calldata claim, bytes calldata payload)
        external
        pure
        returns (Opened memory opened)
    {
        (Graph memory graph, bytes calldata rest) = GraphHeader.read(payload);
        if (graph.program != claim.program) revert ProgramMismatch(claim.program, graph.program);
        if (graph.nodeCount == 0) revert EmptyGraph();
        uint256 height = VectorTree.height(graph.nodeCount);
        if (graph.outputHeight > height || graph.outputIndex >> (height - graph.outputHeight) != 0) {
            revert OutputOutsideTrace(graph.outputHeight, graph.outputIndex, height);
        }
        (opened.anchor, rest) = Packed.root(rest);
        bytes32[] memory path;
        (path, rest) = Path.read(rest, height - graph.outputHeight);
        Packed.finish(rest);
        bytes32 proven = Path.fold(claim.output, graph.outputIndex, path);
        if (proven != opened.anchor) revert OutputMismatch(opened.anchor, proven);
        opened.disputed = opened.anchor;
        opened.count = uint64(graph.nodeCount);
        opened.width = uint64(1 << height);
    }

    /// @inheritdoc IVectorStage
    function narrow(Context calldata, Claim calldata claim, Position calldata position, bytes calldata payload)
        external
        pure
        returns (Narrowed memory narrowed)
    {
        (Graph memory graph, bytes calldata rest) = GraphHeader.read(payload);
        if (graph.program != claim.program) revert ProgramMismatch(claim.program, graph.program);
        uint256 nodeKind;
        (nodeKind, rest) = Packed.u8(rest);
        bytes32[] memory path;
        (path, rest) = Path.read(rest, VectorTree.height(graph.nodeCount));
        if (nodeKind == 0) {
            Packed.finish(rest);
            checkTable(graph, bytes32(0), position.lower, path);
            narrowed.verdict = verdict(position.disputed == 0);
        } else if (nodeKind == 1) {
            narrowed = narrowNode(graph, claim, position, path, rest);
        } else {
            revert UnknownNodeKind(nodeKind);
        }
    }

    function narrowNode(
        Graph memory graph,
        Claim calldata claim,
        Position calldata position,
        bytes32[] memory path,
        bytes calldata rest
    ) private pure returns (Narrowed memory narrowed) {
        bytes calldata record;
        (record, rest) = Record.read(rest);
        bytes32[12] memory constants;
        (constants, rest) = Node.readConstants(record, rest);
        bytes32 leaf = Node.leaf(Record.root(record), constants);
        checkTable(graph, leaf, position.lower, path);

        bytes32 carry;
        bytes32 feed;
        (carry, rest) = Packed.root(rest);
        (feed, rest) = Packed.root(rest);
        bytes32 inputs = VectorTree.pair(carry, feed);
        if (inputs != claim.inputs) revert InputsMismatch(claim.inputs, inputs);

        bytes32[12] memory slots;
        (slots, rest) = NodeInputs.read(record, constants, position.lower, rest);
        rest = NodeInputs.check(record, slots, Record.SOURCE_CARRY, type(uint256).max, graph.carryCount, carry, rest);
        rest = NodeInputs.check(record, slots, Record.SOURCE_FEED, type(uint256).max, graph.feedCount, feed, rest);
        rest = NodeInputs.check(
            record, slots, Record.SOURCE_LOCAL, position.lower, graph.nodeCount, position.anchor, rest
        );
        Packed.finish(rest);

        if (Record.tag(record) == Record.TAG_ALIAS) {
            narrowed.verdict = verdict(position.disputed == slots[0]);
        } else {
            narrowed.verdict = VERDICT_CLAIM;
            narrowed.claim = Claim(leaf, Node.inputs(slots), position.disputed);
        }
    }

    function checkTable(Graph memory graph, bytes32 leaf, uint256 part, bytes32[] memory path) private pure {
        bytes32 proven = Path.fold(leaf, part, path);
        if (proven != graph.nodeTable) revert NodeTableMismatch(graph.nodeTable, proven);
    }

    function verdict(bool right) private pure returns (uint8) {
        return right ? VERDICT_DEFENDER : VERDICT_CHALLENGER;
    }
}
