"""The launcher's configurations that the repository ships: `accelerate` itself reads them, and as they are meant."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "accelerate"
CONFIGURATIONS = {"ddp": "MULTI_GPU", "deepspeed-zero2": "DEEPSPEED", "fsdp": "FSDP"}


def understood(name: str) -> Namespace:
    """What `accelerate launch --config_file … -m vocation run recipe.yaml` would do."""
    from accelerate.commands import launch

    command = ["--config_file", str(FOLDER / f"{name}.yaml"), "-m", "vocation", "run", "recipe.yaml"]
    given, *_ = launch._validate_launch_command(launch.launch_command_parser().parse_args(command))
    found: Namespace = given
    return found


def test_every_configuration_is_seen() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(CONFIGURATIONS)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_accelerate_reads_it(name: str) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    config = load_config_from_file(str(FOLDER / f"{name}.yaml"))
    assert config.distributed_type.value == CONFIGURATIONS[name]
    found = understood(name)
    assert (found.module, found.training_script, found.training_script_args) == (
        True,
        "vocation",
        ["run", "recipe.yaml"],
    )
    assert (found.num_processes, found.num_machines, found.mixed_precision) == (2, 1, "no")
    assert (bool(found.multi_gpu), found.use_fsdp, found.use_deepspeed) == (
        name == "ddp",
        name == "fsdp",
        name == "deepspeed-zero2",
    )


def test_fsdp_is_version_2_and_divides_every_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    from accelerate.utils import FullyShardedDataParallelPlugin
    from accelerate.utils.launch import prepare_multi_gpu_env

    for variable, value in prepare_multi_gpu_env(understood("fsdp")).items():
        monkeypatch.setenv(variable, value)
    plugin = FullyShardedDataParallelPlugin()
    assert (plugin.fsdp_version, plugin.reshard_after_forward, plugin.cpu_ram_efficient_loading) == (2, True, False)
    assert plugin.transformer_cls_names_to_wrap is None, "Vocation names them"
    assert "transformer_auto_wrap_policy" in str(plugin.auto_wrap_policy)


def test_zero_is_stage_2() -> None:
    found = understood("deepspeed-zero2")
    assert (found.zero_stage, found.gradient_accumulation_steps, found.zero3_init_flag) == (2, 1, False)


def test_a_misspelt_setting_would_be_seen(tmp_path: Path) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    text = (FOLDER / "ddp.yaml").read_text(encoding="utf-8").replace("num_machines", "number_of_machines")
    (tmp_path / "wrong.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="number_of_machines"):
        load_config_from_file(str(tmp_path / "wrong.yaml"))
