"""The base image of `provided.al2023`, made of this machine's own files: nothing is pulled.

It holds what SAM CLI and a Rust `bootstrap` need of Amazon's image and no more: a shell for SAM's build step, the C
library, the CA bundle. A Rust binary that runs on this machine's C library runs in it; whether it runs on Amazon's is
what scripts/build looks at."""

import io
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile

from .docker import docker
from .say import Stop, step
from .tools import need

BASE = "public.ecr.aws/lambda/provided:al2023-x86_64"
# What SAM CLI makes of the base; of an older base it would be used on.
DERIVED = "public.ecr.aws/lambda/provided:al2023-rapid-x86_64"
LOADER = "/lib64/ld-linux-x86-64.so.2"
LIBRARIES = "/lib/x86_64-linux-gnu"
APPLETS = ["sh", "mv", "chmod", "cp", "rm", "ls", "cat"]
BUNDLE = "etc/ssl/certs/ca-certificates.crt"
BUNDLES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"]
FOLDERS = ["bin", "lib64", LIBRARIES[1:], "etc/ssl/certs", "tmp", "var/task", "var/runtime", "var/rapid", "opt", "dev", "proc", "sys"]
SETTINGS = [
    "WORKDIR /var/task",
    "ENV PATH=/usr/local/bin:/usr/bin:/bin:/opt/bin LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime "
    f"SSL_CERT_FILE=/{BUNDLE}",
]


def base_image(programs: list[pathlib.Path]) -> None:
    """Makes the image for these programs, unless the machine has it or Amazon's."""
    if docker("image", "inspect", BASE, must=False).returncode == 0:
        return
    need("busybox", "busybox-static", "the functions' base image has its shell")
    need("update-ca-certificates", "ca-certificates", "the functions' base image has its certificates")
    with step(f"make {BASE} of this machine's files"), tempfile.TemporaryFile() as archive:
        write(archive, programs)
        archive.seek(0)
        changes = [argument for change in SETTINGS for argument in ("--change", change)]
        docker("import", *changes, "-", BASE, stdin=archive)
        docker("image", "rm", "--force", DERIVED, must=False)


def write(archive, programs: list[pathlib.Path]) -> None:
    shell = pathlib.Path(shutil.which("busybox"))
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for folder in FOLDERS:
            add(tar, folder, tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755)
        copy(tar, shell, "bin/busybox", 0o755)
        for applet in APPLETS:
            add(tar, f"bin/{applet}", tarfile.SYMTYPE, 0o777, link="busybox")
        copy(tar, pathlib.Path(LOADER), LOADER[1:], 0o755)
        for library in sorted(set().union(*map(libraries, [shell, *programs]))):
            copy(tar, library, f"{LIBRARIES[1:]}/{library.name}", 0o755)
        copy(tar, bundle(), BUNDLE, 0o644)
        # SAM CLI's runtime runs the function as this user when there is one.
        users = "root:x:0:0::/:/bin/sh\nsbx_user1051:x:993:990::/tmp:/bin/sh\n"
        add(tar, "etc/passwd", content=users.encode())
        add(tar, "etc/nsswitch.conf", content=b"hosts: files dns\n")


def libraries(program: pathlib.Path) -> set[pathlib.Path]:
    """The shared libraries of a program, its loader aside; none of a static one."""
    told = subprocess.run(["ldd", program], capture_output=True, text=True, timeout=20).stdout
    if missing := re.findall(r"(\S+) => not found", told):
        raise Stop(f"{program} needs {', '.join(missing)}, which this machine does not have")
    return {pathlib.Path(path) for path in re.findall(r"=> (/\S+)", told)}


def bundle() -> pathlib.Path:
    for path in map(pathlib.Path, BUNDLES):
        if path.exists():
            return path
    raise Stop(f"there is no CA bundle at {' or '.join(BUNDLES)}; install the package ca-certificates")


def copy(tar: tarfile.TarFile, source: pathlib.Path, name: str, mode: int) -> None:
    add(tar, name, mode=mode, content=source.read_bytes())


def add(tar: tarfile.TarFile, name: str, kind=tarfile.REGTYPE, mode: int = 0o644, content: bytes = b"", link: str = "") -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.linkname, entry.size = kind, mode, link, len(content)
    tar.addfile(entry, io.BytesIO(content))
