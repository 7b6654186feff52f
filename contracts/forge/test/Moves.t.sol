// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Moves, PHASE_NARROW, PHASE_REJECT, PHASE_REVEAL} from "../../src/game/Moves.sol";
import {Opened, Position} from "../../src/game/Types.sol";
import {MovesCalls} from "./MovesCalls.sol";
import {check, vm, within} from "./Vm.sol";

/// @title Positions against a tree that is written down whole
contract MovesTest is MovesCalls {
    /// @dev Node `(height, index)` over `count` leaves that follow from `seed`; absent ones are `absent`.
    function node(uint256 seed, uint256 count, bytes32 absent, uint256 height, uint256 index)
        internal
        pure
        returns (bytes32)
    {
        if (height == 0) return index < count ? keccak256(abi.encode(seed, index)) : absent;
        return keccak256(
            abi.encodePacked(
                node(seed, count, absent, height - 1, 2 * index), node(seed, count, absent, height - 1, 2 * index + 1)
            )
        );
    }

    function log2(uint256 number) internal pure returns (uint256 log) {
        while (number >> log > 1) ++log;
    }

    /// @dev A dispute over a vector is narrowed to any part that there is, and to no other.
    function testFuzz_aVectorIsNarrowedToThePartThatIsNamed(uint256 seed, uint256 count, uint256 part, uint256 log)
        external
    {
        count = within(count, 1, 60);
        part = within(part, 0, count - 1);
        uint256 arity = 1 << within(log, 1, 8);
        bytes32 absent = seed & 1 == 0 ? bytes32(0) : keccak256("absent");
        uint256 height;
        while (1 << height < count) ++height;
        Position memory now_;
        bytes32 root = node(seed, count, absent, height, 0);
        now_ = this.opened(now_, Opened(root, root, uint64(count), uint64(1 << height), absent));
        while (now_.phase == PHASE_REVEAL) {
            uint256 children = now_.width < arity ? now_.width : arity;
            uint256 width = now_.width / children;
            bytes32[] memory roots = new bytes32[](children);
            for (uint256 i; i < children; ++i) {
                roots[i] = node(seed, count, absent, log2(width), now_.lower / width + i);
            }
            Position memory shown = this.revealed(now_, arity, false, roots);
            check(shown.phase == PHASE_REJECT && shown.disputed == now_.disputed, "shown");
            refusals(now_, shown, arity, roots, seed);
            now_ = this.rejected(shown, arity, false, roots, (part - now_.lower) / width);
        }
        check(now_.phase == PHASE_NARROW && now_.lower == part && now_.width == 1, "narrowed to the part");
        check(now_.disputed == keccak256(abi.encode(seed, part)) && now_.anchor == root, "whose leaf is disputed");
    }

    function refusals(Position memory now_, Position memory shown, uint256 arity, bytes32[] memory roots, uint256 seed)
        internal
    {
        bytes32[] memory other = abi.decode(abi.encode(roots), (bytes32[]));
        other[seed % other.length] = keccak256("other");
        vm.expectRevert();
        this.revealed(now_, arity, false, other);
        vm.expectRevert();
        this.rejected(shown, arity, false, other, 0);
        vm.expectRevert();
        this.rejected(shown, arity, false, roots, roots.length);
        uint256 width = now_.width / roots.length;
        for (uint256 i; i < roots.length; ++i) {
            if (now_.lower + i * width < now_.count) continue;
            vm.expectRevert(
                abi.encodeWithSelector(Moves.NoSuchPart.selector, i, now_.lower + i * width, uint256(now_.count))
            );
            this.rejected(shown, arity, false, roots, i);
        }
    }

    /// @dev A dispute over a run ends with the two states around the step where they first differ.
    function testFuzz_aRunIsNarrowedToTheFirstWrongStep(uint256 seed, uint256 step, uint256 log, uint256 power)
        external
        view
    {
        log = within(log, 1, 8);
        power = within(power, 1, 40 / log);
        uint256 steps = 1 << (log * power);
        step = within(step, 0, steps - 1);
        Position memory now_;
        now_ = this.opened(now_, Opened(state(seed, 0), state(seed, steps), uint64(steps), uint64(steps), 0));
        uint256 rounds;
        while (now_.phase == PHASE_REVEAL) {
            uint256 width = now_.width >> log;
            bytes32[] memory states = new bytes32[]((1 << log) - 1);
            for (uint256 i; i < states.length; ++i) states[i] = state(seed, now_.lower + (i + 1) * width);
            now_ = this.revealed(now_, 1 << log, true, states);
            now_ = this.rejected(now_, 1 << log, true, states, (step - now_.lower) / width);
            ++rounds;
        }
        check(rounds == power && now_.lower == step && now_.width == 1, "as many rounds as its power");
        check(now_.anchor == state(seed, step) && now_.disputed == state(seed, step + 1), "the states around the step");
    }

    function state(uint256 seed, uint256 step) internal pure returns (bytes32) {
        return keccak256(abi.encode(seed, step));
    }
}
