"""Writes every example page into a folder, with an index, for looking at: python tests/pages/contact_sheet.py FOLDER"""

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import segno
from flask import render_template
from page_app import around, asked, make_app
from page_examples import EXAMPLES

from portal.web.assets import build


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as cache:
        assets = build(Path(cache))
        shutil.copytree(assets.folder, folder / "static", dirs_exist_ok=True)
        app = make_app(assets)
        segno.make("otpauth://totp/Sparekey:aliceb?secret=JBSWY3DPEHPK3PXP&issuer=Sparekey").save(folder / "qr.svg")
        for example in EXAMPLES:
            with asked(app, **dict(example.posted)):
                html = render_template(example.template, **around(example.who), **example.context())
            (folder / f"{example.name}.html").write_text(html.replace('"/static/', '"static/'))
    links = "".join(f'<li><a href="{example.name}.html">{example.name}</a></li>' for example in EXAMPLES)
    (folder / "index.html").write_text(f"<!doctype html><title>Pages</title><h1>Pages</h1><ul>{links}</ul>")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
