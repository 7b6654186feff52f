// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {CHUNK_ZEROS} from "../../src/tree/ChunkZero.sol";
import {ElidedPath} from "../../src/tree/ElidedPath.sol";
import {Multiproof} from "../../src/tree/Multiproof.sol";
import {Packed} from "../../src/tree/Packed.sol";
import {Path} from "../../src/tree/Path.sol";
import {VectorTree} from "../../src/tree/VectorTree.sol";
import {each} from "./Each.sol";

/// @title What holds of every opening, as long as nobody finds two inputs with one hash
contract OpeningsProof {
    function check_aPathOpensOneLeaf(
        bytes32 one,
        bytes32 other,
        uint256 place,
        bytes32[4] memory way,
        bytes32[4] memory another
    ) external pure {
        (bool found, uint256 index) = each(place, 16);
        if (!found) return;
        bytes32[] memory first = new bytes32[](4);
        bytes32[] memory second = new bytes32[](4);
        for (uint256 i; i < 4; ++i) (first[i], second[i]) = (way[i], another[i]);
        if (Path.fold(one, index, first) != Path.fold(other, index, second)) return;
        assert(one == other);
        for (uint256 i; i < 4; ++i) assert(way[i] == another[i]);
    }

    function check_aVectorHasOneRoot(bytes32[5] memory one, bytes32[5] memory other) external pure {
        bytes32[] memory first = new bytes32[](5);
        bytes32[] memory second = new bytes32[](5);
        for (uint256 i; i < 5; ++i) (first[i], second[i]) = (one[i], other[i]);
        if (VectorTree.root(first) != VectorTree.root(second)) return;
        for (uint256 i; i < 5; ++i) assert(one[i] == other[i]);
    }

    function check_aHeightIsTheLeastThatHoldsTheCount(uint8 count) external pure {
        uint256 height = VectorTree.height(count);
        assert(count <= 1 << height);
        assert(height == 0 || count > 1 << (height - 1));
    }

    function multiproof(uint256[2] memory indices, bytes32[2] memory nodes, bytes calldata proof)
        external
        pure
        returns (bytes32 root)
    {
        uint256[] memory places = new uint256[](2);
        bytes32[] memory leaves = new bytes32[](2);
        for (uint256 i; i < 2; ++i) (places[i], leaves[i]) = (indices[i], nodes[i]);
        bytes calldata rest;
        (root, rest) = Multiproof.root(3, places, leaves, proof);
        Packed.finish(rest);
    }

    /// @dev Of a tree of eight leaves, two at once: whatever is sent beside them, the root tells both.
    function check_aMultiproofOpensOneLeafAPlace(
        uint256 places,
        bytes32[2] memory one,
        bytes32[2] memory other,
        bytes32[4] memory way,
        bytes32[4] memory another
    ) external view {
        (bool found, uint256 both) = each(places, 64);
        (uint256 left, uint256 right) = (both >> 3, both & 7);
        if (!found || left >= right) return;
        // Neighbours share their parent, cousins their grandparent: fewer siblings are sent the closer the two are.
        uint256 apart = left ^ right;
        uint256 size = apart == 1 ? 2 : apart < 4 ? 3 : 4;
        bytes memory first = abi.encodePacked(way);
        bytes memory second = abi.encodePacked(another);
        assembly ("memory-safe") {
            mstore(first, shl(5, size))
            mstore(second, shl(5, size))
        }
        bytes32 root = this.multiproof([left, right], one, first);
        if (root != this.multiproof([left, right], other, second)) return;
        assert(one[0] == other[0] && one[1] == other[1]);
    }

    function climbed(bytes32 node, uint256 index, uint256 mask, bytes calldata sent)
        external
        pure
        returns (bytes32 root, uint256 used)
    {
        uint256 source;
        assembly ("memory-safe") {
            source := sent.offset
        }
        uint256 next;
        (root, next) = ElidedPath.climb(node, index, mask, 0, 3, source, CHUNK_ZEROS);
        used = next - source;
    }

    /// @dev A path whose zero siblings are left out leads to where the whole path does, and takes no more than its own siblings.
    function check_anElidedPathIsThePathWithItsZeros(bytes32 node, uint256 place, bytes32[3] memory siblings)
        external
        view
    {
        (bool found, uint256 both) = each(place, 64);
        if (!found) return;
        (uint256 index, uint256 mask) = (both >> 3, both & 7);
        bytes32[] memory whole = new bytes32[](3);
        bytes memory sent;
        for (uint256 height; height < 3; ++height) {
            if (mask >> height & 1 == 0) {
                whole[height] = siblings[height];
                sent = abi.encodePacked(sent, siblings[height]);
            } else {
                bytes memory zeros = CHUNK_ZEROS;
                assembly ("memory-safe") {
                    mstore(add(add(whole, 0x20), shl(5, height)), mload(add(add(zeros, 0x20), shl(5, height))))
                }
            }
        }
        (bytes32 root, uint256 used) = this.climbed(node, index, mask, sent);
        assert(root == Path.fold(node, index, whole));
        assert(used == sent.length);
    }

    function taken(bytes calldata payload, uint256 size) external pure returns (bytes memory part, bytes memory rest) {
        return Packed.take(payload, size);
    }

    /// @dev What is read is a part of what was sent, and the rest is all the rest.
    function check_whatIsTakenWasSent(bytes32[2] memory words, uint256 size) external view {
        bytes memory payload = abi.encodePacked(words);
        if (size != 0 && size != 1 && size != 32 && size != 33 && size != 64 && size < 65) return;
        try this.taken(payload, size) returns (bytes memory part, bytes memory rest) {
            assert(size <= 64 && part.length == size && rest.length == 64 - size);
            assert(keccak256(abi.encodePacked(part, rest)) == keccak256(payload));
        } catch {
            assert(size > 64);
        }
    }
}
