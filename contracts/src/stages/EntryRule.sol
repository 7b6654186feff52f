// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {EMPTY_SLOT} from "../tree/ChunkZero.sol";
import {Packed} from "../tree/Packed.sol";
import {VectorTree} from "../tree/VectorTree.sol";
import {Loop, LoopHeader} from "./LoopHeader.sol";

/// @title How a request becomes the inputs of the outermost loop (specs/programs.md)
library EntryRule {
    /// The rule is not the one that the loop's header commits to.
    error EntryRuleMismatch(bytes32 expected, bytes32 given);
    /// A carried value starts in a way that no rule knows.
    error UnknownStart(uint256 kind);
    /// The passes are fed in a way that no rule knows.
    error UnknownFeed(uint256 kind);
    /// A fed pass nests more vectors than are read.
    error TooManyLevels(uint256 levels);
    /// A level of a fed pass has no values.
    error EmptyLevel();
    /// More passes are fed than a request can hold values for.
    error TooManyFedPasses(uint256 passes);
    /// The request has another number of values than the rule takes.
    error RequestSize(uint256 expected, uint256 given);

    /// What has been taken of a request.
    struct Taken {
        /// The next value that the feed takes.
        uint256 next;
        /// 1 + the greatest index taken.
        uint256 named;
    }

    /// @dev The inputs of a request's claim. `rule` must be all of the loop's.
    function enter(Loop memory loop, bytes calldata bodies, bytes calldata rule, bytes32[] calldata request)
        internal
        pure
        returns (bytes32)
    {
        unchecked {
            bytes32 given = keccak256(rule);
            if (given != loop.entryRule) revert EntryRuleMismatch(loop.entryRule, given);
            Taken memory taken;
            bytes32[] memory carry = new bytes32[](loop.carryCount);
            uint256 kind;
            for (uint256 value; value < carry.length; ++value) {
                (kind, rule) = Packed.u8(rule);
                if (kind == 0) {
                    carry[value] = EMPTY_SLOT;
                } else if (kind == 1) {
                    uint256 index;
                    (index, rule) = Packed.u32(rule);
                    take(taken, index, 1, request);
                    carry[value] = request[index];
                } else if (kind == 2) {
                    (carry[value], rule) = Packed.root(rule);
                } else {
                    revert UnknownStart(kind);
                }
            }
            bytes32 feed;
            (kind, rule) = Packed.u8(rule);
            if (kind == 1) {
                (taken.next, rule) = Packed.u32(rule);
                (feed, rule) = requested(loop, bodies, rule, taken, request);
            } else if (kind == 2) {
                (feed, rule) = Packed.root(rule);
            } else if (kind != 0) {
                revert UnknownFeed(kind);
            }
            Packed.finish(rule);
            if (taken.named != request.length) revert RequestSize(taken.named, request.length);
            return VectorTree.pair(VectorTree.root(carry), feed);
        }
    }

    /// @dev The feed of the request's values from `taken.next` on, by the shapes at the front of `rule`, one a body.
    function requested(
        Loop memory loop,
        bytes calldata bodies,
        bytes calldata rule,
        Taken memory taken,
        bytes32[] calldata request
    ) private pure returns (bytes32 root, bytes calldata rest) {
        unchecked {
            uint256 count = bodies.length / LoopHeader.BODY_BYTES;
            bytes32[] memory leaves = new bytes32[](fedPasses(bodies, rule));
            uint256 pass;
            rest = rule;
            for (uint256 place; place < count; ++place) {
                (,, uint256 passes) = LoopHeader.body(bodies, place);
                bytes calldata sizes;
                (sizes, rest) = shape(rest);
                uint256 end = pass + passes;
                if (sizes.length > 0) {
                    for (; pass < end; ++pass) leaves[pass] = vector(sizes, taken, request);
                }
                pass = end;
            }
            uint256 from = VectorTree.height(leaves.length);
            uint256 to = VectorTree.height(loop.passes);
            root = VectorTree.root(leaves);
            bytes32 absent;
            for (uint256 height; height < to; ++height) {
                if (height >= from) root = VectorTree.pair(root, absent);
                absent = VectorTree.pair(absent, absent);
            }
        }
    }

    /// @dev How many passes there are up to the last one that is fed anything.
    function fedPasses(bytes calldata bodies, bytes calldata rule) private pure returns (uint256 fed) {
        unchecked {
            uint256 count = bodies.length / LoopHeader.BODY_BYTES;
            uint256 end;
            for (uint256 place; place < count; ++place) {
                (,, uint256 passes) = LoopHeader.body(bodies, place);
                bytes calldata sizes;
                (sizes, rule) = shape(rule);
                end += passes;
                if (sizes.length > 0) fed = end;
            }
            if (fed > 1 << 16) revert TooManyFedPasses(fed);
        }
    }

    /// @dev Takes the sizes of one pass's nested vectors, 4 bytes each, off the front of `rule`.
    function shape(bytes calldata rule) private pure returns (bytes calldata sizes, bytes calldata rest) {
        unchecked {
            uint256 levels;
            (levels, rest) = Packed.u8(rule);
            if (levels > 8) revert TooManyLevels(levels);
            (sizes, rest) = Packed.take(rest, levels * 4);
            bytes calldata left = sizes;
            while (left.length > 0) {
                uint256 size;
                (size, left) = Packed.u32(left);
                if (size == 0) revert EmptyLevel();
            }
        }
    }

    /// @dev The root of the next vector of these sizes, outermost first.
    function vector(bytes calldata sizes, Taken memory taken, bytes32[] calldata request)
        private
        pure
        returns (bytes32)
    {
        unchecked {
            (uint256 count, bytes calldata inner) = Packed.u32(sizes);
            uint256 first = taken.next;
            if (first + count > request.length) revert RequestSize(first + count, request.length);
            if (inner.length == 0) {
                take(taken, first, count, request);
                taken.next = first + count;
                return VectorTree.root(request[first:first + count]);
            }
            bytes32[] memory row = new bytes32[](count);
            for (uint256 place; place < count; ++place) row[place] = vector(inner, taken, request);
            return VectorTree.root(row);
        }
    }

    function take(Taken memory taken, uint256 first, uint256 count, bytes32[] calldata request) private pure {
        unchecked {
            uint256 end = first + count;
            if (end > request.length) revert RequestSize(end, request.length);
            if (end > taken.named) taken.named = end;
        }
    }
}
