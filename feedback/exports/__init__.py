"""Everything of an organisation, as files that its owner can keep, read in a spreadsheet, and import again."""
