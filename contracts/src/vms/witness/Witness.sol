// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {CHUNK_ZEROS} from "../../tree/ChunkZero.sol";
import {ElidedPath} from "../../tree/ElidedPath.sol";
import {reverse32} from "../../tree/LittleEndian.sol";
import {Packed} from "../../tree/Packed.sol";

/// The part of a step witness that proves memory. Places are offsets in calldata.
struct Witness {
    /// Index of the code chunk, and where it lies.
    uint256 codeIndex;
    uint256 codeChunk;
    /// The code path's mask, and where its siblings begin: all of them, and those above the slot.
    uint256 codeMask;
    uint256 codePath;
    uint256 slotPath;
    /// The root of the slot that holds the code chunk.
    bytes32 codeSlot;
    /// Where the unread bytes begin, and where they end.
    uint256 rest;
    uint256 end;
    bytes zeros;
}

/// @title Memory as a step witness proves it (specs/machine.md)
library WitnessReader {
    /// The code chunk is not in the memory.
    error MemoryMismatch(bytes32 memoryRoot, bytes32 proven);
    /// The data chunk is not in the memory, or a path does not fit the other.
    error DataMismatch(bytes32 expected, bytes32 proven);
    /// A store to the slot that the instruction comes from.
    error StoreToCode(uint256 location);

    uint256 private constant CHUNK = 128;
    uint256 private constant SLOT_HEIGHT = 21;
    uint256 private constant HEIGHT = 25;

    /// @dev Takes the code chunk at `pc` and its path off the front of `payload`, proven against `memoryRoot`.
    function read(bytes calldata payload, uint256 pc, bytes32 memoryRoot)
        internal
        pure
        returns (Witness memory witness)
    {
        uint256 chunk;
        assembly ("memory-safe") {
            chunk := payload.offset
        }
        unchecked {
            witness.end = chunk + payload.length;
            witness.rest = chunk;
        }
        witness.zeros = CHUNK_ZEROS;
        uint256 index = pc >> 7;
        (uint256 mask, uint256 path) = head(witness, HEIGHT);
        witness.codeIndex = index;
        witness.codeChunk = chunk;
        witness.codeMask = mask;
        witness.codePath = path;
        bytes32 node;
        (node, path) = ElidedPath.climb(leafOf(chunk), index, mask, 0, SLOT_HEIGHT, path, witness.zeros);
        witness.codeSlot = node;
        witness.slotPath = path;
        (node, path) = ElidedPath.climb(node, index, mask, SLOT_HEIGHT, HEIGHT, path, witness.zeros);
        passed(witness, path);
        if (node != memoryRoot) revert MemoryMismatch(memoryRoot, node);
    }

    /// @dev The instruction word at `pc`, which lies in the code chunk.
    function fetch(Witness memory witness, uint256 pc) internal pure returns (uint256) {
        return wordIn(witness.codeChunk, pc);
    }

    /// @dev The word that holds byte `location`; its chunk is the code chunk, or is taken off the front of the rest.
    function load(Witness memory witness, uint256 location) internal pure returns (uint256) {
        uint256 index = location >> 7;
        uint256 apart = index ^ witness.codeIndex;
        if (apart == 0) return wordIn(witness.codeChunk, location);
        uint256 top = highestBit(apart);
        uint256 chunk = witness.rest;
        (uint256 mask, uint256 path) = head(witness, top);
        bytes32 node;
        (node, path) = ElidedPath.climb(leafOf(chunk), index, mask, 0, top, path, witness.zeros);
        passed(witness, path);
        expect(codeSibling(witness, top), node);
        return wordIn(chunk, location);
    }

    /// @dev The word that holds byte `location` of a slot other than the code's, before `store` has proven it.
    function peek(Witness memory witness, uint256 location) internal pure returns (uint256) {
        uint256 chunk = witness.rest;
        if (witness.end < chunk + CHUNK) revert Packed.PayloadTooShort(CHUNK, witness.end - chunk);
        return wordIn(chunk, location);
    }

    /// @dev The memory root after the word that holds byte `location` of a slot other than the code's has become `value`. Its
    /// chunk is taken off the front of the rest.
    function store(Witness memory witness, uint256 location, uint256 value) internal pure returns (bytes32 root) {
        uint256 index = location >> 7;
        uint256 top = highestBit(index ^ witness.codeIndex);
        if (top < SLOT_HEIGHT) revert StoreToCode(location);
        uint256 chunk = witness.rest;
        (uint256 mask, uint256 path) = head(witness, top);
        (bytes32 old, bytes32 leaf) = leavesOf(chunk, location, reverse32(value));
        (old, leaf, path) = ElidedPath.climbBoth(old, leaf, index, mask, top, path, witness.zeros);
        passed(witness, path);
        expect(codeSibling(witness, top), old);
        return withSibling(witness, top, leaf);
    }

    /// @dev Refuses bytes that nothing has read.
    function finish(Witness memory witness) internal pure {
        unchecked {
            if (witness.rest != witness.end) revert Packed.PayloadSurplus(witness.end - witness.rest);
        }
    }

    /// @dev Takes a chunk and the mask of its path to height `to`, whose siblings begin at `path`.
    function head(Witness memory witness, uint256 to) private pure returns (uint256 mask, uint256 path) {
        unchecked {
            uint256 chunk = witness.rest;
            if (witness.end < chunk + CHUNK) revert Packed.PayloadTooShort(CHUNK, witness.end - chunk);
            path = chunk + CHUNK + 4;
            if (witness.end < path) revert Packed.PayloadTooShort(4, witness.end - chunk - CHUNK);
            assembly ("memory-safe") {
                mask := shr(224, calldataload(sub(path, 4)))
            }
            if (mask >> to != 0) revert ElidedPath.ElisionOutsidePath(mask, 0, to);
            witness.rest = path;
        }
    }

    /// @dev The siblings up to `path` have been read.
    function passed(Witness memory witness, uint256 path) private pure {
        unchecked {
            if (witness.end < path) revert Packed.PayloadTooShort(path - witness.rest, witness.end - witness.rest);
            witness.rest = path;
        }
    }

    function expect(bytes32 expected, bytes32 proven) private pure {
        if (proven != expected) revert DataMismatch(expected, proven);
    }

    /// @dev The code path's sibling at height `top`.
    function codeSibling(Witness memory witness, uint256 top) private pure returns (bytes32 sibling) {
        (uint256 mask, uint256 source, bytes memory zeros) = (witness.codeMask, witness.codePath, witness.zeros);
        assembly ("memory-safe") {
            switch and(shr(top, mask), 1)
            case 0 {
                for { let sent := and(not(mask), sub(shl(top, 1), 1)) } sent { sent := and(sent, sub(sent, 1)) } {
                    source := add(source, 0x20)
                }
                sibling := calldataload(source)
            }
            default { sibling := mload(add(add(zeros, 0x20), shl(5, top))) }
        }
    }

    /// @dev The memory root when the code path's sibling at height `top`, at least SLOT_HEIGHT, becomes `sibling`.
    function withSibling(Witness memory witness, uint256 top, bytes32 sibling) private pure returns (bytes32 root) {
        (uint256 index, uint256 mask) = (witness.codeIndex, witness.codeMask);
        uint256 path;
        (root, path) =
            ElidedPath.climb(witness.codeSlot, index, mask, SLOT_HEIGHT, top, witness.slotPath, witness.zeros);
        assembly ("memory-safe") {
            let side := and(shl(5, shr(top, index)), 0x20)
            mstore(side, root)
            mstore(xor(side, 0x20), sibling)
            root := keccak256(0, 0x40)
            if iszero(and(shr(top, mask), 1)) { path := add(path, 0x20) }
            top := add(top, 1)
        }
        (root,) = ElidedPath.climb(root, index, mask, top, HEIGHT, path, witness.zeros);
    }

    function leafOf(uint256 chunk) private pure returns (bytes32 leaf) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, chunk, CHUNK)
            leaf := keccak256(free, CHUNK)
        }
    }

    /// @dev The hash of the chunk as it was sent, and with the word that holds `location` replaced by four bytes.
    function leavesOf(uint256 chunk, uint256 location, uint256 fourBytes)
        private
        pure
        returns (bytes32 old, bytes32 leaf)
    {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, chunk, CHUNK)
            old := keccak256(free, CHUNK)
            let place := add(free, and(location, 0x7c))
            mstore(place, or(shl(224, fourBytes), shr(32, shl(32, mload(place)))))
            leaf := keccak256(free, CHUNK)
        }
    }

    function wordIn(uint256 chunk, uint256 location) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := shr(224, calldataload(add(chunk, and(location, 0x7c))))
        }
        word = reverse32(word);
    }

    /// @dev The place of the highest bit set, of at most 32.
    function highestBit(uint256 bits) private pure returns (uint256 place) {
        unchecked {
            for (uint256 size = 16; size != 0; size >>= 1) {
                if (bits >> (place + size) != 0) place += size;
            }
        }
    }
}
