"""`throughline worker`, connected to a store: run as `python -m tests.handoff.worker URL`.

The database is the one that `DATABASE_URL` names.
"""

import sys

import django


def main(url: str) -> None:
    django.setup()
    from tests.handoff.matrix import only_outside
    from tests.handoff.store import Store, objects_of
    from throughline.cli.commands.serving import worker
    from throughline.handoff import connected

    only_outside()
    connected.KNOWN = ((lambda: Store(url), objects_of),)
    worker.main(args=[])


if __name__ == "__main__":
    main(sys.argv[1])
