-- A provider takes part voluntarily (M 2(4)): it may withdraw from the user agreement, and conclude it anew.
ALTER TABLE registry.organisation
    ADD COLUMN agreement_withdrawn_at timestamptz,
    ADD CONSTRAINT organisation_agreement_either
        CHECK (agreement_signed_at IS NULL OR agreement_withdrawn_at IS NULL);
GRANT SELECT (agreement_withdrawn_at) ON registry.organisation TO saqtau_allocation;
