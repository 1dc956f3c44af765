"""Daily files of the State Corporation: fetched or posted, read whole, weighed, applied; the repair queue."""
