#!/usr/bin/env python
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit(
            "Django is not installed here. Run `make run`, or activate the virtual environment "
            "(`. .venv/bin/activate`) and run `pip install --no-deps -r requirements.lock`."
        ) from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
