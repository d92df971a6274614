#!/usr/bin/python3
"""Every relative link and image of the Markdown pages leads to a file.

usage: links.py SOURCE_DIR
"""
import re
import sys
from pathlib import Path

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def main():
    source = Path(sys.argv[1])
    pages = [source / "README.md", *sorted((source / "share").rglob("*.md"))]
    n_links, broken = 0, []
    for page in pages:
        for target in LINK.findall(page.read_text()):
            if re.match(r"[a-z]+:", target):
                continue
            n_links += 1
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(source)}: {target} does not exist")
    print("\n".join(broken) or f"{n_links} links in {len(pages)} pages")
    return 1 if broken or n_links == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
