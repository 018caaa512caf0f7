"""config/ read once into one frozen `Settings`; unknown keys refused, every problem told by file, key and line."""
