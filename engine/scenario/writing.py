"""Write a scenario as YAML that this program and any other YAML reader, 1.1 or 1.2, understand alike."""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

DECIMAL = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
WHOLE = re.compile(r"^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$")


class _Dumper(yaml.SafeDumper):
    """Block style, no aliases, and quotes around every text that some reader would take for something else."""

    def ignore_aliases(self, data: object) -> bool:
        """Never write an alias."""
        return True


# PyYAML quotes what YAML 1.1 would misread; these are what only YAML 1.2 would.
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", DECIMAL, list("-+.0123456789"))
_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", WHOLE, list("-+0123456789"))


def write_yaml(document: Mapping[str, object]) -> str:
    """Return a document of plain values as YAML: keys in their order, short lists in one line, UTF-8 as it is."""
    written: str = yaml.dump(
        dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None
    )
    return written
