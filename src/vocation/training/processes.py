"""The processes that train together: who they are, what the main one tells the others, and numbers of all of them.

A launcher (`accelerate launch`, `torchrun`) starts one process a device and sets RANK, LOCAL_RANK and WORLD_SIZE. What
the main process tells goes through the launcher's key-value store, which the others look into from time to time: so
they wait for hours without a time-out where the main one works alone, and learn of its end where it fails.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from vocation.errors import AbandonedError

if TYPE_CHECKING:
    import torch
    from torch.distributed import ProcessGroup
    from torch.distributed.distributed_c10d import Store

_PATIENCE = timedelta(days=30)
"""How long a process waits for another one's numbers. A process that died breaks the connection, or is noticed by the
launcher, which ends the others; waiting long only means that the main process may work long."""
_SHORTEST_WAIT, _LONGEST_WAIT = 0.01, 0.25  # Seconds between two looks into the store.
_SECONDS_TO_TELL = 10.0
"""How long a process that met an error waits for the main one to tell the same, so that it is told once."""
_SECONDS_TO_SPEAK = 2.0
_FAILED = "failed"
_ABANDONED = "The main process ended with an error, which it has told."


class Team:
    """The processes that train together. One process alone is a team too, and for it nothing here does anything.

    Args:
        index: of this process, from 0; that of the main one.
        count: of all processes.
        store: where the main process writes what it tells.
        control: what small numbers are exchanged through, on the processor.
    """

    def __init__(
        self, index: int = 0, count: int = 1, store: Store | None = None, control: ProcessGroup | None = None
    ) -> None:
        self.index, self.count = index, count
        self._store, self._control = store, control
        self._words = 0

    @property
    def is_main(self) -> bool:
        """Whether this process writes, prints, evaluates and decides."""
        return self.index == 0

    def tell(self, value: Any) -> None:
        """The main process says a plain JSON value, which every other one gets by one `hear`."""
        if self._store is not None:
            self._words += 1
            self._store.set(f"word {self._words}", json.dumps(value))

    def hear(self) -> Any:
        """The next value that the main process tells, as soon as it does.

        Raises:
            AbandonedError: the main process failed.
        """
        assert self._store is not None
        self._words += 1
        wait = _SHORTEST_WAIT
        while not self._store.check([f"word {self._words}"]):
            self._require_main()
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)
        return json.loads(self._store.get(f"word {self._words}"))

    def share(self, value: Any) -> Any:
        """The main process's value, in every process; what the others give is not looked at."""
        if not self.is_main:
            return self.hear()
        self.tell(value)
        return value

    @contextmanager
    def failure_told(self) -> Iterator[None]:
        """Within it an error of the main process ends what the others wait for."""
        try:
            yield
        except BaseException:
            if self._store is not None and self.is_main:
                self._store.set(_FAILED, "1")
            raise

    @contextmanager
    def left_alone(self) -> Iterator[None]:
        """Within it a broken connection is told as what it comes from, where that is an error of the main process.

        Raises:
            AbandonedError: the main process failed.
        """
        try:
            yield
        except RuntimeError as error:
            if self.main_failed(_SECONDS_TO_TELL):
                raise AbandonedError(_ABANDONED) from error
            raise

    def main_failed(self, seconds: float) -> bool:
        """Whether the main process fails now or within some seconds."""
        end = time.monotonic() + seconds
        while self._store is not None and not self.is_main:
            if self._store.check([_FAILED]):
                return True
            if time.monotonic() >= end:
                break
            time.sleep(_LONGEST_WAIT)
        return False

    def gathered(self, values: Sequence[float]) -> list[list[float]]:
        """The numbers of every process, in the order of the processes; each gives equally many."""
        if self.count == 1:
            return [list(values)]
        import torch
        from torch import distributed

        mine = torch.tensor(values, dtype=torch.float64)
        everyone = [torch.empty_like(mine) for _ in range(self.count)]
        distributed.all_gather(everyone, mine, group=self._control)
        return [theirs.tolist() for theirs in everyone]

    def sum_gradients(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        """Makes the gradient of each parameter the sum over all processes.

        Where one process has no gradient, it counts as zero; where none has, there stays none, so that the optimiser
        leaves the parameter alone as it does with one process.
        """
        if self.count == 1:
            return
        import torch

        everyone = self.gathered([value.grad is not None for value in parameters])
        gradients = []
        for parameter, holders in zip(parameters, zip(*everyone, strict=True), strict=True):
            if any(holders):
                parameter.grad = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
                gradients.append(parameter.grad)
        for bucket in _buckets(gradients):
            _sum_in_place(bucket)

    def equalise(self, model: torch.nn.Module) -> None:
        """Gives every process the main one's weights and buffers."""
        if self.count > 1:
            from torch import distributed

            for value in model.state_dict().values():
                distributed.broadcast(value, src=0)

    def agree(self, model: torch.nn.Module) -> bool:
        """Whether every process has the same weights, to the bit."""
        if self.count == 1:
            return True
        import torch

        bits = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
        sums = [
            int(value.detach().contiguous().view(bits[value.dtype.itemsize]).sum(dtype=torch.int64)) % 2**52
            for value in model.parameters()
        ]
        everyone = self.gathered(sums)
        return all(theirs == everyone[0] for theirs in everyone)

    def _require_main(self) -> None:
        if self._store is not None and self._store.check([_FAILED]):
            raise AbandonedError(_ABANDONED)


ALONE = Team()


def launched() -> bool:
    """Whether a launcher started this process together with others."""
    return "LOCAL_RANK" in os.environ and int(os.environ.get("WORLD_SIZE", "1")) > 1


def is_helper() -> bool:
    """Whether this is one of several processes, and not the main one."""
    return launched() and int(os.environ.get("RANK", "0")) > 0


def join() -> Team:
    """The team that this process belongs to; connects it when it is first asked for."""
    return _connected() if launched() else ALONE


def told_elsewhere() -> bool:
    """Whether the main process tells the error that ends this one; if so, it has had time to."""
    if not is_helper():
        return False
    # Until they connect, all do the same and meet the same.
    told = not _connected.cache_info().currsize or _connected().main_failed(_SECONDS_TO_TELL)
    if told:  # A launcher ends all processes when the first one ends.
        time.sleep(_SECONDS_TO_SPEAK)
    return told


def leave() -> None:
    """Waits until every process is done, and takes the connection down."""
    if _connected.cache_info().currsize:
        from torch import distributed

        distributed.barrier(group=_connected()._control)  # noqa: SLF001 - the team's own module
        distributed.destroy_process_group()
        _connected.cache_clear()


@cache
def _connected() -> Team:
    from torch import distributed
    from torch.distributed.distributed_c10d import PrefixStore, _get_default_store

    if not distributed.is_initialized():
        distributed.init_process_group(timeout=_PATIENCE)  # gloo for the processor beside what the device has.
    control = distributed.new_group(backend="gloo", timeout=_PATIENCE)
    store = PrefixStore("vocation", _get_default_store())
    return Team(distributed.get_rank(), distributed.get_world_size(), store, control)


_BUCKET = 2**25  # Numbers summed at once: few calls, and little memory beside the gradients.


def _buckets(tensors: Sequence[torch.Tensor]) -> Iterator[list[torch.Tensor]]:
    """Tensors of one type in a row, together."""
    bucket: list[torch.Tensor] = []
    for tensor in tensors:
        full = sum(value.numel() for value in bucket) + tensor.numel() > _BUCKET
        if bucket and (full or tensor.dtype != bucket[0].dtype):
            yield bucket
            bucket = []
        bucket.append(tensor)
    if bucket:
        yield bucket


def _sum_in_place(tensors: Sequence[torch.Tensor]) -> None:
    import torch
    from torch import distributed

    flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
    distributed.all_reduce(flat)
    start = 0
    for tensor in tensors:
        tensor.copy_(flat[start : start + tensor.numel()].view_as(tensor))
        start += tensor.numel()
