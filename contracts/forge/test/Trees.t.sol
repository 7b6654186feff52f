// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Multiproof} from "../../src/tree/Multiproof.sol";
import {Path} from "../../src/tree/Path.sol";
import {VectorTree} from "../../src/tree/VectorTree.sol";
import {check, vm, within} from "./Vm.sol";

/// @title Trees against a tree that is written down whole
contract TreesTest {
    /// @dev Node `(height, index)` over `row`, absent leaves being zero.
    function naive(bytes32[] memory row, uint256 height, uint256 index) internal pure returns (bytes32) {
        if (height == 0) return index < row.length ? row[index] : bytes32(0);
        bytes32 left = naive(row, height - 1, 2 * index);
        bytes32 right = naive(row, height - 1, 2 * index + 1);
        return keccak256(abi.encodePacked(left, right));
    }

    function leaves(uint256 seed, uint256 count) internal pure returns (bytes32[] memory row) {
        row = new bytes32[](count);
        for (uint256 i; i < count; ++i) row[i] = keccak256(abi.encode(seed, i));
    }

    function testFuzz_aVectorsRoot(uint256 seed, uint256 count) external pure {
        count = within(count, 0, 40);
        bytes32[] memory row = leaves(seed, count);
        bytes32 expected = count == 0 ? bytes32(0) : naive(row, VectorTree.height(count), 0);
        check(VectorTree.root(leaves(seed, count)) == expected, "the root");
    }

    function testFuzz_aPathLeadsToTheRootAndNoOtherLeafDoes(uint256 seed, uint256 count, uint256 index) external pure {
        count = within(count, 1, 40);
        uint256 height = VectorTree.height(count);
        index = within(index, 0, (1 << height) - 1);
        bytes32[] memory row = leaves(seed, count);
        bytes32[] memory siblings = new bytes32[](height);
        for (uint256 h; h < height; ++h) siblings[h] = naive(row, h, (index >> h) ^ 1);
        bytes32 root = naive(row, height, 0);
        bytes32 leaf = naive(row, 0, index);
        check(Path.fold(leaf, index, siblings) == root, "the leaf's own path");
        check(Path.fold(keccak256(abi.encode(leaf)), index, siblings) != root, "another leaf");
        if (height > 0 && siblings[0] != leaf) check(Path.fold(leaf, index ^ 1, siblings) != root, "another place");
    }

    function prove(uint256 height, uint256[] memory indices, bytes32[] memory nodes, bytes calldata proof)
        external
        pure
        returns (bytes32 root, uint256 left)
    {
        bytes calldata rest;
        (root, rest) = Multiproof.root(height, indices, nodes, proof);
        left = rest.length;
    }

    function testFuzz_aMultiproofOfAnyLeaves(uint256 seed, uint256 count, uint256 chosen) external view {
        count = within(count, 1, 24);
        bytes32[] memory row = leaves(seed, count);
        uint256 height = VectorTree.height(count);
        uint256 number;
        for (uint256 i; i < count; ++i) if (chosen >> i & 1 == 1) ++number;
        if (number == 0) return;
        uint256[] memory indices = new uint256[](number);
        bytes32[] memory nodes = new bytes32[](number);
        uint256 place;
        for (uint256 i; i < count; ++i) {
            if (chosen >> i & 1 == 1) (indices[place], nodes[place++]) = (i, row[i]);
        }
        bytes memory proof;
        for (uint256 h; h < height; ++h) {
            for (uint256 i; i < 1 << (height - h); ++i) {
                bool below = covers(chosen, count, h, i);
                if (below && !covers(chosen, count, h, i ^ 1)) proof = abi.encodePacked(proof, naive(row, h, i ^ 1));
            }
        }
        bytes32 expected = naive(row, height, 0);
        (bytes32 root, uint256 left) = this.prove(height, indices, nodes, proof);
        check(root == expected && left == 0, "all leaves at once");
        nodes[seed % number] = keccak256("another");
        (root,) = this.prove(height, indices, nodes, proof);
        check(root != expected, "one of them is another");
    }

    function covers(uint256 chosen, uint256 count, uint256 height, uint256 index) internal pure returns (bool) {
        for (uint256 i = index << height; i < (index + 1) << height; ++i) {
            if (i < count && chosen >> i & 1 == 1) return true;
        }
        return false;
    }

    function test_leavesOutOfOrderAreRefused() external {
        uint256[] memory indices = new uint256[](2);
        (indices[0], indices[1]) = (3, 3);
        vm.expectRevert(abi.encodeWithSelector(Multiproof.LeafOutOfOrder.selector, 1, 3));
        this.prove(2, indices, new bytes32[](2), "");
        (indices[0], indices[1]) = (1, 4);
        vm.expectRevert(abi.encodeWithSelector(Multiproof.LeafOutOfOrder.selector, 1, 4));
        this.prove(2, indices, new bytes32[](2), "");
    }
}
