// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ChunkZero} from "../tree/ChunkZero.sol";
import {reverse32} from "../tree/LittleEndian.sol";
import {Packed} from "../tree/Packed.sol";

/// @title Node records: 256 little-endian u32 words at fixed offsets (specs/programs.md)
library Record {
    /// A record has at most 12 inputs.
    error TooManyInputs(uint256 count);
    /// Blocks have 2^7 … 2^28 bytes.
    error BlockOutOfRange(uint256 blockLog2);
    /// The output starts as an input that the record does not have.
    error NoSuchInitialInput(uint256 initial, uint256 count);

    uint256 internal constant BYTES = 1024;
    /// @dev Height of the subtree that begins with the record: the left half of slot 1.
    uint256 internal constant HEIGHT = 20;

    uint256 internal constant TAG_ALIAS = 1;
    uint256 internal constant TAG_WHOLE_GRAPH = 2;

    uint256 internal constant SOURCE_CONSTANT = 1;
    uint256 internal constant SOURCE_CARRY = 2;
    uint256 internal constant SOURCE_FEED = 3;
    uint256 internal constant SOURCE_LOCAL = 4;

    /// @dev Takes a record off the front of `payload`.
    function read(bytes calldata payload) internal pure returns (bytes calldata record, bytes calldata rest) {
        return Packed.take(payload, BYTES);
    }

    /// @dev Word `place`, below 256, of a record that `read` gave.
    function word(bytes calldata record, uint256 place) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(224, calldataload(add(record.offset, shl(2, place))))
        }
        value = reverse32(value);
    }

    function tag(bytes calldata record) internal pure returns (uint256) {
        return word(record, 0);
    }

    /// @dev At most 12.
    function inputCount(bytes calldata record) internal pure returns (uint256 count) {
        count = word(record, 2);
        if (count > 12) revert TooManyInputs(count);
    }

    /// @dev 0, or 1 + the input (one of the record's) whose bytes slot 3 starts with.
    function outputInitial(bytes calldata record) internal pure returns (uint256 initial) {
        initial = word(record, 3);
        uint256 count = inputCount(record);
        if (initial > count) revert NoSuchInitialInput(initial, count);
    }

    /// @dev 7 … 28.
    function blockLog2(bytes calldata record) internal pure returns (uint256 log2) {
        log2 = word(record, 4);
        if (log2 < 7 || log2 > 28) revert BlockOutOfRange(log2);
    }

    function outputBytes(bytes calldata record) internal pure returns (uint256) {
        return word(record, 10);
    }

    function source(bytes calldata record, uint256 input) internal pure returns (uint256) {
        unchecked {
            return word(record, 20 + 12 * input);
        }
    }

    /// @dev The input's index in the vector that it comes from.
    function index(bytes calldata record, uint256 input) internal pure returns (uint256) {
        unchecked {
            return word(record, 21 + 12 * input);
        }
    }

    /// @dev The root of the half slot that begins with the record.
    function root(bytes calldata record) internal pure returns (bytes32 node) {
        assembly ("memory-safe") {
            let row := mload(0x40)
            calldatacopy(row, record.offset, 1024)
            for { let leaf := 0 } lt(leaf, 8) { leaf := add(leaf, 1) } {
                mstore(add(row, shl(5, leaf)), keccak256(add(row, shl(7, leaf)), 128))
            }
            for { let count := 4 } count { count := shr(1, count) } {
                for { let above := 0 } lt(above, count) { above := add(above, 1) } {
                    mstore(add(row, shl(5, above)), keccak256(add(row, shl(6, above)), 64))
                }
            }
            node := mload(row)
        }
        node = ChunkZero.fold(node, 3, HEIGHT);
    }
}
