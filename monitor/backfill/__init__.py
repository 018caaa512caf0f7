"""Routes to a source's past. Rules only: from a cursor and what came last to what is asked next; the job asks."""
