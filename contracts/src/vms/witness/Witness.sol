// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ElidedPath} from "../../tree/ElidedPath.sol";
import {reverse32} from "../../tree/LittleEndian.sol";
import {Packed} from "../../tree/Packed.sol";
import {Path} from "../../tree/Path.sol";

/// The part of a step witness that proves memory.
struct Witness {
    /// Index of the code chunk.
    uint256 codeIndex;
    /// Where in calldata the code chunk begins.
    uint256 codeChunk;
    /// Siblings of the code chunk up to the memory root.
    bytes32[] codePath;
    /// The code chunk's own nodes, from its leaf to the memory root.
    bytes32[] codeNodes;
    /// Where in calldata the unread bytes begin, and how many there are.
    uint256 rest;
    uint256 left;
    /// Set by `open`: where in calldata the opened chunk begins, its index, and its siblings below the meeting height.
    uint256 dataChunk;
    uint256 dataIndex;
    bytes32[] dataPath;
}

/// @title Memory as a step witness proves it (specs/machine.md)
library WitnessReader {
    error MemoryMismatch(bytes32 memoryRoot, bytes32 proven);
    error DataMismatch(bytes32 expected, bytes32 proven);

    uint256 private constant HEIGHT = 25;

    /// @dev Takes the code chunk at `pc` and its path off the front of `payload`, proven against `memoryRoot`.
    function read(bytes calldata payload, uint256 pc, bytes32 memoryRoot)
        internal
        pure
        returns (Witness memory witness)
    {
        (bytes calldata chunk, bytes calldata rest) = Packed.take(payload, 128);
        witness.codeIndex = pc >> 7;
        (witness.codePath, witness.codeNodes, rest) =
            ElidedPath.climb(rest, HEIGHT, keccak256(chunk), witness.codeIndex);
        bytes32 proven = witness.codeNodes[HEIGHT];
        if (proven != memoryRoot) revert MemoryMismatch(memoryRoot, proven);
        uint256 codeChunk;
        assembly ("memory-safe") {
            codeChunk := chunk.offset
        }
        witness.codeChunk = codeChunk;
        keep(witness, rest);
    }

    /// @dev The instruction word at `pc`, which lies in the code chunk.
    function fetch(Witness memory witness, uint256 pc) internal pure returns (uint256) {
        return wordIn(witness.codeChunk, pc);
    }

    /// @dev The word that holds byte `location`; its chunk is the code chunk, or is taken off the front of the rest.
    function open(Witness memory witness, uint256 location) internal pure returns (uint256) {
        uint256 index = location >> 7;
        witness.dataIndex = index;
        if (index == witness.codeIndex) {
            witness.dataChunk = witness.codeChunk;
        } else {
            (bytes calldata chunk, bytes calldata rest) = Packed.take(unread(witness), 128);
            uint256 top = bitLength(index ^ witness.codeIndex) - 1;
            bytes32[] memory nodes;
            (witness.dataPath, nodes, rest) = ElidedPath.climb(rest, top, keccak256(chunk), index);
            bytes32 proven = nodes[top];
            bytes32 expected = witness.codePath[top];
            if (proven != expected) revert DataMismatch(expected, proven);
            uint256 dataChunk;
            assembly ("memory-safe") {
                dataChunk := chunk.offset
            }
            witness.dataChunk = dataChunk;
            keep(witness, rest);
        }
        return wordIn(witness.dataChunk, location);
    }

    /// @dev The memory root after the word that holds `location`, which `open` has opened outside the code chunk, has
    /// become `value`.
    function replace(Witness memory witness, uint256 location, uint256 value) internal pure returns (bytes32) {
        bytes32 node = patched(witness.dataChunk, location, reverse32(value));
        uint256 top = witness.dataPath.length;
        node = Path.fold(node, witness.dataIndex, witness.dataPath);
        witness.codePath[top] = witness.codeNodes[top];
        return Path.fold(node, witness.dataIndex >> top, witness.codePath, top, HEIGHT);
    }

    /// @dev Refuses bytes that nothing has read.
    function finish(Witness memory witness) internal pure {
        Packed.finish(unread(witness));
    }

    /// @dev The hash of the chunk at `offset` of calldata with the word that holds `location` replaced by four bytes.
    function patched(uint256 offset, uint256 location, uint256 fourBytes) private pure returns (bytes32 leaf) {
        assembly ("memory-safe") {
            let chunk := mload(0x40)
            calldatacopy(chunk, offset, 128)
            let place := add(chunk, and(location, 0x7c))
            mstore(place, or(shl(224, fourBytes), shr(32, shl(32, mload(place)))))
            leaf := keccak256(chunk, 128)
        }
    }

    function wordIn(uint256 chunk, uint256 location) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := shr(224, calldataload(add(chunk, and(location, 0x7c))))
        }
        word = reverse32(word);
    }

    function unread(Witness memory witness) private pure returns (bytes calldata rest) {
        uint256 offset = witness.rest;
        uint256 left = witness.left;
        assembly ("memory-safe") {
            rest.offset := offset
            rest.length := left
        }
    }

    function keep(Witness memory witness, bytes calldata rest) private pure {
        uint256 offset;
        assembly ("memory-safe") {
            offset := rest.offset
        }
        witness.rest = offset;
        witness.left = rest.length;
    }

    /// @dev Of at most 31 bits.
    function bitLength(uint256 bits) private pure returns (uint256 length) {
        unchecked {
            for (uint256 size = 16; size != 0; size >>= 1) {
                if (bits >> (length + size - 1) != 0) length += size;
            }
        }
    }
}
