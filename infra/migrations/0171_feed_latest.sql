-- When each feed delivered last (M 24): asked every minute, so found without reading the batches.
CREATE INDEX feed_batch_latest ON registry.feed_batch (feed, received_at);
