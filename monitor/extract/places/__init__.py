"""Countries with the roles that they play, and the towns and peoples that stand for them; ``read`` is the door."""
