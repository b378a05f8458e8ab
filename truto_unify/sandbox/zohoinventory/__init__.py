"""The pretend Zoho Inventory organization."""
