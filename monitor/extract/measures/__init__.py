"""What states do: measures with the country that acts, stage and negation; ``read`` is the door."""
