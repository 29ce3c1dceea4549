"""Trackbed's contract checks."""
