// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Game, OUTCOME_CHALLENGER, OUTCOME_CLOSED, OUTCOME_DEFENDER} from "../game/Game.sol";
import {Clock} from "../game/Clock.sol";
import {Claim, NO_POSITION, Position} from "../game/Types.sol";
import {IStage} from "../stages/IStage.sol";
import {RESULT_DEAD, RESULT_LIVE, RESULT_RELEASED, Results} from "./Results.sol";

/// @title Challenges, and what their verdicts mean for results and money
abstract contract Games is Game, Results {
    /// A result was challenged; the defender is to open the first stage.
    event Challenged(
        bytes32 indexed game, bytes32 indexed result, address indexed challenger, Position position, Claim claim
    );
    /// A result died: it lost a game.
    event ResultDied(bytes32 indexed result, bytes32 indexed task);

    /// Its window is over.
    error WindowClosed(bytes32 result, uint256 until);
    /// The challenger has a game on this result, or had one.
    error GameExists(bytes32 game);
    /// The game cannot be closed: it is over, or its result is still in play.
    error NotClosable(bytes32 game);

    /// @notice Opens a game on a live result within its window, with the challenger's bond.
    function challenge(bytes32 result) external payable returns (bytes32 game) {
        Result storage entry = _live(result);
        Task storage task = _tasks[entry.task];
        Entry storage model = _models[entry.model];
        _takePayment(model.challengerBond);
        if (task.settled != 0) revert TaskIsOver(entry.task);
        uint256 until = entry.postedAt + model.window;
        if (block.timestamp > until) revert WindowClosed(result, until);
        game = _hash(result, msg.sender);
        if (_games[game].defender != address(0)) revert GameExists(game);
        ++entry.openGames;
        ++task.games;
        _burn(_burntShare(msg.value));
        Claim memory claim = Claim(model.program, task.inputs, entry.output);
        Position memory position =
            _beginGame(game, entry.proposer, model.arity, model.stageCount - 1, keccak256(abi.encode(claim)));
        emit Challenged(game, result, msg.sender, position, claim);
    }

    /// @notice Closes a game whose result was decided elsewhere: the challenger of a dead or slashed result gets the stake and
    /// the flat refund, that of a released one loses the stake to its proposer.
    function close(GameId calldata id) external {
        Result storage entry = _results[id.result];
        bytes32 game = _hash(id);
        if (_games[game].position == NO_POSITION || entry.status == RESULT_LIVE) revert NotClosable(game);
        bool released = entry.status == RESULT_RELEASED;
        uint256 stake = _stake(entry.model);
        --entry.openGames;
        _end(game, released ? OUTCOME_DEFENDER : OUTCOME_CLOSED, false);
        if (released) _credit(entry.proposer, stake);
        else _credit(id.challenger, stake + entry.refund);
    }

    function _settleGame(GameId calldata id, bool defenderWins) internal override {
        Result storage entry = _live(id.result);
        // After finality results are settled by their output: a verdict would come too late.
        if (_tasks[entry.task].settled != 0) revert TaskIsOver(entry.task);
        --entry.openGames;
        if (defenderWins) {
            ++entry.gamesWon;
            return;
        }
        entry.status = RESULT_DEAD;
        _unlink(entry);
        emit ResultDied(id.result, entry.task);
        _credit(entry.proposer, _takeWon(entry));
        Entry storage model = _models[entry.model];
        uint256 stake = _stake(entry.model);
        _credit(id.challenger, stake + _slash(entry, model.proposerBond, model.challengerBond));
    }

    function _stageOf(bytes32 result, uint256 stage) internal view override returns (IStage) {
        return IStage(_models[_results[result].model].stages[stage].implementation);
    }

    function _vmOf(bytes32 result) internal view override returns (address) {
        return _models[_results[result].model].vm;
    }

    function _imageOf(bytes32 result) internal view override returns (bytes32) {
        return _models[_results[result].model].image;
    }

    function _allowanceOf(bytes32 result, uint256 stage) internal view override returns (uint256) {
        Result storage entry = _results[result];
        StageEntry storage stored = _models[entry.model].stages[stage];
        return Clock.allowance(stored.clockBase, stored.clockUnit, _tasks[entry.task].games);
    }
}
