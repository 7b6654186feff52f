// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {CHUNK_ZEROS, ChunkZero} from "../../src/tree/ChunkZero.sol";
import {ElidedPath} from "../../src/tree/ElidedPath.sol";
import {Multiproof} from "../../src/tree/Multiproof.sol";
import {Packed} from "../../src/tree/Packed.sol";
import {Path} from "../../src/tree/Path.sol";
import {VectorTree} from "../../src/tree/VectorTree.sol";

/// Gives tests the tree libraries, function by function; every payload must be used up.
contract TreeHarness {
    function chunkZero(uint256 height) external pure returns (bytes32) {
        return ChunkZero.root(height);
    }

    function place(bytes32 subtree, uint256 index, uint256 from, uint256 to) external pure returns (bytes32) {
        return ChunkZero.place(subtree, index, from, to);
    }

    function vectorHeight(uint256 count) external pure returns (uint256) {
        return VectorTree.height(count);
    }

    function vectorRoot(bytes32[] memory leaves) external pure returns (bytes32) {
        return VectorTree.root(leaves);
    }

    function foldPath(bytes32 node, uint256 index, uint256 count, bytes calldata payload)
        external
        pure
        returns (bytes32)
    {
        (bytes32[] memory siblings, bytes calldata rest) = Path.read(payload, count);
        Packed.finish(rest);
        return Path.fold(node, index, siblings);
    }

    function foldElided(bytes32 node, uint256 index, uint256 from, uint256 to, bytes calldata payload)
        external
        pure
        returns (bytes32)
    {
        (bytes32[] memory siblings, bytes calldata rest) = ElidedPath.read(payload, from, to);
        Packed.finish(rest);
        return Path.fold(node, index, siblings);
    }

    /// Folds two leaves in one place, the first one also in two parts that meet at height `middle`.
    function climbElided(
        bytes32 one,
        bytes32 two,
        uint256 index,
        uint256 middle,
        uint256 to,
        bytes calldata payload
    ) external pure returns (bytes32 parts, bytes32 first, bytes32 second) {
        (uint256 mask, bytes calldata rest) = Packed.u32(payload);
        uint256 source;
        assembly {
            source := rest.offset
        }
        uint256 next;
        (parts, next) = ElidedPath.climb(one, index, mask, 0, middle, source, CHUNK_ZEROS);
        (parts, next) = ElidedPath.climb(parts, index, mask, middle, to, next, CHUNK_ZEROS);
        if (next - source != rest.length) revert Packed.PayloadSurplus(rest.length);
        (first, second, next) = ElidedPath.climbBoth(one, two, index, mask, to, source, CHUNK_ZEROS);
        if (next - source != rest.length) revert Packed.PayloadSurplus(rest.length);
    }

    function multiproofRoot(
        uint256 height,
        uint256[] memory indices,
        bytes32[] memory nodes,
        bytes calldata payload
    ) external pure returns (bytes32 root) {
        bytes calldata rest;
        (root, rest) = Multiproof.root(height, indices, nodes, payload);
        Packed.finish(rest);
    }
}
