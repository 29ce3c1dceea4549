"""What a run came to, told to people and to programs: on the terminal, and as files in the forms that CI and browsers know."""
