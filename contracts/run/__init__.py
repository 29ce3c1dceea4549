"""A run of everything that is checked: who acts, in what order, how gently, and what it comes to. `course` is where to begin."""
