// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {SlotRoot} from "./SlotRoot.sol";
import {Tasks} from "./Tasks.sol";

/// @dev No such result.
uint8 constant RESULT_NONE = 0;
/// @dev Posted, not dead, not final.
uint8 constant RESULT_LIVE = 1;
/// @dev A game on it was lost.
uint8 constant RESULT_DEAD = 2;
/// @dev The task's final result.
uint8 constant RESULT_FINAL = 3;
/// @dev Equal to the final result: its bond went back.
uint8 constant RESULT_RELEASED = 4;
/// @dev Contrary to the final result: its bond was slashed.
uint8 constant RESULT_SLASHED = 5;

/// @title Bonded results, in the order of their commitment
/// @notice Any number of results stand at once. Only the earliest live one can become final.
abstract contract Results is Tasks {
    /// The first word is all that a verdict for the defender changes here.
    struct Result {
        address proposer;
        uint32 model;
        /// One of the RESULT constants.
        uint8 status;
        /// Games on it that are neither decided nor closed.
        uint32 openGames;
        /// Games on it that it won and whose stakes are not credited yet.
        uint24 gamesWon;
        bytes32 task;
        bytes32 output;
        /// When it was committed to, or else posted: results are ordered by this.
        uint40 orderedAt;
        /// When it was posted: the window counts from here.
        uint40 postedAt;
        /// Wei that each closed challenger gets beside the stake, once the result is dead or slashed.
        uint128 refund;
        /// Neighbours in the task's list of live results.
        bytes32 earlier;
        bytes32 later;
    }

    /// A commitment orders a result only if the result is posted within so many seconds.
    uint256 public constant COMMITMENT_LIFE = 1 hours;

    mapping(bytes32 result => Result) internal _results;
    /// @notice When a commitment was made; 0 for never.
    mapping(bytes32 commitment => uint256) public committedAt;

    /// A commitment was recorded.
    event Committed(bytes32 indexed commitment, address indexed by);
    /// A result was posted; whoever has the task's inputs can recompute `value`.
    event Proposed(
        bytes32 indexed task, bytes32 indexed result, address indexed proposer, bytes32 output, bytes value, uint256 orderedAt
    );
    /// A result became final.
    event Finalised(bytes32 indexed task, bytes32 indexed result, bytes32 output, bool inputsOffchain);
    /// A live result other than the final one was released or slashed; `status` is a RESULT constant.
    event Settled(bytes32 indexed task, bytes32 indexed result, uint8 status);

    /// The commitment is recorded already.
    error CommitmentExists(bytes32 commitment);
    /// The proposer posted this output already.
    error ResultExists(bytes32 result);
    /// No live result of this name.
    error NotLive(bytes32 result, uint256 status);
    /// The result does not belong after `earlier`, or that is no live result of the task.
    error WrongPlace(bytes32 earlier, uint256 orderedAt);
    /// Its window is still open.
    error WindowOpen(bytes32 result, uint256 until);
    /// Games on it are still open.
    error GamesOpen(bytes32 result, uint256 games);
    /// The task has no live result.
    error NothingLive(bytes32 task);
    /// The task has no final result yet.
    error NotFinal(bytes32 task);

    /// @notice Records keccak256(abi.encode(task, output root, proposer, salt)), whose result may follow within COMMITMENT_LIFE.
    function commit(bytes32 commitment) external {
        if (committedAt[commitment] != 0) revert CommitmentExists(commitment);
        committedAt[commitment] = block.timestamp;
        emit Committed(commitment, msg.sender);
    }

    /// @notice Posts a result with the proposer's bond.
    /// @param value the output's bytes
    /// @param salt the commitment's, if there was one
    /// @param earlier a result after which this one stands, 0 for the first place: where the search for its place begins, so that
    /// nobody who posts or dies meanwhile can make the call revert
    function propose(bytes32 task, bytes calldata value, bytes32 salt, bytes32 earlier)
        external
        payable
        returns (bytes32 result)
    {
        Task storage entry = _task(task);
        Entry storage model = _models[entry.model];
        _takePayment(model.proposerBond);
        if (entry.settled != 0 || entry.refunded) revert TaskIsOver(task);
        if (block.timestamp > entry.deadline) revert DeadlinePassed(entry.deadline, block.timestamp);
        _checkSize(0, value.length, model.outputBytes);
        bytes32 output = SlotRoot.of_(value);
        result = keccak256(abi.encode(task, msg.sender, output));
        Result storage posted = _results[result];
        if (posted.status != RESULT_NONE) revert ResultExists(result);
        posted.proposer = msg.sender;
        posted.postedAt = uint40(block.timestamp);
        posted.model = entry.model;
        posted.status = RESULT_LIVE;
        posted.task = task;
        posted.output = output;
        posted.orderedAt = uint40(_order(task, output, salt));
        _link(entry, posted, result, earlier);
        emit Proposed(task, result, msg.sender, output, value, posted.orderedAt);
    }

    /// @notice Makes the earliest live result final when its window and its games are over.
    function finalise(bytes32 task) external returns (bytes32 result) {
        Task storage entry = _task(task);
        if (entry.settled != 0) revert TaskIsOver(task);
        result = entry.earliest;
        if (result == 0) revert NothingLive(task);
        Result storage winner = _results[result];
        Entry storage model = _models[winner.model];
        uint256 until = winner.postedAt + model.window;
        if (block.timestamp <= until) revert WindowOpen(result, until);
        if (winner.openGames != 0) revert GamesOpen(result, winner.openGames);
        entry.settled = result;
        winner.status = RESULT_FINAL;
        emit Finalised(task, result, winner.output, entry.inputsOffchain);
        _credit(winner.proposer, uint256(model.proposerBond) + entry.fee + _takeWon(winner));
    }

    /// @notice Once a task has its final result: releases a live result that equals it, slashes a contrary one.
    function settle(bytes32 result) external {
        Result storage other = _live(result);
        Task storage entry = _tasks[other.task];
        if (entry.settled == 0) revert NotFinal(other.task);
        Result storage winner = _results[entry.settled];
        uint256 bond = _models[other.model].proposerBond;
        uint256 won = _takeWon(other);
        if (other.output == winner.output) {
            other.status = RESULT_RELEASED;
            _credit(other.proposer, bond + won);
        } else {
            _credit(other.proposer, won);
            other.status = RESULT_SLASHED;
            _credit(winner.proposer, _slash(other, bond, 0));
        }
        emit Settled(other.task, result, other.status);
    }

    /// @notice Credits the stakes that a result has won to its proposer, which its end does by itself.
    function collect(bytes32 result) external {
        Result storage entry = _results[result];
        _credit(entry.proposer, _takeWon(entry));
    }

    /// @notice A result's stored state.
    function resultOf(bytes32 result) external view returns (Result memory) {
        return _results[result];
    }

    /// @dev What is held of a challenger's bond while the game is open.
    function _stake(uint32 model) internal view returns (uint256) {
        uint256 bond = _models[model].challengerBond;
        return bond - _burntShare(bond);
    }

    /// @dev The stakes of the games that a result has won, which are its proposer's from here on.
    function _takeWon(Result storage entry) internal returns (uint256) {
        uint256 games = entry.gamesWon;
        if (games == 0) return 0;
        entry.gamesWon = 0;
        return games * _stake(entry.model);
    }

    /// @dev What is burnt of a challenger's bond when the game opens.
    function _burntShare(uint256 challengerBond) internal pure returns (uint256) {
        return challengerBond / 4;
    }

    function _live(bytes32 result) internal view returns (Result storage entry) {
        entry = _results[result];
        if (entry.status != RESULT_LIVE) revert NotLive(result, entry.status);
    }

    /// @dev Burns half of a lost proposer bond, sets apart the refunds of the challengers whose games close, and gives what
    /// remains. `first` wei are kept out of the refunds: they make a winner whole, gas included.
    function _slash(Result storage lost, uint256 bond, uint256 first) internal returns (uint256 remainder) {
        uint256 half = bond / 2;
        _burn(half);
        remainder = bond - half;
        uint256 closing = lost.openGames;
        if (closing == 0) return remainder;
        uint256 each = _burntShare(_models[lost.model].challengerBond);
        uint256 most = (remainder - first) / closing;
        if (each > most) each = most;
        lost.refund = uint128(each);
        remainder -= each * closing;
    }

    /// @dev Takes a result out of its task's list of live ones.
    function _unlink(Result storage gone) internal {
        (bytes32 earlier, bytes32 later) = (gone.earlier, gone.later);
        if (earlier == 0) _tasks[gone.task].earliest = later;
        else _results[earlier].later = later;
        if (later != 0) _results[later].earlier = earlier;
    }

    function _link(Task storage entry, Result storage posted, bytes32 result, bytes32 earlier) private {
        uint256 order = posted.orderedAt;
        // A result that died meanwhile still says which one stood before it.
        while (_results[earlier].status == RESULT_DEAD) earlier = _results[earlier].earlier;
        bytes32 later = entry.earliest;
        if (earlier != 0) {
            Result storage before = _results[earlier];
            if (before.task != posted.task || before.status != RESULT_LIVE || before.orderedAt > order) {
                revert WrongPlace(earlier, order);
            }
            later = before.later;
        }
        // Whoever was there first at the same second stays before.
        while (later != 0 && _results[later].orderedAt <= order) (earlier, later) = (later, _results[later].later);
        if (earlier == 0) {
            entry.earliest = result;
        } else {
            _results[earlier].later = result;
            posted.earlier = earlier;
        }
        if (later != 0) {
            _results[later].earlier = result;
            posted.later = later;
        }
    }

    function _order(bytes32 task, bytes32 output, bytes32 salt) private view returns (uint256) {
        uint256 committed = committedAt[keccak256(abi.encode(task, output, msg.sender, salt))];
        return committed != 0 && block.timestamp <= committed + COMMITMENT_LIFE ? committed : block.timestamp;
    }
}
