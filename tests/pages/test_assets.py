"""The static files: small, immutable, and whole whoever builds them."""

import gzip
import re
from concurrent.futures import ThreadPoolExecutor

import brotli
import pytest

from portal.web.assets import IMMUTABLE, build

NAMES = ["sparekey.css", "favicon.svg", "rules.js", "reveal.js"]


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    return build(tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize("name", NAMES)
def test_every_file_lies_beside_its_packed_forms(assets, name):
    path = assets.folder / assets.names[name]
    assert brotli.decompress(path.with_name(path.name + ".br").read_bytes()) == path.read_bytes()
    assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_the_address_tells_the_content_so_it_may_be_kept_for_ever(assets, name):
    assert re.match(IMMUTABLE, assets.url(name))


def test_a_file_that_does_not_exist_has_no_address(assets):
    with pytest.raises(KeyError):
        assets.url("modal.js")


def test_the_stylesheet_fetches_nothing(assets):
    css = (assets.folder / assets.names["sparekey.css"]).read_text()
    assert "url(" not in css and "@import" not in css and "sourceMappingURL" not in css


def test_what_a_first_visit_loads_besides_the_page_is_small(assets):
    packed = sum((assets.folder / (assets.names[name] + ".br")).stat().st_size for name in NAMES)
    assert packed < 20_000


def test_a_second_start_builds_nothing_anew(tmp_path):
    first = build(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in first.folder.iterdir()}
    assert build(tmp_path) == first
    assert {path: path.stat().st_mtime_ns for path in first.folder.iterdir()} == before


def test_processes_that_start_together_get_the_same_files_and_leave_no_rest(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        built = list(pool.map(build, [tmp_path] * 4))
    assert len({str(one.folder) for one in built}) == 1
    assert len(list(tmp_path.iterdir())) == 1
