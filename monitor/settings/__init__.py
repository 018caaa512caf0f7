"""config/ read once into one frozen `Settings`; unknown keys refused, every problem told with its file, key and line."""
