"""SQL of facilities."""

from backend.kernel.db import Query
from backend.registry.facility.model import Facility, Nearby, Owned, Passport

ADD = Query[Facility](
    """
    INSERT INTO registry.facility (
        facility_id, organisation_id, name, region, address, licence_address, latitude, longitude,
        photo_outside, photo_inside, accounting_186, design_capacity, production, digitised_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7::float8::numeric, $8::float8::numeric, $9, $10, $11, $12, $13, $14)
    RETURNING facility_id, organisation_id, name, region, address, licence_address,
              latitude::float8, longitude::float8, design_capacity, production,
              encode(photo_outside, 'hex') AS photo_outside_sha256,
              encode(photo_inside, 'hex') AS photo_inside_sha256, digitised_at, qr_obtained_at,
              closed_on
    """
)
ALREADY_THERE = "facility_organisation_id_name_address_key"
OF_ORGANISATION = Query[Facility](
    """
    SELECT facility_id, organisation_id, name, region, address, licence_address,
           latitude::float8, longitude::float8, design_capacity, production,
           encode(photo_outside, 'hex') AS photo_outside_sha256,
           encode(photo_inside, 'hex') AS photo_inside_sha256, digitised_at, qr_obtained_at,
           closed_on
      FROM registry.facility
     WHERE organisation_id = $1 AND ($2::uuid IS NULL OR facility_id > $2)
     ORDER BY facility_id
     LIMIT $3
    """
)
FIND = Query[Facility](
    """
    SELECT facility_id, organisation_id, name, region, address, licence_address,
           latitude::float8, longitude::float8, design_capacity, production,
           encode(photo_outside, 'hex') AS photo_outside_sha256,
           encode(photo_inside, 'hex') AS photo_inside_sha256, digitised_at, qr_obtained_at,
           closed_on
      FROM registry.facility
     WHERE facility_id = $1
    """
)
OWNED = Query[Owned](
    """
    SELECT facility_id, organisation_id
      FROM unnest($1::uuid[], $2::uuid[]) AS asked (facility_id, organisation_id)
      JOIN registry.facility USING (facility_id, organisation_id)
    """
)
OWN_FOR_UPDATE = Query[Facility](
    """
    SELECT facility_id, organisation_id, name, region, address, licence_address,
           latitude::float8, longitude::float8, design_capacity, production,
           encode(photo_outside, 'hex') AS photo_outside_sha256,
           encode(photo_inside, 'hex') AS photo_inside_sha256, digitised_at, qr_obtained_at,
           closed_on
      FROM registry.facility
     WHERE facility_id = $1 AND organisation_id = $2
       FOR UPDATE
    """
)
CLOSE = Query[None]("UPDATE registry.facility SET closed_on = $2 WHERE facility_id = $1")
# $1, $2: the place; $3: today; $4: how many; $5, $6: how far to look, in degrees north and east. The
# distance is the great circle's (haversine, mean radius of the earth).
NEAR = Query[Nearby](
    """
    SELECT f.name, o.name AS executor, f.region, f.address, f.latitude::float8, f.longitude::float8,
           round(2 * 6371008.8 * asin(least(1, sqrt(
               sin(radians(f.latitude::float8 - $1) / 2) ^ 2
               + cos(radians($1)) * cos(radians(f.latitude::float8))
                 * sin(radians(f.longitude::float8 - $2) / 2) ^ 2))))::integer AS distance_m
      FROM registry.facility f
      JOIN registry.organisation o ON o.organisation_id = f.organisation_id
     WHERE f.production AND o.kind = 'EXECUTOR' AND o.status = 'OPEN'
       AND (f.closed_on IS NULL OR f.closed_on > $3)
       AND f.latitude BETWEEN ($1::float8 - $5::float8)::numeric AND ($1::float8 + $5::float8)::numeric
       AND f.longitude BETWEEN ($2::float8 - $6::float8)::numeric AND ($2::float8 + $6::float8)::numeric
     ORDER BY distance_m, f.facility_id
     LIMIT $4
    """
)
PASSPORT = Query[Passport](
    """
    SELECT name, region, address, licence_address, latitude::float8, longitude::float8,
           encode(photo_outside, 'hex') AS photo_outside_sha256,
           encode(photo_inside, 'hex') AS photo_inside_sha256, accounting_186, design_capacity,
           production
      FROM registry.facility
     WHERE facility_id = $1
    """
)
CHANGE = Query[None](
    """
    UPDATE registry.facility
       SET name = $2, region = $3, address = $4, licence_address = $5,
           latitude = $6::float8::numeric, longitude = $7::float8::numeric, photo_outside = $8,
           photo_inside = $9, accounting_186 = $10, design_capacity = $11, production = $12
     WHERE facility_id = $1
    """
)
ADD_CHANGE = Query[None](
    """
    INSERT INTO registry.facility_change (
        change_id, facility_id, changed_on, entered_at, before, after
    )
    VALUES ($1, $2, $3, $4, $5, $6)
    """
)
