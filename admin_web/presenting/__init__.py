"""From codes and instants to what an official reads."""
