"""S3: buckets with an owner and a region, their objects and settings, and uploads in parts; all in memory."""
