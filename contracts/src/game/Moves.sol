// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {VectorTree} from "../tree/VectorTree.sol";
import {LastPosition, Opened, Position, PositionHash} from "./Types.sol";

/// @dev The defender opens the stage.
uint8 constant PHASE_OPEN = 1;
/// @dev The defender reveals children or states.
uint8 constant PHASE_REVEAL = 2;
/// @dev The challenger names the first wrong one.
uint8 constant PHASE_REJECT = 3;
/// @dev Anyone narrows to the part.
uint8 constant PHASE_NARROW = 4;

/// @title What each move does to a position (specs/game.md): pure functions, no storage
library Moves {
    /// The number of roots that a reveal must show here.
    error WrongRootCount(uint256 given, uint256 needed);
    /// The children do not hash to the disputed root.
    error NotTheDisputed(bytes32 folded, bytes32 disputed);
    /// Child `child` lies wholly past the last part and is not an absent subtree.
    error NotAbsent(uint256 child, bytes32 given, bytes32 absent);
    /// The roots are not those that were revealed.
    error NotTheRevealed(bytes32 given, bytes32 revealed);
    /// Part `part` of `count`, named by child `child`, does not exist.
    error NoSuchPart(uint256 child, uint256 part, uint256 count);

    /// @dev The position at which a stage begins.
    function start(uint8 stage, bytes32 claim) internal pure returns (Position memory position) {
        position.stage = stage;
        position.phase = PHASE_OPEN;
        position.claim = claim;
    }

    /// @dev The position after `open`.
    function opened(Position calldata from, Opened memory result) internal pure returns (Position memory next) {
        next.stage = from.stage;
        next.claim = from.claim;
        next.anchor = result.anchor;
        next.disputed = result.disputed;
        next.absent = result.absent;
        next.count = result.count;
        next.width = result.width;
        next.phase = result.width == 1 ? PHASE_NARROW : PHASE_REVEAL;
    }

    /// @dev The position after `reveal`.
    function revealed(Position calldata from, uint256 arity, bool machine, bytes32[] calldata roots)
        internal
        pure
        returns (Position memory next)
    {
        unchecked {
            uint256 children = _children(from, arity);
            uint256 needed = machine ? children - 1 : children;
            if (roots.length != needed) revert WrongRootCount(roots.length, needed);
            if (!machine) _checkChildren(from, roots);
        }
        next = from;
        next.phase = PHASE_REJECT;
        next.children = hash(roots);
    }

    /// @dev The position after `reject`.
    function rejected(Position calldata from, uint256 arity, bool machine, bytes32[] calldata roots, uint256 child)
        internal
        pure
        returns (Position memory next)
    {
        bytes32 given = hash(roots);
        if (given != from.children) revert NotTheRevealed(given, from.children);
        next = from;
        uint256 children = _children(from, arity);
        uint256 width = from.width / children;
        if (child >= children) revert NoSuchPart(child, type(uint256).max, from.count);
        unchecked {
            uint256 lower = from.lower + child * width;
            if (lower >= from.count) revert NoSuchPart(child, lower, from.count);
            next.lower = uint64(lower);
            next.width = uint64(width);
            if (machine) {
                if (child != 0) next.anchor = roots[child - 1];
                if (child != children - 1) next.disputed = roots[child];
            } else {
                next.disputed = roots[child];
            }
        }
        next.children = 0;
        next.phase = width == 1 ? PHASE_NARROW : PHASE_REVEAL;
    }

    /// @dev A position's hash.
    function hash(Position memory position) internal pure returns (PositionHash) {
        return PositionHash.wrap(keccak256(abi.encode(position)));
    }

    /// @dev The hash of the ten words as they were sent: words that are no proper encoding match no stored hash.
    function hashSent(Position calldata position) internal pure returns (PositionHash result) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, position, 0x140)
            result := keccak256(free, 0x140)
        }
    }

    /// @dev The position hash of a last position. Words that are no proper encoding match no stored hash.
    function hash(LastPosition calldata last, uint256 stage, bytes32 anchor)
        internal
        pure
        returns (PositionHash result)
    {
        uint256 phase = PHASE_NARROW;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, stage)
            mstore(add(free, 0x20), phase)
            calldatacopy(add(free, 0x40), last, 0x20)
            mstore(add(free, 0x60), 1)
            calldatacopy(add(free, 0x80), add(last, 0x20), 0x40)
            mstore(add(free, 0xc0), anchor)
            calldatacopy(add(free, 0xe0), add(last, 0x60), 0x20)
            calldatacopy(add(free, 0x100), calldatasize(), 0x40)
            result := keccak256(free, 0x140)
        }
    }

    /// @dev keccak256 of roots in order.
    function hash(bytes32[] calldata roots) internal pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, roots.offset, shl(5, roots.length))
            result := keccak256(free, shl(5, roots.length))
        }
    }

    function _children(Position calldata from, uint256 arity) private pure returns (uint256) {
        return from.width < arity ? from.width : arity;
    }

    /// @dev Children past the last part must be absent subtrees, and all of them must fold to the disputed root.
    function _checkChildren(Position calldata from, bytes32[] calldata roots) private pure {
        unchecked {
            uint256 width = from.width / roots.length;
            uint256 real = (from.count - from.lower + width - 1) / width;
            if (real < roots.length) {
                bytes32 absent = from.absent;
                for (uint256 below = width; below > 1; below >>= 1) absent = VectorTree.pair(absent, absent);
                for (uint256 child = real; child < roots.length; ++child) {
                    if (roots[child] != absent) revert NotAbsent(child, roots[child], absent);
                }
            }
        }
        bytes32 folded;
        assembly ("memory-safe") {
            let row := mload(0x40)
            let size := shl(5, roots.length)
            calldatacopy(row, roots.offset, size)
            for {} gt(size, 0x20) { size := shr(1, size) } {
                for { let offset := 0 } lt(offset, size) { offset := add(offset, 0x40) } {
                    mstore(add(row, shr(1, offset)), keccak256(add(row, offset), 0x40))
                }
            }
            folded := mload(row)
        }
        if (folded != from.disputed) revert NotTheDisputed(folded, from.disputed);
    }
}
