"""Where prices come from. Nothing else in the package opens a socket."""
