// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {EMPTY_SLOT} from "../tree/ChunkZero.sol";
import {Packed} from "../tree/Packed.sol";
import {Record} from "./Record.sol";

/// @title Node and block claims: programs and inputs (specs/programs.md)
library Node {
    /// The input comes from no source that there is.
    error UnknownSource(uint256 input, uint256 source);
    /// A node that is entered by a request reads only it and constants.
    error SourceOutsideRequest(uint256 input, uint256 source);
    /// The request has another number of values than the record reads.
    error RequestSize(uint256 expected, uint256 given);

    /// @dev Node leaf: record root and twelve constant roots, absent ones the zero word.
    function leaf(bytes32 recordRoot, bytes32[12] memory constants) internal pure returns (bytes32 program) {
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, recordRoot)
            mcopy(add(words, 0x20), constants, 0x180)
            program := keccak256(words, 0x1a0)
        }
    }

    /// @dev The program of one block of a node's output.
    function blockProgram(bytes32 nodeLeaf, uint256 blockLog2, uint256 index) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes32("opml.block"), nodeLeaf, uint32(blockLog2), uint32(index)));
    }

    /// @dev The inputs of a node claim: the roots of slots 4 … 15.
    function inputs(bytes32[12] memory slots) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(slots, 0x180)
        }
    }

    /// @dev Twelve slots without bytes.
    function emptySlots() internal pure returns (bytes32[12] memory slots) {
        unchecked {
            for (uint256 slot; slot < 12; ++slot) slots[slot] = EMPTY_SLOT;
        }
    }

    /// @dev Takes the roots of the record's constants, in slot order, off the front of `payload`.
    function readConstants(bytes calldata record, bytes calldata payload)
        internal
        pure
        returns (bytes32[12] memory constants, bytes calldata rest)
    {
        unchecked {
            rest = payload;
            uint256 count = Record.inputCount(record);
            for (uint256 input; input < count; ++input) {
                if (Record.source(record, input) == Record.SOURCE_CONSTANT) {
                    (constants[input], rest) = Packed.root(rest);
                }
            }
        }
    }

    /// @dev The claim of a task whose pipeline begins at a node: its inputs are constants and the request's values.
    function enter(bytes calldata header, bytes32[] calldata request)
        internal
        pure
        returns (bytes32 program, bytes32 inputsHash)
    {
        unchecked {
            (bytes calldata record, bytes calldata rest) = Record.read(header);
            bytes32[12] memory constants;
            (constants, rest) = readConstants(record, rest);
            Packed.finish(rest);
            bytes32[12] memory slots = emptySlots();
            uint256 count = Record.inputCount(record);
            uint256 expected;
            for (uint256 input; input < count; ++input) {
                uint256 source = Record.source(record, input);
                if (source == Record.SOURCE_CONSTANT) {
                    slots[input] = constants[input];
                } else if (source == Record.SOURCE_FEED) {
                    uint256 index = Record.index(record, input);
                    if (index >= request.length) revert RequestSize(index + 1, request.length);
                    if (index >= expected) expected = index + 1;
                    slots[input] = request[index];
                } else {
                    revert SourceOutsideRequest(input, source);
                }
            }
            if (expected != request.length) revert RequestSize(expected, request.length);
            program = leaf(Record.root(record), constants);
            inputsHash = inputs(slots);
        }
    }
}
