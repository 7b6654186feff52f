// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Claim, Context, MAX_STEPS, Opened} from "../game/Types.sol";
import {ChunkZero, EMPTY_SLOT} from "../tree/ChunkZero.sol";
import {ElidedPath} from "../tree/ElidedPath.sol";
import {Packed} from "../tree/Packed.sol";
import {Path} from "../tree/Path.sol";
import {IVm} from "../vms/IVm.sol";
import {Call, EntryMemory} from "./EntryMemory.sol";
import {IStage} from "./IStage.sol";
import {Node} from "./Node.sol";
import {Record} from "./Record.sol";
import {InputsMismatch, OutputMismatch, ProgramMismatch} from "./StageErrors.sol";

/// @title The instruction stage: a part is one step of the machine
contract InstructionStage is IStage {
    /// The claim is about neither a node nor a block.
    error UnknownClaimKind(uint256 kind);
    /// A slot has no block of this index.
    error BlockOutsideSlot(uint256 blockLog2, uint256 index);
    /// A packed graph runs whole; it has no blocks.
    error BlockOfWholeGraph();
    /// The block that the output starts as is not the input's.
    error InitialBlockMismatch(bytes32 input, bytes32 proven);
    /// The end state is not a halt with exit code 0.
    error EndNotHalted(bool exited, uint8 exitCode);
    /// The stated length is more than MAX_STEPS.
    error TooManySteps(uint256 arity, uint256 power);

    /// What `open` reads of a claim: a node's, or one block's of its output.
    struct Work {
        bool isBlock;
        uint256 blockIndex;
        /// Height of the claimed output's subtree: 21 for a whole slot.
        uint256 height;
        uint256 outputInitial;
        bytes32 recordRoot;
        Call call;
        bytes32[12] slots;
    }

    /// @inheritdoc IStage
    function kind() external pure returns (bytes32) {
        return "instruction";
    }

    /// @inheritdoc IStage
    function isMachine() external pure returns (bool) {
        return true;
    }

    /// @inheritdoc IStage
    function enter(bytes calldata header, bytes32[] calldata request)
        external
        pure
        returns (bytes32 program, bytes32 inputs)
    {
        return Node.enter(header, request);
    }

    /// @inheritdoc IStage
    function open(Context calldata context, Claim calldata claim, bytes calldata payload)
        external
        pure
        returns (Opened memory opened)
    {
        (Work memory work, bytes calldata rest) = readWork(claim, payload);

        uint256 stateLength;
        (stateLength, rest) = Packed.u16(rest);
        bytes calldata state;
        (state, rest) = Packed.take(rest, stateLength);
        (bool exited, uint8 exitCode, bytes32 endMemory) = IVm(context.vm).inspect(state);
        if (!exited || exitCode != 0) revert EndNotHalted(exited, exitCode);

        uint256 power;
        (power, rest) = Packed.u8(rest);
        bytes32[] memory path;
        (path, rest) = ElidedPath.read(rest, work.height, 25);
        bytes32 proven = Path.fold(claim.output, (3 << (21 - work.height)) + work.blockIndex, path);
        if (proven != endMemory) revert OutputMismatch(endMemory, proven);

        bytes32 output;
        (output, rest) = initialOutput(work, rest);
        Packed.finish(rest);

        bytes32 entry = EntryMemory.root(context.image, work.recordRoot, work.call, output, work.slots);
        opened.anchor = IVm(context.vm).entryRoot(entry);
        opened.disputed = keccak256(state);
        opened.count = steps(context.arity, power);
        opened.width = opened.count;
    }

    /// @dev Reads kind, record and input roots off the front of `payload` and checks them against the claim.
    function readWork(Claim calldata claim, bytes calldata payload)
        private
        pure
        returns (Work memory work, bytes calldata rest)
    {
        uint256 claimKind;
        (claimKind, rest) = Packed.u8(payload);
        if (claimKind > 1) revert UnknownClaimKind(claimKind);
        work.isBlock = claimKind == 1;
        if (work.isBlock) (work.blockIndex, rest) = Packed.u32(rest);
        bytes calldata record;
        (record, rest) = Record.read(rest);

        bytes32[12] memory constants;
        work.slots = Node.emptySlots();
        work.call.inputCount = Record.inputCount(record);
        for (uint256 input; input < work.call.inputCount; ++input) {
            (work.slots[input], rest) = Packed.root(rest);
            if (Record.source(record, input) == Record.SOURCE_CONSTANT) constants[input] = work.slots[input];
        }
        bytes32 inputs = Node.inputs(work.slots);
        if (inputs != claim.inputs) revert InputsMismatch(claim.inputs, inputs);

        work.recordRoot = Record.root(record);
        bytes32 program = Node.leaf(work.recordRoot, constants);
        work.height = 21;
        if (work.isBlock) {
            uint256 blockLog2 = Record.blockLog2(record);
            if (work.blockIndex >> (28 - blockLog2) != 0) revert BlockOutsideSlot(blockLog2, work.blockIndex);
            work.height = blockLog2 - 7;
            program = Node.blockProgram(program, blockLog2, work.blockIndex);
        }
        if (program != claim.program) revert ProgramMismatch(claim.program, program);

        work.outputInitial = Record.outputInitial(record);
        work.call.outputBytes = Record.outputBytes(record);
        work.call.blockIndex = work.blockIndex;
        work.call.mode = work.isBlock ? EntryMemory.MODE_BLOCK : EntryMemory.MODE_NODE;
        if (Record.tag(record) == Record.TAG_WHOLE_GRAPH) {
            if (work.isBlock) revert BlockOfWholeGraph();
            work.call.mode = EntryMemory.MODE_GRAPH;
        }
    }

    /// @dev What slot 3 starts as: nothing, an input, or one block of an input (its root and path are in `payload`).
    function initialOutput(Work memory work, bytes calldata payload)
        private
        pure
        returns (bytes32 output, bytes calldata rest)
    {
        rest = payload;
        if (work.outputInitial == 0) return (EMPTY_SLOT, rest);
        bytes32 input = work.slots[work.outputInitial - 1];
        if (!work.isBlock) return (input, rest);
        bytes32 part;
        (part, rest) = Packed.root(rest);
        bytes32[] memory path;
        (path, rest) = ElidedPath.read(rest, work.height, 21);
        bytes32 proven = Path.fold(part, work.blockIndex, path);
        if (proven != input) revert InitialBlockMismatch(input, proven);
        output = ChunkZero.place(part, work.blockIndex, work.height, 21);
    }

    /// @dev arity^power, at most MAX_STEPS.
    function steps(uint256 arity, uint256 power) private pure returns (uint64) {
        uint256 count = 1;
        for (uint256 done; done < power; ++done) {
            count *= arity;
            if (count > MAX_STEPS || arity < 2) revert TooManySteps(arity, power);
        }
        return uint64(count);
    }
}
