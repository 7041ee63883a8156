"""Where things are in a checkout."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
STATE = ROOT / ".slipway"
BINARIES = STATE / "bin"
TEMPLATE = ROOT / "template.yaml"
EXAMPLES = ROOT / "examples"
