"A JupyterLab of its own on this machine, with no settings but ours: for tests and for pictures."

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACES = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
    "IPYTHONDIR",
    "MPLCONFIGDIR",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_settings(config: Path, theme: str) -> None:
    "Settings that ask nothing of the world."
    folder = config / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
    folder.mkdir(parents=True, exist_ok=True)
    for name, settings in {
        "notification": {"fetchNews": "false", "checkForUpdates": False},
        "themes": {"theme": f"JupyterLab {theme}"},
    }.items():
        (folder / f"{name}.jupyterlab-settings").write_text(json.dumps(settings))


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    "Until it answers; raises with its words where it does not."
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}/api/status", timeout=1).read()
            return
        except OSError:
            assert server.poll() is None, log.read_text()[-3000:]
            time.sleep(0.1)
    raise AssertionError(log.read_text()[-3000:])


@contextmanager
def jupyterlab(
    folder: Path,  # with the notebooks
    config: Path,  # for everything that it writes
    theme: str = "Light",  # or Dark
) -> Iterator[tuple[str, int]]:  # its address and process
    "A JupyterLab that runs as long as the block."
    write_settings(config, theme)
    port, places = free_port(), {name: str(config / name.lower()) for name in PLACES}
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, **places, "JUPYTER_PREFER_ENV_PATH": "1", "PYTHONPATH": path}
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1"),
        *(f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="),
        *("--ServerApp.allow_root=True", f"--ServerApp.root_dir={folder}"),
        *("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",),
        "--LabApp.news_url=None",
    ]
    with open(config / "log", "w") as log:
        server = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}", server, config / "log")
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.terminate()
        server.wait(20)
