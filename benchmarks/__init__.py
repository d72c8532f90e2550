"""Speed and size, each next to a yardstick in the same run. By hand: `make bench`; results go to docs/performance.md."""
