"""Trackbed's sandbox: parcel-tracking APIs on one local port, driven by their OpenAPI documents."""

__version__ = "0.1.0"
