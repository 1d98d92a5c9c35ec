"""What was observed: from releases to counts by month and province."""
