"""How fast the engine trains a causal language model, beside the Trainer of transformers and the SFTTrainer of TRL.

    .venv/bin/python -m benchmarks.engine.causal DATA                    # every workload and system, then the losses
    .venv/bin/python -m benchmarks.engine.causal DATA --rounds 9 --seed 1 --seed 2 --seed 3

DATA is a folder with the data sets that the repository does not carry. As in `speed`, each system is a process of its
own, and in each round every system trains equally many updates, one system after the other; what counts is the median
of the ratios within rounds. Then every system trains anew from each seed, and the loss of held-out answers is compared.
TRL is measured where it is installed. causal.json has every measurement.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import mean, median
from typing import Any

from benchmarks.engine.causal_sides import AT_ONCE, BATCH, SYSTEMS, TOKEN_BUDGET
from benchmarks.engine.causal_workloads import HELD_OUT, LONGEST, MODEL, WORKLOADS
from benchmarks.engine.speed import Side, machine

RESULTS = Path(__file__).resolve().parent / "causal.json"
MODULE = "benchmarks.engine.causal_sides"
ROUNDS, UPDATES, LEARNED = 7, 4, 16
SEEDS = (1, 2, 3)
BESIDE = {
    "vocation": ("trainer, padded", "trainer, dynamic", "sft"),
    "vocation, products": ("trainer, dynamic, products",),
}
"""What each of ours stands beside: those that compute in the same precision."""
AIMS = {"trainer, padded": 5.0, "trainer, dynamic": 2.0}


def measure(workload: str, systems: Sequence[str], data: Path, rounds: int, updates: int) -> dict[str, Any]:
    """All rounds of one workload: for each system its start, and each round's seconds, texts, tokens and peak."""
    sides = {system: Side(system, workload, data, updates, MODULE, SEEDS[0]) for system in systems}
    result: dict[str, Any] = {system: {"start": side.start, "rounds": []} for system, side in sides.items()}
    for side in sides.values():  # Not counted: caches and allocators settle.
        side.round()
    for number in range(rounds):
        for system in list(sides) if number % 2 == 0 else list(reversed(sides)):
            result[system]["rounds"].append(sides[system].round())
        speeds = {name: entry["rounds"][-1] for name, entry in result.items()}
        told = ", ".join(f"{name} {one['tokens'] / one['seconds']:.0f}" for name, one in speeds.items())
        print(f"{workload}, round {number + 1} of {rounds}, tokens/s: {told}", flush=True)
    for side in sides.values():
        side.close()
    return result


def learn(workload: str, systems: Sequence[str], data: Path, seeds: Sequence[int]) -> dict[str, Any]:
    """The loss of held-out answers after one update and after equally many, for each system and seed, one by one."""
    result: dict[str, Any] = {system: {} for system in systems}
    for seed in seeds:
        for system in systems:
            side = Side(system, workload, data, LEARNED - 1, MODULE, seed)  # The first update is done by starting.
            first = side.ask("score")["loss"]
            side.round()
            result[system][str(seed)] = [first, side.ask("score")["loss"]]
            side.close()
        told = ", ".join(f"{system} {losses[str(seed)][1]:.4f}" for system, losses in result.items())
        print(f"{workload}, seed {seed}, loss after {LEARNED} updates: {told}", flush=True)
    return result


def installed() -> list[str]:
    """The systems that can run here."""
    return [system for system in SYSTEMS if system != "sft" or find_spec("trl") is not None]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, and writes causal.json; what another workload has there stays."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--workload", action="append", choices=list(WORKLOADS))
    parser.add_argument("--system", action="append", choices=list(SYSTEMS))
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="0: none, the losses alone")
    parser.add_argument("--updates", type=int, default=UPDATES)
    parser.add_argument("--seed", action="append", type=int, help="of the losses; 0: none, the rounds alone")
    given = parser.parse_args(arguments)
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"workloads": {}}
    systems = given.system or installed()
    seeds = [seed for seed in given.seed or SEEDS if seed]
    for workload in given.workload or WORKLOADS:
        entry = kept["workloads"].setdefault(workload, {})
        entry |= {"updates": given.updates, "batch": BATCH, "at once": AT_ONCE, "longest": LONGEST, "learned": LEARNED}
        entry |= {"model": MODEL, "token budget": TOKEN_BUDGET, "held out": HELD_OUT}
        if given.rounds:
            entry["systems"] = measure(workload, systems, given.data, given.rounds, given.updates)
        if seeds:
            entry["losses"] = learn(workload, systems, given.data, seeds)
        kept["machine"] = machine()
        RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def page(results: Mapping[str, Any]) -> list[str]:
    """The section of the page."""
    box = results["machine"]
    first = next(iter(results["workloads"].values()))
    lines = [
        "## Causal language models",
        "",
        f"`{MODEL}` (134.5 million weights) with updates of rank 8 beside every linear map (LoRA, by peft), "
        f"{first['batch']} chats of at most {first['longest']} tokens an update, answers learned, AdamW, gradients "
        "clipped. *dialogues*: a dialogue of doctor and patient, to be written down as a note (the answer is a fifth "
        "of the tokens); *questions*: a patient's question, to be answered (four fifths). Beside it the `Trainer` of "
        f"transformers, {first['at once']} chats at once, padded to {first['longest']} tokens, and padded to the "
        "longest of a batch with chats of like length together (dynamic), and TRL's `SFTTrainer` in the same way "
        "(sft). *products*: as above. Tokens are those of the chats: padding does not count, and what Vocation "
        "computes once for several chats that begin alike counts for each.",
        "",
        "Ratios are medians of those within rounds, with the lowest and the highest. Peak memory is of the whole "
        f"process. The loss is that of {first['held out']} held-out answers, a token, after one update and after "
        f"{first['learned']}, the mean over seeds with the lowest and the highest.",
        "",
        "| chats | system | tokens/s | ours is faster by | aim | peak, MB | start, s | loss |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for workload, measured in results["workloads"].items():
        lines += [_row(workload, name, measured) for name in measured["systems"]]
    packages = ", ".join(f"{name} {version}" for name, version in box["packages"].items())
    return [*lines, "", f"{box['processor']}, {box['threads']} threads, Python {box['python']}; {packages}.", ""]


def _row(workload: str, name: str, measured: Mapping[str, Any]) -> str:
    systems = measured["systems"]
    rates = _rates(systems[name])
    ours = next((one for one, others in BESIDE.items() if name in others), None)
    faster, aim = "", f"≥ {AIMS[name]:g}" if name in AIMS else ""
    if ours is not None and ours in systems:
        ratios = [fast / slow for fast, slow in zip(_rates(systems[ours]), rates, strict=True)]
        faster = f"{median(ratios):.2f} × ({min(ratios):.2f} to {max(ratios):.2f})"
    memory = max(one["peak"] for one in systems[name]["rounds"])
    losses = list(measured.get("losses", {}).get(name, {}).values())
    last = [loss for _, loss in losses]
    loss = (
        f"{mean(loss for loss, _ in losses):.3f} → {mean(last):.3f} ({min(last):.3f} to {max(last):.3f})"
        if losses
        else ""
    )
    cells = (f"{median(rates):,.0f}", faster, aim, f"{memory:,.0f}", f"{systems[name]['start']:.1f}", loss)
    return f"| {workload} | {name} | " + " | ".join(cells) + " |"


def _rates(entry: Mapping[str, Any]) -> list[float]:
    return [one["tokens"] / one["seconds"] for one in entry["rounds"]]


if __name__ == "__main__":
    main()
