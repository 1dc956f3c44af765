"""SQL of facilities."""

from backend.kernel.db import Query
from backend.registry.facility.model import Facility, Owned

ADD = Query[Facility](
    """
    INSERT INTO registry.facility (
        facility_id, organisation_id, name, region, address, licence_address, latitude, longitude,
        photo_outside, photo_inside, accounting_186, design_capacity, production, digitised_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7::float8::numeric, $8::float8::numeric, $9, $10, $11, $12, $13, $14)
    RETURNING facility_id, organisation_id, name, region, address, licence_address,
              latitude::float8, longitude::float8, design_capacity, production, digitised_at,
              qr_obtained_at, closed_on
    """
)
ALREADY_THERE = "facility_organisation_id_name_address_key"
OF_ORGANISATION = Query[Facility](
    """
    SELECT facility_id, organisation_id, name, region, address, licence_address,
           latitude::float8, longitude::float8, design_capacity, production, digitised_at,
           qr_obtained_at, closed_on
      FROM registry.facility
     WHERE organisation_id = $1 AND ($2::uuid IS NULL OR facility_id > $2)
     ORDER BY facility_id
     LIMIT $3
    """
)
FIND = Query[Facility](
    """
    SELECT facility_id, organisation_id, name, region, address, licence_address,
           latitude::float8, longitude::float8, design_capacity, production, digitised_at,
           qr_obtained_at, closed_on
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
           latitude::float8, longitude::float8, design_capacity, production, digitised_at,
           qr_obtained_at, closed_on
      FROM registry.facility
     WHERE facility_id = $1 AND organisation_id = $2
       FOR UPDATE
    """
)
CLOSE = Query[None]("UPDATE registry.facility SET closed_on = $2 WHERE facility_id = $1")
