// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Moves, PHASE_NARROW, PHASE_REJECT, PHASE_REVEAL} from "../../src/game/Moves.sol";
import {LastPosition, Opened, Position, PositionHash} from "../../src/game/Types.sol";
import {VectorTree} from "../../src/tree/VectorTree.sol";
import {MovesCalls} from "../../forge/test/MovesCalls.sol";
import {each} from "./Each.sol";

/// @title What holds of every position
/// @dev Widths are powers of two up to 2^40, lower bounds multiples of them: `opened` begins so, and each move is shown to keep it.
contract PositionsProof is MovesCalls {
    function hashSent(Position calldata position) external pure returns (PositionHash) {
        return Moves.hashSent(position);
    }

    function hashLast(LastPosition calldata last, uint256 stage, bytes32 anchor) external pure returns (PositionHash) {
        return Moves.hash(last, stage, anchor);
    }

    function check_aStageIsDividedUntilOnePartIsLeft(Position calldata from, Opened calldata result) external view {
        Position memory next = this.opened(from, result);
        assert((next.phase == PHASE_NARROW) == (result.width == 1));
        assert(next.phase == PHASE_NARROW || next.phase == PHASE_REVEAL);
        assert(next.stage == from.stage && next.claim == from.claim && next.lower == 0 && next.children == 0);
    }

    function rejectedOf(Position memory from, uint256 log, bool machine, bytes32[] memory roots, uint256 child)
        internal
        view
        returns (bool done, Position memory next)
    {
        from.children = keccak256(abi.encodePacked(roots));
        try this.rejected(from, 1 << log, machine, roots, child) returns (Position memory result) {
            return (true, result);
        } catch {}
    }

    /// @dev The named part lies within what was disputed, is not empty, and is a child's width wide.
    function staysInside(Position memory from, uint256 log, bool machine, bytes32[] memory roots, uint256 child)
        internal
        view
    {
        (bool done, Position memory next) = rejectedOf(from, log, machine, roots, child);
        if (!done) return;
        uint256 children = from.width < 1 << log ? from.width : 1 << log;
        assert(uint256(next.width) * children == from.width);
        assert(next.lower >= from.lower && uint256(next.lower) + next.width <= uint256(from.lower) + from.width);
        assert(next.lower == from.lower + child * next.width);
        assert(next.lower < from.count && next.count == from.count && next.stage == from.stage);
        assert((next.phase == PHASE_NARROW) == (next.width == 1));
        assert(next.children == 0 && next.claim == from.claim && next.absent == from.absent);
        if (machine) {
            assert(next.anchor == (child == 0 ? from.anchor : roots[child - 1]));
            assert(next.disputed == (child == children - 1 ? from.disputed : roots[child]));
        } else {
            assert(next.anchor == from.anchor && next.disputed == roots[child]);
        }
    }

    function wide(Position memory from, uint8 power) internal pure returns (bool) {
        if (power == 0 || power > 40 || from.lower > 2 ** 40) return false;
        from.width = uint64(1) << power;
        from.phase = PHASE_REJECT;
        return from.lower & (from.width - 1) == 0;
    }

    function check_aRejectedVectorStaysInside(Position memory from, uint8 power, bytes32[4] memory shown, uint256 named)
        external
        view
    {
        (bool found, uint256 child) = each(named, 6);
        if (!found || !wide(from, power) || power < 2) return;
        bytes32[] memory roots = new bytes32[](4);
        for (uint256 i; i < 4; ++i) roots[i] = shown[i];
        staysInside(from, 2, false, roots, child);
    }

    function check_aRejectedRunStaysInside(Position memory from, uint8 power, bytes32[3] memory shown, uint256 named)
        external
        view
    {
        (bool found, uint256 child) = each(named, 6);
        if (!found || !wide(from, power) || power < 2) return;
        bytes32[] memory roots = new bytes32[](3);
        for (uint256 i; i < 3; ++i) roots[i] = shown[i];
        staysInside(from, 2, true, roots, child);
    }

    /// @dev A position narrower than the arity has as many children as it has parts.
    function check_aRejectedPairStaysInside(Position memory from, uint8 power, bytes32[2] memory shown, uint256 named)
        external
        view
    {
        (bool found, uint256 child) = each(named, 4);
        if (!found || power != 1 || !wide(from, power)) return;
        bytes32[] memory roots = new bytes32[](2);
        (roots[0], roots[1]) = (shown[0], shown[1]);
        staysInside(from, 4, false, roots, child);
    }

    /// @dev A defender has one way to show what lies below a disputed root.
    function check_aVectorIsRevealedInOneWay(
        Position memory from,
        uint256 sizes,
        bytes32[4] memory one,
        bytes32[4] memory other
    ) external view {
        (bool found, uint256 size) = each(sizes, 12);
        if (!found) return;
        // Widths 4 and 8, with every count of parts.
        (from.width, from.count) = size < 4 ? (uint64(4), uint64(size + 1)) : (uint64(8), uint64(size - 3));
        (from.phase, from.lower) = (PHASE_REVEAL, 0);
        bytes32[] memory first = new bytes32[](4);
        bytes32[] memory second = new bytes32[](4);
        for (uint256 i; i < 4; ++i) (first[i], second[i]) = (one[i], other[i]);
        isRevealedInOneWay(from, first, second);
    }

    function isRevealedInOneWay(Position memory from, bytes32[] memory first, bytes32[] memory second) internal view {
        try this.revealed(from, 4, false, first) returns (Position memory shown) {
            assert(shown.phase == PHASE_REJECT && shown.children == keccak256(abi.encodePacked(first)));
            assert(shown.lower == from.lower && shown.width == from.width && shown.disputed == from.disputed);
            for (uint256 i; i < 4; ++i) {
                // A child that lies wholly past the count is an absent subtree.
                if (i * (from.width / 4) >= from.count) {
                    assert(first[i] == (from.width == 4 ? from.absent : VectorTree.pair(from.absent, from.absent)));
                }
            }
            try this.revealed(from, 4, false, second) returns (Position memory) {
                for (uint256 i; i < 4; ++i) assert(first[i] == second[i]);
            } catch {}
        } catch {}
    }

    function check_aRevealHasAsManyRootsAsItMust(Position memory from, bytes32[3] memory shown) external view {
        from.phase = PHASE_REVEAL;
        bytes32[] memory roots = new bytes32[](3);
        for (uint256 i; i < 3; ++i) roots[i] = shown[i];
        try this.revealed(from, 16, true, roots) returns (Position memory) {
            assert(from.width == 4);
        } catch {}
    }

    function check_equalHashesAreEqualPositions(Position calldata one, Position calldata other) external view {
        assert(this.hashSent(one) == Moves.hash(one));
        if (this.hashSent(one) != this.hashSent(other)) return;
        assert(one.stage == other.stage && one.phase == other.phase && one.lower == other.lower);
        assert(one.width == other.width && one.count == other.count && one.claim == other.claim);
        assert(one.anchor == other.anchor && one.disputed == other.disputed);
        assert(one.absent == other.absent && one.children == other.children);
    }

    function check_aLastPositionIsOneOfWidthOne(LastPosition calldata last, uint8 stage, bytes32 anchor) external view {
        Position memory whole = Position({
            stage: stage,
            phase: PHASE_NARROW,
            lower: last.lower,
            width: 1,
            count: last.count,
            claim: last.claim,
            anchor: anchor,
            disputed: last.disputed,
            absent: 0,
            children: 0
        });
        assert(this.hashLast(last, stage, anchor) == Moves.hash(whole));
    }
}
