"""Drafts of strangers, judged each in a process of its own."""
