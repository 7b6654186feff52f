// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Claim, Context, Narrowed, Opened, Position, VERDICT_CLAIM} from "../game/Types.sol";
import {ChunkZero} from "../tree/ChunkZero.sol";
import {Packed} from "../tree/Packed.sol";
import {VectorTree} from "../tree/VectorTree.sol";
import {IStage, IVectorStage} from "./IStage.sol";
import {Node} from "./Node.sol";
import {Record} from "./Record.sol";
import {OutputMismatch, ProgramMismatch} from "./StageErrors.sol";

/// @title The node stage: a part is one block of the output, the trace is the output's own tree
contract NodeStage is IVectorStage {
    /// The output has no bytes, or more than a slot.
    error OutputSize(uint256 size);
    /// The blocks are not of the size that the stage was opened with.
    error BlockMismatch(uint256 blockLog2, bytes32 absent);

    /// @inheritdoc IStage
    function kind() external pure returns (bytes32) {
        return "node";
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
        return Node.enter(header, request);
    }

    /// @inheritdoc IStage
    function open(Context calldata, Claim calldata claim, bytes calldata payload)
        external
        pure
        returns (Opened memory opened)
    {
        (bytes calldata record, bytes calldata rest) = Record.read(payload);
        bytes32[12] memory constants;
        (constants, rest) = Node.readConstants(record, rest);
        bytes32 subtree;
        (subtree, rest) = Packed.root(rest);
        Packed.finish(rest);
        bytes32 leaf = Node.leaf(Record.root(record), constants);
        if (leaf != claim.program) revert ProgramMismatch(claim.program, leaf);

        uint256 size = Record.outputBytes(record);
        if (size == 0 || size > (1 << 28)) revert OutputSize(size);
        uint256 blockLog2 = Record.blockLog2(record);
        uint256 count = (size + (1 << blockLog2) - 1) >> blockLog2;
        uint256 height = VectorTree.height(count);
        bytes32 proven = ChunkZero.fold(subtree, blockLog2 - 7 + height, 21);
        if (proven != claim.output) revert OutputMismatch(claim.output, proven);
        opened.anchor = subtree;
        opened.disputed = subtree;
        opened.count = uint64(count);
        opened.width = uint64(1 << height);
        opened.absent = ChunkZero.root(blockLog2 - 7);
    }

    /// @inheritdoc IVectorStage
    function narrow(Context calldata, Claim calldata claim, Position calldata position, bytes calldata payload)
        external
        pure
        returns (Narrowed memory narrowed)
    {
        (uint256 blockLog2, bytes calldata rest) = Packed.u8(payload);
        Packed.finish(rest);
        if (blockLog2 < 7 || blockLog2 > 28) revert Record.BlockOutOfRange(blockLog2);
        if (ChunkZero.root(blockLog2 - 7) != position.absent) revert BlockMismatch(blockLog2, position.absent);
        narrowed.verdict = VERDICT_CLAIM;
        narrowed.claim =
            Claim(Node.blockProgram(claim.program, blockLog2, position.lower), claim.inputs, position.disputed);
    }
}
