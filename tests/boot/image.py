"""The machine image: Debian with cloud-init, as an image of EC2 is before its first boot.

It is built from Debian's packages, through the mirror that this machine uses, and kept outside of the repository.
Beside it stand the packages that a script may ask for, as an apt repository in a folder: a boot needs no network.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

PROGRAMS = {"mmdebstrap": "mmdebstrap", "systemd-nspawn": "systemd-container", "ip": "iproute2", "openssl": "openssl"}
"""What must be there to build and to boot, each with the package of Debian that brings it."""

_SYSTEM = (
    *("ca-certificates", "cloud-init", "curl", "dbus", "iproute2", "libpam-systemd"),
    *("netbase", "procps", "python3", "sudo", "systemd-sysv", "udev"),
)
# What fresh machines install, with all that it depends on.
_OFFERED = ("awscli", "supervisor", "unzip")
_REPOSITORY = "/var/local/packages"
_FILES = {
    # An image of EC2 knows where it runs, and its default user. The address is given from outside.
    "etc/cloud/cloud.cfg.d/95_ec2.cfg": """\
datasource_list: [Ec2]
datasource: {Ec2: {strict_id: false, timeout: 5, max_wait: 60}}
network: {config: disabled}
locale: C.UTF-8
apt: {preserve_sources_list: true}
system_info:
  default_user: {name: ubuntu, lock_passwd: true, groups: [adm, sudo], shell: /bin/bash}
""",
    "etc/apt/sources.list": f"deb [trusted=yes] file:{_REPOSITORY} ./\n",
    # The disk of a machine that boots once need not survive a loss of power.
    "etc/dpkg/dpkg.cfg.d/unsafe-io": "force-unsafe-io\n",
    "etc/machine-id": "",  # systemd takes an empty one for a first boot
    "etc/resolv.conf": "",
}
# Run by mmdebstrap, with the root file system as $1, while there is still a way to the mirror. Without a DHCP client,
# cloud-init does not look for a server of DHCP, which is not there.
_DOWNLOAD = f"""\
set -e
chroot "$1" apt-get clean
chroot "$1" apt-get install --yes --quiet --download-only --no-install-recommends {" ".join(_OFFERED)}
mkdir -p "$1{_REPOSITORY}"
mv "$1"/var/cache/apt/archives/*.deb "$1{_REPOSITORY}"
rm "$1/usr/sbin/dhclient"
"""


def missing() -> list[str]:
    """The packages without which no image can be built or booted, sorted."""
    return sorted(package for program, package in PROGRAMS.items() if shutil.which(program) is None)


def image() -> Path:
    """The root file system, built where it is not there yet. Whoever boots it writes to a layer above."""
    folder = _cache() / _digest()
    if not folder.exists():
        _build(folder)
    return folder


def _cache() -> Path:
    """A folder apart from that of omegac's own memo, which thins out what it finds there."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "omegac-boot"


def _digest() -> str:
    """Names the recipe: another one makes another image."""
    recipe = json.dumps([_codename(), _SYSTEM, _DOWNLOAD, _FILES])
    return hashlib.sha256(recipe.encode()).hexdigest()[:12]


def _codename() -> str:
    pairs = (line.split("=", 1) for line in Path("/etc/os-release").read_text("utf-8").splitlines() if "=" in line)
    return dict(pairs)["VERSION_CODENAME"]


def _mirror() -> str:
    """The archive of Debian that apt uses on this machine."""
    asked = ("--format", "$(REPO_URI)", f"Codename: {_codename()}", "Component: main", "Created-By: Packages")
    found = subprocess.run(["apt-get", "indextargets", *asked], capture_output=True, text=True, check=True)
    return found.stdout.split()[0]


def _build(folder: Path) -> None:
    """Builds beside the place and moves, so that an image is whole or not there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    root = folder.with_name(f"{folder.name}.{os.getpid()}")
    try:
        options = ("--mode=root", "--variant=minbase", f"--include={','.join(_SYSTEM)}")
        hook = f"--customize-hook={_DOWNLOAD}"
        built = subprocess.run(
            ["mmdebstrap", *options, hook, _codename(), str(root), _mirror()],
            capture_output=True,
            text=True,
            check=False,
        )
        if built.returncode:
            raise RuntimeError(f"mmdebstrap failed:\n{built.stderr}")
        for name, text in _FILES.items():
            path = root / name
            path.unlink(missing_ok=True)
            path.write_text(text, encoding="utf-8")
        index = "\n".join(_entries(root / _REPOSITORY.lstrip("/")))
        (root / _REPOSITORY.lstrip("/") / "Packages").write_text(index, encoding="utf-8")
        root.rename(folder)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _entries(repository: Path) -> Iterator[str]:
    """The index of a repository: of each package its control fields, and where it lies (Debian's format)."""
    for package in sorted(repository.glob("*.deb")):
        fields = subprocess.run(["dpkg-deb", "--field", package], capture_output=True, text=True, check=True).stdout
        content = package.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        yield f"{fields}Filename: ./{package.name}\nSize: {len(content)}\nSHA256: {digest}\n"


if __name__ == "__main__":
    print(*missing())  # noqa: T201 (`make boot` installs what it prints)
