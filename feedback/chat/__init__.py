"""What is posted to channels of Slack and Microsoft Teams, and to which."""
