"""What is given to Kubernetes is what its API takes, complete, and no more than is needed."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "deploy" / "local"), str(ROOT / "tests" / "api")]

from npm import installed  # noqa: E402
from settings import Options  # noqa: E402
from stack import Stack  # noqa: E402

VALIDATE = ROOT / "tests" / "lib" / "kubernetes" / "validate.mjs"
TOLD = {"POSTGRES": "db.example:5432/ithaca?sslmode=verify-full", "ITHACA_SMTP_URL": "smtps://mail.example", "ITHACA_OBJECTS": "s3://a:b@s3.example/files"}
BIN = Path(os.environ.get("ITHACA_BIN", ROOT / "build" / "bin"))
FOLDERS = [folder for lib in ("/lib", "/usr/lib") for folder in Path(lib).glob("*-linux-gnu")]
SERVICES = {"identity", "programs", "notify", "matching", "scheduling", "safety"}


def kustomize_is_recent():
    """Debian 12's kubectl is too old for it."""
    done = subprocess.run(["kubectl", "version", "--client"], capture_output=True, text=True) if shutil.which("kubectl") else None
    version = re.search(r"Kustomize Version: v(\d+)", done.stdout) if done else None
    return bool(version) and int(version[1]) >= 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The example overlay with secrets of its own."""
    copy = tmp_path_factory.mktemp("kubernetes") / "kubernetes"
    shutil.copytree(ROOT / "deploy" / "kubernetes", copy, ignore=shutil.ignore_patterns("secrets"))
    secrets = copy / "overlays" / "example" / "secrets"
    subprocess.run([ROOT / "deploy" / "kubernetes" / "make-secrets", secrets], env=os.environ | TOLD, check=True)
    return copy / "overlays" / "example"


@pytest.fixture(scope="module")
def manifest(folder):
    if not kustomize_is_recent():
        pytest.skip("needs a kubectl with kustomize 5 or later")
    return subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def validated(manifest, tmp_path_factory):
    models = installed("kubernetes-models", "kubernetes-models@5.1.0", "yaml@2.9.1")
    shutil.copy(VALIDATE, models)
    done = subprocess.run(["node", VALIDATE.name], cwd=models, input=manifest, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return json.loads(done.stdout)


def of_kind(objects, kind):
    return {one["metadata"]["name"]: one for one in objects if one["kind"] == kind}


def test_every_object_is_as_the_api_describes_it(validated):
    assert set(of_kind(validated, "Deployment")) == SERVICES | {"gateway"}
    assert set(of_kind(validated, "PodDisruptionBudget")) == SERVICES | {"gateway", "nats"}


def pods(validated):
    return {name: one["spec"]["template"]["spec"] for kind in ("Deployment", "StatefulSet") for name, one in of_kind(validated, kind).items()}


def test_no_container_may_more_than_run(validated):
    for name, pod in pods(validated).items():
        assert pod["securityContext"]["runAsNonRoot"] and pod["automountServiceAccountToken"] is False, name
        for container in pod["containers"] + pod.get("initContainers", []):
            assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                                    "capabilities": {"drop": ["ALL"]}}, name
            assert container["resources"]["limits"]["memory"], name


def test_each_process_is_told_its_own_secrets_and_no_other(validated, folder):
    secrets = of_kind(validated, "Secret")
    for name, pod in pods(validated).items():
        if name == "nats":
            continue
        told = [source["secretRef"]["name"] for container in pod["containers"] for source in container["envFrom"] if "secretRef" in source]
        assert [secret.rsplit("-", 1)[0] for secret in told] == [name] and set(told) <= set(secrets)
        for container in pod.get("initContainers", ()):
            assert [source["secretRef"]["name"].rsplit("-", 1)[0] for source in container["envFrom"]] == [f"{name}-owner"]
    for service in SERVICES:
        assert "OWNER" not in (folder / "secrets" / f"{service}.env").read_text()


def told_to(pod, validated):
    """The names of the settings that a pod's containers are told."""
    kept = of_kind(validated, "Secret") | of_kind(validated, "ConfigMap")
    names = set()
    for container in pod["containers"] + pod.get("initContainers", []):
        names |= {one["name"] for one in container.get("env", ())}
        for source in container["envFrom"]:
            names |= set(kept[next(iter(source.values()))["name"]]["data"])
    return names


