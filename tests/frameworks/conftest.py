"""The scripts with_*.py import frameworks, which not everyone has."""

collect_ignore_glob = ["with_*.py"]
