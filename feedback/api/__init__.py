"""The API: JSON for other programs, over the same reading and writing as the pages, and an MCP server for assistants."""
