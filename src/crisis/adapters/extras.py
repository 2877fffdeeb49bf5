"""What to type for the libraries of an extra, wherever this program came from."""

from __future__ import annotations

import re
import shlex
import sys

_OF_EXTRA = re.compile(r"""^([^;]+);.*\bextra\s*==\s*['"]([\w-]+)['"]""")


def installing(extra: str) -> str:
    """`/…/python -m pip install 'matplotlib>=3.10'`: into this installation, and nothing else.

    The libraries are named, and not this program: what is called so where packages come from may be another one.
    """
    from importlib.metadata import PackageNotFoundError, requires

    try:
        said = [_OF_EXTRA.match(one) for one in requires("crisis") or ()]
    except PackageNotFoundError:
        said = []
    libraries = [found[1].strip() for found in said if found and found[2] == extra]
    if not libraries:
        return f"install what pyproject.toml lists under the extra {extra}"
    return f"{shlex.quote(sys.executable or 'python3')} -m pip install {shlex.join(libraries)}"
