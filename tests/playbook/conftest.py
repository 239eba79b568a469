"""The shipped playbook as text to break, and as values."""

from pathlib import Path

import pytest

from throughline.playbook import loader


@pytest.fixture
def shipped_text():
    return (Path(loader.__file__).parent / loader.SHIPPED).read_text(encoding="utf-8")


@pytest.fixture
def playbook():
    return loader.shipped()
