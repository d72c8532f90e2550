"""Files of reports: originals as downloads only, images as re-encoded previews."""
