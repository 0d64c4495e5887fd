"""Where files are kept: the folder of the local stack, or an S3-compatible server from npm (s3rver, which checks every signature)."""
import json
import subprocess
import sys
import time
from pathlib import Path

from npm import installed
from whole import ROOT

sys.path.insert(0, str(ROOT / "deploy" / "local"))
import settings  # noqa: E402

SERVER = "@20minutes/s3rver"
BUCKET = "ithaca"


class Folder:
    def __init__(self, folder):
        self.folder = Path(folder)

    def objects(self):
        """The files of the objects that are there or begun, by their keys."""
        return {path.name: path for path in self.folder.rglob("*") if path.is_file()}


class S3:
    """Its objects are files, <bucket>/<prefix>/<key>._S3rver_object; what is begun only the server knows."""

    def __init__(self, folder):
        self.folder, self.port = Path(folder), settings.free_ports(1)[0]
        self.server, self.process = installed("s3rver", f"{SERVER}@4.0.4"), None

    @property
    def address(self):
        return f"s3+http://S3RVER:S3RVER@127.0.0.1:{self.port}/{BUCKET}/files?region=eu-central-1"

    def start(self):
        options = {"address": "127.0.0.1", "port": self.port, "directory": str(self.folder), "silent": True, "vhostBuckets": False,
                   "configureBuckets": [{"name": BUCKET, "configs": []}]}
        script = f"new (require('{SERVER}'))({json.dumps(options)}).run()"
        self.process = subprocess.Popen(["node", "-e", script], cwd=self.server)
        end = time.monotonic() + 20
        while settings.is_free(self.port):
            assert self.process.poll() is None and time.monotonic() < end, "the S3 server does not start"
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    def objects(self):
        mark = "._S3rver_object"
        return {path.name.removesuffix(mark): path for path in self.folder.rglob(f"*{mark}") if path.parent.name == "files"}


def restart(stack, **environment):
    """The process of programs, told otherwise."""
    stack.stop_process("programs")
    process = stack.processes["programs"]
    process.environment = {**process.environment, **environment}
    stack.start_process("programs")
    stack.wait_ready("programs")


class Scanner:
    """clamd with one signature of its own: HARMFUL."""
    HARMFUL = b"ITHACA-HARMFUL-TEST"

    def __init__(self, folder):
        self.socket, database = folder / "clamd", folder / "signatures"
        folder.chmod(0o755)
        database.mkdir()
        (database / "ithaca.ndb").write_text(f"Ithaca.Test:0:*:{self.HARMFUL.hex()}\n")
        self.settings = folder / "clamd.conf"
        self.settings.write_text(f"DatabaseDirectory {database}\nLocalSocket {self.socket}\nLocalSocketMode 666\nForeground yes\nUser root\n")
        self.process = None

    @property
    def address(self):
        return f"unix:{self.socket}"

    def start(self):
        self.process = subprocess.Popen(["clamd", "-c", str(self.settings)], stdout=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while not self.socket.exists():
            assert self.process.poll() is None and time.monotonic() < end, "clamd does not start"
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
