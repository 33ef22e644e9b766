"""Writes the bill of materials of one function, or of all: what is linked into it, with versions, licences and checksums, as CycloneDX.

python infra/sbom.py FILE [FUNCTION]

From `cargo metadata` and Cargo.lock, and for the architecture that ships; CycloneDX's own library holds it against the schema.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS = ("transaction-sync", "backlog-drain", "oauth-connect", "settings-page", "token-health")


def main() -> int:
    """Writes the file; 1 where what was written is not CycloneDX."""
    file, names = Path(sys.argv[1]), sys.argv[2:] or FUNCTIONS
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", "aarch64-unknown-linux-gnu"]
    told = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))
    checksums = {(package["name"], package["version"]): package.get("checksum") for package in lock["package"]}
    packages = {package["id"]: package for package in told["packages"]}
    links = {
        node["id"]: [dependency["pkg"] for dependency in node["deps"] if any(kind["kind"] is None for kind in dependency["dep_kinds"])]
        for node in told["resolve"]["nodes"]
    }
    bom = Bom()
    shipped = Component(name="miocommerce-quickbooks", type=ComponentType.APPLICATION)
    bom.metadata.component = shipped
    components = {}
    reach = [package["id"] for package in told["packages"] if package["name"] in names]
    roots = list(reach)
    while reach:
        found = reach.pop()
        if found not in components:
            components[found] = _component(packages[found], checksums)
            reach += links[found]
    for package, component in components.items():
        bom.components.add(component)
        bom.register_dependency(component, [components[linked] for linked in links[package]])
    bom.register_dependency(shipped, [components[root] for root in roots])
    written = JsonV1Dot6(bom).output_as_string(indent=1)
    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(written)
    if problem:
        print(problem)
        return 1
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(written, encoding="utf-8")
    print(f"{file}: {len(components)} crates, {sum('registry' in str(packages[one]['source']) for one in components)} of them other people's")
    return 0


def _component(package: dict, checksums: dict) -> Component:
    checksum = checksums.get((package["name"], package["version"]))
    return Component(
        name=package["name"],
        version=package["version"],
        type=ComponentType.LIBRARY,
        bom_ref=package["id"],
        purl=PackageURL("cargo", name=package["name"], version=package["version"]),
        licenses=[LicenseFactory().make_from_string(package["license"])] if package["license"] else [],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=checksum)] if checksum else [],
    )


if __name__ == "__main__":
    sys.exit(main())
