"""The working pages (自查、检查、隐患、计划): plain HTML from the same application, quick on a phone."""
