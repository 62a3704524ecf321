"""Builds the trellis coder's kernel (kernel.c) where there is a C compiler; elsewhere the wheel is pure Python.

hatchling runs it for wheels, and for editable installs, whose kernel stands beside its source. Without it numpy plays:
the same bits, later. $CC names another compiler than cc.
"""

import os
import shlex
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import platform_tags

FLAGS = ["-std=c99", "-O2", "-ffp-contract=off", "-fno-fast-math", "-fPIC", "-shared"]
"""Those of arithmetic keep its bits those of numpy: kernel.c says why."""


class KernelHook(BuildHookInterface[Any]):
    """Compiles, and has the wheel carry what came out."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's own call
        source = Path(self.root, "wlra_dist/codecs/trellis/kernel.c")
        built = compiled(source)
        if built:
            build_data["artifacts"].append(f"/{built.relative_to(self.root).as_posix()}")
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform()}"


def compiled(source: Path) -> Path | None:
    """The kernel beside its source, with a digest of it in its name; None where none could be built."""
    for older in source.parent.glob("kernel-*.bin"):
        older.unlink()
    digest = sha256(source.read_bytes()).hexdigest()[:12]  # as wlra_dist/codecs/trellis/kernel.py looks for it
    target = source.with_name(f"kernel-{digest}.bin")  # an .so would pass for a module
    command = [*shlex.split(os.environ.get("CC", "cc")), *FLAGS, "-o", str(target), str(source), "-lm"]
    try:
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"no C kernel, numpy plays: {error}: {getattr(error, 'stderr', '')}")
        return None
    return target


def platform() -> str:
    """What the compiler built for: this machine, and no older C library than its own."""
    return next(tag for tag in platform_tags() if not tag.startswith(("manylinux", "musllinux")))
