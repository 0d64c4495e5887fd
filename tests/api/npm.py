"""What tests use of npm, each in a folder of its own below build/, in the versions that are named."""
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def installed(name, *packages):
    """The folder that has these packages."""
    folder = ROOT / "build" / name
    if not (folder / "node_modules").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent", *packages], cwd=folder, check=True)
    return folder
