"""What a citizen's words say: pure, deterministic, bounded. `reading.read` is the one call per message; rules in sop.md §3, §4.

Word lists stand beside the code as .toml: cue words are data, the sentences for people live in `core/texts`.
"""
