"""What has to hold in every life."""
