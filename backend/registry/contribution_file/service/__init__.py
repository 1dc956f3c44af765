"""Use cases of files, by stage: receive, stage, apply, repair; `read` shows them."""
