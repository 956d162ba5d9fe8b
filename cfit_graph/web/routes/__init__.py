"""HTTP only: each module is a router."""
