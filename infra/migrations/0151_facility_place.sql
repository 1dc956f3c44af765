-- registry: facilities near a place are found by their latitude first.
CREATE INDEX facility_place ON registry.facility (latitude, longitude) WHERE production;