def test_each_process_is_told_what_it_needs(validated):
    for name, pod in pods(validated).items():
        if name == "nats":
            continue
        printed = subprocess.run([BIN / name, "help"], capture_output=True, text=True, check=True).stdout
        needed = {line.split()[0] for line in printed.splitlines() if line.endswith("(needed)")}
        assert len(needed) > 1 and needed <= told_to(pod, validated), (name, needed - told_to(pod, validated))


def test_secrets_are_made_once_and_for_their_owner_only(folder):
    secrets = folder / "secrets"
    before = {path.name: path.read_text() for path in secrets.iterdir() if path.suffix in (".env", ".sql", ".json")}
    subprocess.run([ROOT / "deploy" / "kubernetes" / "make-secrets", secrets], env=os.environ | TOLD, check=True)
    assert before == {name: (secrets / name).read_text() for name in before}
    assert {path.stat().st_mode & 0o777 for path in secrets.iterdir()} == {0o600}


def test_the_database_is_made_ready_for_owners_who_migrate_and_services_that_serve(tmp_path):
    tmp_path.chmod(0o755)
    stack = Stack(Options(data=tmp_path / "run", services=("none",)))
    stack.up_dependencies()
    try:
        secrets = tmp_path / "secrets"
        told = TOLD | {"POSTGRES": f"127.0.0.1:{stack.postgres.port}/ithaca"}
        subprocess.run([ROOT / "deploy" / "kubernetes" / "make-secrets", secrets], env=os.environ | told, check=True)
        for _ in range(2):
            stack.postgres.sql((secrets / "postgres.sql").read_text())
        for service in sorted(SERVICES):
            for command, settings in (("migrate", f"{service}-owner.env"), ("check", f"{service}.env")):
                environment = dict(line.split("=", 1) for line in (secrets / settings).read_text().splitlines())
                done = subprocess.run([BIN / service, command], env=environment, capture_output=True, text=True)
                assert done.returncode == 0, done.stdout + done.stderr
    finally:
        stack.stop()


def test_what_is_not_told_is_asked_for(tmp_path):
    done = subprocess.run([ROOT / "deploy" / "kubernetes" / "make-secrets", tmp_path / "secrets"], env={"PATH": os.environ["PATH"]},
                          capture_output=True, text=True)
    assert done.returncode == 1 and all(name in done.stderr for name in TOLD) and not (tmp_path / "secrets").exists()


def test_the_bus_takes_its_configuration(folder, tmp_path):
    """Debian's nats-server does not know yet how often to write to the disk, and says so of nothing else."""
    conf = tmp_path / "nats.conf"
    conf.write_text((folder / "secrets" / "nats.conf").read_text().replace(", sync_interval: always", ""))
    done = subprocess.run(["nats-server", "-t", "-c", conf], env=os.environ | {"POD_NAME": "nats-0"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_image_has_what_its_programs_need():
    """Each library that a program is linked with comes with a package that the image installs."""
    image = (ROOT / "deploy" / "image" / "Containerfile").read_text()
    needed = set()
    for program in (one for one in BIN.iterdir() if one.is_file()):
        needed |= set(re.findall(r"NEEDED +(lib\S+)", subprocess.run(["objdump", "-p", program], capture_output=True, text=True, check=True).stdout))
    for library in sorted(needed):
        path = next(path for path in (folder / library for folder in FOLDERS) if path.exists())
        package = package_of(library, path)
        assert package in ("libc6", "libgcc-s1", "libasan8", "libubsan1") or package in image, f"{library} of {package}"


def package_of(library, path):
    for one in (path, path.resolve(), Path("/usr") / str(path).lstrip("/")):
        done = subprocess.run(["dpkg-query", "-S", one], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    raise AssertionError(f"{library} belongs to no package")
