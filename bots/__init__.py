"""The doors. Each folder is one channel; a channel imports `core.channels` and `core.errors` and nothing else of ours."""
