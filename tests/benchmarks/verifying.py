"""How long `trackbed verify` takes on the sandbox, for each document and for all of them, beside the stock `schemathesis run`.

    python tests/benchmarks/verifying.py [--seed N]

All judge the same server, one after the other, then all four documents at a time: ours in one command, Schemathesis, which takes one document, by
two commands at a time, as two cores can. Schemathesis gets the same document, the same seed and specs/schemathesis.toml. Seconds are those of
a clock on the wall, a command's start included.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from servers import serving  # noqa: E402

SPECS = ROOT / "specs"
PROVIDERS = ("trackru", "billink", "delivery_solutions", "parcellab")
TOOLS = ("quick", "ci", "schemathesis")


def command(tool: str, providers: Sequence[str], url: str, seed: str) -> Sequence[str]:
    """Write the command of a tool; ours is named by its profile, and takes several documents."""
    if tool != "schemathesis":
        return ("contracts", "verify", *providers, "--url", url, "--seed", seed, "--profile", tool)
    (provider,) = providers
    config, spec = str(SPECS / "schemathesis.toml"), str(SPECS / f"{provider}.yaml")
    return ("schemathesis.cli", "--config-file", config, "run", spec, "--url", f"{url}/{provider}", "--seed", seed)


def took(tool: str, providers: Sequence[str], url: str, seed: str) -> float:
    """Let a tool judge, and give the seconds. Raises RuntimeError where ours finds something or could not run."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        told = subprocess.run([sys.executable, "-m", *command(tool, providers, url, seed)], capture_output=True, check=False, cwd=folder)
    if tool != "schemathesis" and told.returncode:
        raise RuntimeError(told.stdout.decode()[-2000:] + told.stderr.decode()[-2000:])
    return time.monotonic() - began


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", default="1", help="the seed of all runs")
    seed = parser.parse_args().seed
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        alone = {(tool, name): took(tool, [name], server.url, seed) for name in PROVIDERS for tool in TOOLS}
        print(f"| document | {' | '.join(TOOLS)} | ci / schemathesis |")
        print(f"|---|{'---|' * (len(TOOLS) + 1)}")
        for name in PROVIDERS:
            seconds = " | ".join(f"{alone[tool, name]:.1f}" for tool in TOOLS)
            print(f"| {name} | {seconds} | {alone['ci', name] / alone['schemathesis', name]:.2f} |")
        sums = [sum(alone[tool, name] for name in PROVIDERS) for tool in TOOLS]
        print(f"| one after the other | {' | '.join(f'{total:.1f}' for total in sums)} | {sums[1] / sums[2]:.2f} |")
        together = [took(tool, PROVIDERS, server.url, seed) for tool in TOOLS if tool != "schemathesis"]
        began = time.monotonic()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda name: took("schemathesis", [name], server.url, seed), PROVIDERS))
        together.append(time.monotonic() - began)
        print(f"| all at a time | {' | '.join(f'{total:.1f}' for total in together)} | {together[1] / together[2]:.2f} |")


if __name__ == "__main__":
    main()
